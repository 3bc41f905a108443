import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { Connection } from "../../automation/connection";
import { contentOf, objectSizes } from "./objects";
import { readResults } from "./results";
import { dataOf } from "./stream";
import type { Item } from "./writer";

/** What is wrong after all crashes: nothing, where the twin keeps its word. */
export interface Findings {
    /** Acknowledged records and objects, and results, that are not there or are not what they were. */
    readonly lost: number;
    /** Results that were written with effect more than once, or that nobody asked for. */
    readonly duplicated: number;
    /** Records that come before an earlier one of their key, in either stream. */
    readonly reordered: number;
    /** Records that a stage wrote again, as "at least once" lets it. */
    readonly repeated: number;
    /** Records and objects. */
    readonly acknowledged: number;
    /** Acknowledged objects that are kept in a row, and in a file. */
    readonly objects: { readonly small: number; readonly large: number };
}

export interface Places {
    readonly input: string;
    readonly output: string;
    readonly kept: string;
    readonly objects: string;
    readonly table: string;
}

/** Compares what a client was told with what is there. */
export async function examine(connection: Connection, places: Places, log: readonly string[]): Promise<Findings> {
    const told = log.map((line) => line.split(" "));
    const records = told.filter(([kind]) => kind === "record").map(([, id = ""]) => id);
    const objects = told
        .filter(([kind]) => kind === "object")
        .map(([, key = "", size]) => ({ key, size: Number(size) }));
    const input = await read(connection, places.input);
    const output = await read(connection, places.output);
    const { rows, attempts } = await readResults(connection, places.table, places.kept);
    const wanted = [...input.items.values()].filter(isKept);
    const missing = [
        ...records.filter((id) => !input.items.has(id)),
        ...[...input.items.values()].filter((item) => !isSame(output.items.get(item.id), item)),
        ...wanted.filter((item) => !isSame(rows.get(item.id), item)),
    ];
    const gone = await Promise.all(objects.map((object) => isMissing(connection, places.objects, object)));
    const ids = new Set(wanted.map(({ id }) => id));
    const again = [...attempts.values()].map(({ size }) => Math.max(0, size - 1));
    const ofSize = (size: number) => objects.filter((object) => object.size === size).length;
    return {
        lost: missing.length + gone.filter(Boolean).length,
        duplicated:
            again.reduce((sum, count) => sum + count, 0) + [...attempts.keys()].filter((id) => !ids.has(id)).length,
        reordered: input.reordered + output.reordered,
        repeated: output.count - output.items.size,
        acknowledged: records.length + objects.length,
        objects: { small: ofSize(objectSizes.small), large: ofSize(objectSizes.large) },
    };
}

/** As the program has it. */
function isKept({ number }: Item): boolean {
    return number % 10 === 0;
}

function isSame(found: Item | undefined, { key, number }: Item): boolean {
    return found?.key === key && found.number === number;
}

/** A stream's items by id, in the order in which each came first. */
async function read(connection: Connection, stream: string) {
    const items = new Map<string, Item>();
    const highest = new Map<string, number>();
    let count = 0;
    let reordered = 0;
    for await (const item of dataOf<Item>(connection, stream)) {
        count++;
        if (items.has(item.id)) continue;
        items.set(item.id, item);
        const before = highest.get(item.key) ?? -1;
        if (item.number < before) reordered++;
        highest.set(item.key, Math.max(before, item.number));
    }
    return { items, count, reordered };
}

/** Whether an object cannot be read as it was put. */
async function isMissing(
    { clients }: Connection,
    Bucket: string,
    { key, size }: { readonly key: string; readonly size: number },
): Promise<boolean> {
    try {
        const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket, Key: key }));
        const content = await Body?.transformToByteArray();
        return content === undefined || !contentOf(key, size).equals(content);
    } catch {
        return true;
    }
}
