import { createHash } from "node:crypto";
import { paginateScan } from "@aws-sdk/client-dynamodb";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import type { Connection } from "../../automation/connection";
import { recordsBetween } from "../../automation/stream-records";
import type { Item } from "./writer";

/** What is wrong after all crashes: nothing, where the twin keeps its word. */
export interface Findings {
    /** Acknowledged records and objects that are not there, and results that are missing. */
    readonly lost: number;
    /** Results that are there more than once, or that nobody asked for. */
    readonly duplicated: number;
    /** Records that come before an earlier one of their key, in either stream. */
    readonly reordered: number;
    /** Records that a stage wrote again, as "at least once" lets it. */
    readonly repeated: number;
    readonly acknowledged: number;
}

export interface Places {
    readonly input: string;
    readonly output: string;
    readonly objects: string;
    readonly table: string;
}

/** Compares what a client was told with what is there. */
export async function examine(connection: Connection, places: Places, log: readonly string[]): Promise<Findings> {
    const told = log.map((line) => line.split(" "));
    const records = told.filter(([kind]) => kind === "record").map(([, id = ""]) => id);
    const objects = told.filter(([kind]) => kind === "object").map(([, key = "", size]) => ({ key, size }));
    const input = await read(connection, places.input);
    const output = await read(connection, places.output);
    const results = await rows(connection, places.table);
    const kept = new Set(results);
    const missing = [
        ...records.filter((id) => !input.items.has(id)),
        ...[...input.items.keys()].filter((id) => !output.items.has(id)),
        ...[...input.items.values()].filter((item) => isKept(item) && !kept.has(item.id)),
    ];
    const gone = await Promise.all(objects.map((object) => isMissing(connection, places.objects, object)));
    return {
        lost: missing.length + gone.filter(Boolean).length,
        duplicated: results.length - new Set(results.filter((id) => input.items.has(id))).size,
        reordered: input.reordered + output.reordered,
        repeated: output.count - output.items.size,
        acknowledged: records.length + objects.length,
    };
}

/** As the program has it. */
function isKept({ number }: Item): boolean {
    return number % 10 === 0;
}

/** A stream's items by id, in the order in which each came first. */
async function read({ clients }: Connection, stream: string) {
    const items = new Map<string, Item>();
    const highest = new Map<string, number>();
    let count = 0;
    let reordered = 0;
    const soon = new Date(Date.now() + 60_000);
    for await (const page of recordsBetween(clients.kinesis, stream, new Date(0), soon)) {
        for (const { data } of page) {
            count++;
            const item = (JSON.parse(Buffer.from(data).toString("utf8")) as { data: Item }).data;
            if (items.has(item.id)) continue;
            items.set(item.id, item);
            const before = highest.get(item.key) ?? -1;
            if (item.number < before) reordered++;
            highest.set(item.key, Math.max(before, item.number));
        }
    }
    return { items, count, reordered };
}

async function rows({ clients }: Connection, TableName: string): Promise<string[]> {
    const found: string[] = [];
    for await (const page of paginateScan({ client: clients.dynamodb }, { TableName })) {
        found.push(...(page.Items ?? []).flatMap(({ id }) => id?.S ?? []));
    }
    return found;
}

async function isMissing(
    { clients }: Connection,
    Bucket: string,
    { key, size }: { key: string; size: string | undefined },
): Promise<boolean> {
    const call = key.slice("object-".length);
    try {
        const { ContentLength, ETag } = await clients.s3.send(new HeadObjectCommand({ Bucket, Key: key }));
        const expected = createHash("md5")
            .update(Buffer.alloc(Number(size), `${call} `))
            .digest("hex");
        return String(ContentLength) !== size || ETag !== `"${expected}"`;
    } catch {
        return true;
    }
}
