import type { DataSet, Example } from "./data-set";
import { nearDuplicates } from "./near-duplicates";
import { type DataProblems, lineProblem } from "./problems";
import type { LabelledRecord } from "./read";
import { placeOf, type UniqueRecord, uniqueRecords } from "./unique";

/** Share of the records by which a model is judged, where no test set is given. */
export const TEST_SHARE = 0.2;

export interface MakeOptions {
    /** Examples that a label needs to be learnt: 1 or more. @default 2 */
    readonly minimum?: number;
    /** Records of whose text cleaning left nothing. */
    readonly emptied: number;
}

/**
 * Makes a data set of records. Those of the test set are the given ones, else decided by a hash of the id alone, so that
 * a record stays where it is whatever else is added. What is to be learnt from loses the near-duplicates of the test set.
 * The same records give the same data set, in whatever order they come.
 */
export function makeDataSet(
    read: readonly LabelledRecord[],
    given: readonly LabelledRecord[] | undefined,
    problems: DataProblems,
    { minimum = 2, emptied }: MakeOptions,
): DataSet {
    const own = uniqueRecords(read, problems);
    const tests = given === undefined ? undefined : uniqueRecords(given, problems);
    if (given !== undefined) checkSharedIds(read, given, problems);
    const isTest = (record: UniqueRecord) => placeOf(record.id) < TEST_SHARE;
    const test = tests?.records ?? own.records.filter(isTest);
    const learnt = tests === undefined ? own.records.filter((record) => !isTest(record)) : own.records;

    const all = [...test, ...learnt];
    const clusters = nearDuplicates(all.map(({ text }) => text));
    const grouped = all.map((record, at) => ({ ...record, group: all[clusters[at] ?? at]?.id ?? record.id }));
    const [groupedTest, groupedLearnt] = [grouped.slice(0, test.length), grouped.slice(test.length)];
    // The first of a cluster stands for it, and the test set comes first.
    const apart = groupedLearnt.filter((_, at) => (clusters[test.length + at] ?? 0) >= test.length);

    const counts = labelCounts(apart);
    const names = new Set([...learnt, ...(tests === undefined ? test : [])].map(({ category }) => category));
    const rareLabels = Object.fromEntries(
        [...names]
            .sort()
            .map((name): [string, number] => [name, counts.get(name) ?? 0])
            .filter(([, count]) => count < minimum),
    );
    const isKept = ({ category }: Example) => !Object.hasOwn(rareLabels, category);
    const train = apart.filter(isKept);
    const judged = tests === undefined ? groupedTest.filter(isKept) : groupedTest;
    const [trainCounts, testCounts] = [labelCounts(train), labelCounts(judged)];
    const groups = Map.groupBy(train, ({ group }) => group);
    return {
        train,
        test: judged,
        account: {
            read: { train: read.length, test: given?.length ?? 0 },
            dropped: {
                emptied,
                duplicates: own.duplicates + (tests?.duplicates ?? 0),
                conflicting: own.conflicting + (tests?.conflicting ?? 0),
                nearTest: groupedLearnt.length - apart.length,
                rare: apart.length - train.length + groupedTest.length - judged.length,
            },
            rareLabels,
            contradictoryTexts: own.contradictoryTexts + (tests?.contradictoryTexts ?? 0),
            labels: Object.fromEntries(
                [...new Set([...trainCounts.keys(), ...testCounts.keys()])]
                    .sort()
                    .map((name) => [name, { train: trainCounts.get(name) ?? 0, test: testCounts.get(name) ?? 0 }]),
            ),
            unknownLabels: [...testCounts.keys()].filter((name) => !trainCounts.has(name)).sort(),
            testSet: tests === undefined ? "split" : "given",
            grouped: [...groups.values()]
                .filter(({ length }) => length > 1)
                .reduce((sum, { length }) => sum + length, 0),
        },
    };
}

/** An id of the test set that another text to learn from has: row numbers of two files, for example. */
function checkSharedIds(
    read: readonly LabelledRecord[],
    given: readonly LabelledRecord[],
    problems: DataProblems,
): void {
    const tested = new Map<string, LabelledRecord>();
    for (const record of given) if (record.id !== undefined) tested.set(record.id, record);
    for (const record of read) {
        const other = record.id === undefined ? undefined : tested.get(record.id);
        if (other === undefined || other.text === record.text) continue;
        const whose = "--id COLUMN names another column, --no-id none";
        problems.add(
            record.source,
            lineProblem(`the same id as another text of the test set has; ${whose}`, record.line),
        );
        problems.add(other.source, lineProblem(`the same id as another text to learn from has; ${whose}`, other.line));
    }
}

function labelCounts(records: readonly { readonly category: string }[]): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { category } of records) counts.set(category, (counts.get(category) ?? 0) + 1);
    return counts;
}
