import * as aws from "@pulumi/aws";
import { EventStream, RecordIndex } from "sortline";
import { z } from "zod";

const Item = z.object({ id: z.string(), key: z.string(), number: z.number() });
const options = { schema: Item, shards: 2, partitionBy: (item: { key: string }) => item.key };

/** A result as the stage that keeps it finds it before and after it writes: whose attempt put it there. */
const Kept = z.object({ id: z.string(), before: z.string().optional(), after: z.string().optional() });

export const input = new EventStream("input", options);
export const output = new EventStream("output", options);
export const kept = new EventStream("kept", { schema: Kept });
const index = new RecordIndex<z.infer<typeof Item> & { attempt: string }>("index");
input.stage("forward", { into: output, batch: { size: 500 } }, async (item) => item);
output.stage("keep", { into: kept, batch: { size: 500 } }, async (item) => {
    // One in ten: what is looked up by id is a mail, not each of a thousand readings a second.
    if (item.number % 10 !== 0) return undefined;
    const before = await index.get(item.id);
    await index.put({ ...item, attempt: crypto.randomUUID() });
    const after = await index.get(item.id);
    return { id: item.id, before: before?.attempt, after: after?.attempt };
});

const bucket = new aws.s3.Bucket("objects", { forceDestroy: true });
export const objects = bucket.bucket;
export const table = index.tableName;
