import { badInput } from "../exit";
import { printable } from "../terminal";
import type { DataSet } from "./data-set";
import { makeDataSet } from "./make";
import { dataProblems } from "./problems";
import { type LabelledRecord, type ReadOptions, type ReadSource, readSource } from "./read";
import type { DataSource } from "./source";

export interface PrepareOptions extends ReadOptions {
    /** Examples that a label needs to be learnt: 1 or more. @default 2 */
    readonly minimum?: number;
}

/** A data set with what was recognised of the files that it comes from. */
export interface PreparedData extends DataSet {
    readonly sources: readonly ReadSource[];
}

/**
 * Reads labelled records and makes a data set of them.
 * @param test sources of the test set; undefined for a split by the hash of the ids.
 * @throws CommandError exit code 2 with all that is wrong with the files, by line; or where too little is left of them
 * for a model to be taught and judged.
 */
export async function prepareData(
    data: readonly DataSource[],
    test: readonly DataSource[] | undefined,
    options: PrepareOptions,
): Promise<PreparedData> {
    const problems = dataProblems();
    const sources: ReadSource[] = [];
    const readAll = async (given: readonly DataSource[]): Promise<LabelledRecord[]> => {
        const records: LabelledRecord[] = [];
        for (const source of given) {
            const found = await readSource(source, options, problems, (record) => records.push(record));
            if (found !== undefined) sources.push(found);
        }
        return records;
    };
    const learnt = await readAll(data);
    const judged = test === undefined ? undefined : await readAll(test);
    problems.done();
    const emptied = sources.reduce((sum, source) => sum + source.emptied, 0);
    const dataSet = makeDataSet(learnt, judged, problems, { minimum: options.minimum, emptied });
    problems.done();
    return { ...dataSet, sources };
}

/**
 * Checks that a data set can teach something and tell how well.
 * @param name of the data, for the message.
 * @throws CommandError exit code 2 for fewer than two labels or an empty test set.
 */
export function checkTrainable(name: string, { test, account }: DataSet, minimum = 2): void {
    const learnt = Object.entries(account.labels).filter(([, { train }]) => train > 0);
    const problems: string[] = [];
    if (learnt.length < 2) {
        const found = learnt.length === 0 ? "no label" : `one label (${learnt.map(([label]) => label).join("")})`;
        const rare = Object.keys(account.rareLabels);
        const left =
            rare.length === 0
                ? ""
                : ` ${listed(rare)} ${rare.length === 1 ? "has" : "have"} fewer than ${minimum} examples to learn from.`;
        problems.push(`${name} has ${found} to learn: a classifier needs at least two to tell apart.${left}`);
    }
    if (test.length === 0) {
        problems.push(
            account.testSet === "given"
                ? "The test set has no example."
                : `${name} has too few examples: none fell into the fifth by which the model would be judged. Add some, or give examples to judge by: --test FILE`,
        );
    }
    if (problems.length > 0) throw badInput(printable(problems.join(" ")));
}

/** The first ten, and how many more there are. */
export function listed(names: readonly string[]): string {
    const more = names.length > 10 ? ` and ${names.length - 10} more` : "";
    return `${names.slice(0, 10).join(", ")}${more}`;
}
