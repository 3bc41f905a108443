import { createHash } from "node:crypto";
import { type DataProblems, lineProblem } from "./problems";
import type { LabelledRecord } from "./read";

/** A record that has its text for itself. */
export interface UniqueRecord {
    readonly id: string;
    readonly text: string;
    readonly category: string;
}

export interface UniqueRecords {
    readonly records: readonly UniqueRecord[];
    readonly duplicates: number;
    readonly conflicting: number;
    readonly contradictoryTexts: number;
}

/**
 * Makes one record of those with the same text: with the label that most of them have, and the id whose hash is lowest,
 * so that neither order nor later additions take a text out of the test set. A text whose labels tie is left out.
 * The same id for several texts is a problem. Sorted by id.
 */
export function uniqueRecords(read: readonly LabelledRecord[], problems: DataProblems): UniqueRecords {
    const byText = Map.groupBy(read, ({ text }) => text);
    const byId = new Map<string, LabelledRecord>();
    const records: UniqueRecord[] = [];
    let duplicates = 0;
    let conflicting = 0;
    let contradictoryTexts = 0;
    for (const [text, same] of byText) {
        for (const record of same) {
            if (record.id === undefined) continue;
            const other = byId.get(record.id);
            if (other === undefined) byId.set(record.id, record);
            else if (other.text !== text) {
                for (const { source, line } of [other, record]) {
                    problems.add(
                        source,
                        lineProblem(
                            "the same id as another text has; --id COLUMN names another column, --no-id none",
                            line,
                        ),
                    );
                }
            }
        }
        const labels = new Map<string, number>();
        for (const { category } of same) labels.set(category, (labels.get(category) ?? 0) + 1);
        if (labels.size > 1) contradictoryTexts++;
        const category = most(labels);
        if (category === undefined) {
            conflicting += same.length;
            continue;
        }
        duplicates += same.length - 1;
        records.push({ id: lowest(same.map(({ id }) => id ?? textId(text))), text, category });
    }
    records.sort((a, b) => (a.id < b.id ? -1 : 1));
    return { records, duplicates, conflicting, contradictoryTexts };
}

/** The id of a record that has none of its own: the first 16 hex digits of the SHA-256 of its text. */
export function textId(text: string): string {
    return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** Where an id falls between 0 and 1, for ever. */
export function placeOf(id: string): number {
    return createHash("sha256").update(id).digest().readUInt32BE(0) / 2 ** 32;
}

function lowest(ids: readonly string[]): string {
    const [first = "", ...others] = new Set(ids);
    if (others.length === 0) return first;
    return others.reduce((low, id) => {
        const [a, b] = [placeOf(id), placeOf(low)];
        return a < b || (a === b && id < low) ? id : low;
    }, first);
}

/** The label with the most records; undefined where two have as many. */
function most(labels: ReadonlyMap<string, number>): string | undefined {
    const [first, second] = [...labels].sort(([, a], [, b]) => b - a);
    return first !== undefined && first[1] !== second?.[1] ? first[0] : undefined;
}
