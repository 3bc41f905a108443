import * as aws from "@pulumi/aws";
import { EventStream, RecordIndex } from "sortline";
import { z } from "zod";

const Item = z.object({ id: z.string(), key: z.string(), number: z.number() });
const options = { schema: Item, shards: 2, partitionBy: (item: { key: string }) => item.key };

export const input = new EventStream("input", options);
export const output = new EventStream("output", options);
const index = new RecordIndex<z.infer<typeof Item>>("index");
input.stage("forward", { into: output, batch: { size: 500 } }, async (item) => item);
output.stage("keep", { batch: { size: 500 } }, async (item) => {
    // One in ten: what is looked up by id is a mail, not each of a thousand readings a second.
    if (item.number % 10 === 0) await index.put(item);
});

const bucket = new aws.s3.Bucket("objects", { forceDestroy: true });
export const objects = bucket.bucket;
export const table = index.tableName;
