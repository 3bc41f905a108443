// Puts records and objects, one call after the other, whatever happens to the twin, and appends what was acknowledged to
// a file. What was not is put again, as every producer does. Ends at SIGTERM.
//   writer.ts HOME STREAM BUCKET FILE
import { appendFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { readTwinFile } from "../../local/twin-file";
import { record } from "../harness/envelope";
import { contentOf, objectSizes } from "./objects";

const perCall = 100;
const keys = 50;
/** An object after so many calls. */
const objectEvery = 20;

interface Clients {
    readonly token: string;
    readonly kinesis: KinesisClient;
    readonly s3: S3Client;
}

/** What the record says is where it stands among those of its key. */
export interface Item {
    readonly id: string;
    readonly key: string;
    readonly number: number;
}

function clientsOf(home: string, before: Clients | undefined): Clients | undefined {
    const file = readTwinFile(home);
    if (file === undefined) return undefined;
    if (file.token === before?.token) return before;
    before?.kinesis.destroy();
    before?.s3.destroy();
    const configuration = {
        endpoint: file.address,
        region: "eu-central-1",
        maxAttempts: 1,
        credentials: { accessKeyId: file.token, secretAccessKey: file.token },
    };
    return {
        token: file.token,
        kinesis: new KinesisClient(configuration),
        s3: new S3Client({ ...configuration, forcePathStyle: true }),
    };
}

function batch(call: number): readonly Item[] {
    return Array.from({ length: perCall }, (_, at) => {
        const count = call * perCall + at;
        return { id: `item-${count}`, key: `key-${count % keys}`, number: Math.floor(count / keys) };
    });
}

async function write(home: string, stream: string, bucket: string, file: string): Promise<void> {
    let clients: Clients | undefined;
    let ending = false;
    process.once("SIGTERM", () => {
        ending = true;
    });
    for (let call = 0; !ending; ) {
        clients = clientsOf(home, clients);
        if (clients === undefined) {
            await wait(5);
            continue;
        }
        try {
            const items = batch(call);
            const input = {
                StreamName: stream,
                Records: items.map((item) => ({ PartitionKey: item.key, Data: record(item) })),
            };
            const { FailedRecordCount } = await clients.kinesis.send(new PutRecordsCommand(input));
            if (FailedRecordCount !== 0) throw new Error("Some records were refused.");
            appendFileSync(file, items.map(({ id }) => `record ${id}\n`).join(""));
            if (call % objectEvery === 0) {
                const Key = `object-${call}`;
                const Body = contentOf(Key, objectSizes[call % (2 * objectEvery) === 0 ? "small" : "large"]);
                await clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
                appendFileSync(file, `object ${Key} ${Body.length}\n`);
            }
            call++;
        } catch {
            // The twin is away. What was not acknowledged is put again, in its place.
            await wait(5);
        }
    }
}

const [home = "", stream = "", bucket = "", file = ""] = process.argv.slice(2);
void write(home, stream, bucket, file).then(() => process.exit(0));
