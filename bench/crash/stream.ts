import type { Connection } from "../../automation/connection";
import { recordsBetween } from "../../automation/stream-records";

/** The data of all records of a stream, shard by shard, in their order. */
export async function* dataOf<Data>({ clients }: Connection, stream: string): AsyncGenerator<Data> {
    const soon = new Date(Date.now() + 60_000);
    for await (const page of recordsBetween(clients.kinesis, stream, new Date(0), soon)) {
        for (const { data } of page) yield (JSON.parse(Buffer.from(data).toString("utf8")) as { data: Data }).data;
    }
}
