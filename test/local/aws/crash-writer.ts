// Writes objects, messages and records into a store, and reshards their stream, until it is killed; prints the name of each once it is accepted.

import { createClock } from "../../../local/aws/clock";
import { createCloudWatch } from "../../../local/aws/cloudwatch";
import type { TwinContext } from "../../../local/aws/context";
import { createFaults } from "../../../local/aws/faults";
import { createIam } from "../../../local/aws/iam";
import { createKinesis } from "../../../local/aws/kinesis";
import { createS3 } from "../../../local/aws/s3";
import { root } from "../../../local/aws/service";
import type { Services } from "../../../local/aws/services";
import { createSqs } from "../../../local/aws/sqs";
import { openStore } from "../../../local/aws/store";

async function write(folder: string): Promise<never> {
    const store = openStore(folder);
    const context: TwinContext = {
        store,
        clock: createClock(),
        pace: "fast",
        faults: createFaults(),
        iam: createIam(store),
        address: () => "http://127.0.0.1:0",
        services: () => ({ cloudwatch }) as Services,
        report: () => {},
    };
    const cloudwatch = createCloudWatch(context);
    const s3 = createS3(context);
    const sqs = createSqs(context);
    const kinesis = createKinesis(context);
    await kinesis.operations.CreateStream({ StreamName: "crash", ShardCount: 2 }, root);
    await s3.operations.CreateBucket({ Bucket: "crash" }, root);
    const { QueueUrl } = await sqs.operations.CreateQueue({ QueueName: "crash" }, root);
    for (let number = 0; ; number++) {
        const body = Buffer.alloc(number % 2 === 0 ? 100 : 300_000, `${number} `);
        const writes = [
            s3.operations
                .PutObject({ Bucket: "crash", Key: `object/${number}`, Body: body }, root)
                .then(() => `object/${number}`),
            // The same key again and again: each replaces the file of the one before.
            s3.operations
                .PutObject({ Bucket: "crash", Key: "object/latest", Body: body }, root)
                .then(() => "object/latest"),
            sqs.operations
                .SendMessage({ QueueUrl, MessageBody: `message/${number}` }, root)
                .then(() => `message/${number}`),
            kinesis.operations
                .PutRecord(
                    { StreamName: "crash", PartitionKey: `key-${number % 5}`, Data: Buffer.from(`record/${number}`) },
                    root,
                )
                .then(() => `record/${number}`),
            kinesis.operations
                .UpdateShardCount(
                    {
                        StreamName: "crash",
                        TargetShardCount: [3, 5, 4, 2][number % 4],
                        ScalingType: "UNIFORM_SCALING",
                    },
                    root,
                )
                .then(() => `scaled/${number}`),
        ];
        for (const name of await Promise.all(writes)) process.stdout.write(`${name}\n`);
    }
}

write(process.argv[2] ?? "");
