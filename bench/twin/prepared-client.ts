// A client of Kinesis services over HTTP/1.1 whose requests are made before the clock starts: an SDK's client takes
// longer to make one than either service takes to serve it, and would be what is measured.
//   prepared-client.ts SERVER(JSON) STREAM RECORDS
// Prints the records a second.
import { randomBytes } from "node:crypto";
import { Agent, request } from "node:http";
import type { Address } from "./server";

const perCall = 500;
const bytes = 1024;
const callers = 4;
/** Different requests, so that not every call has the same keys. */
const prepared = 20;

function bodyOf(StreamName: string): Buffer {
    const Records = Array.from({ length: perCall }, () => ({
        PartitionKey: randomBytes(8).toString("hex"),
        Data: randomBytes(bytes).toString("base64"),
    }));
    return Buffer.from(JSON.stringify({ StreamName, Records }), "utf8");
}

function send({ endpoint, accessKeyId }: Address, agent: Agent, body: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
        const call = request(endpoint, {
            method: "POST",
            agent,
            headers: {
                "content-type": "application/x-amz-json-1.1",
                "content-length": body.length,
                "x-amz-target": "Kinesis_20131202.PutRecords",
                "x-amz-date": "20261126T000000Z",
                // Neither service computes the signature again.
                authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261126/eu-central-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=${"0".repeat(64)}`,
            },
        });
        call.once("error", reject);
        call.once("response", (response) => {
            let answer = "";
            response.on("data", (chunk) => {
                answer += String(chunk);
            });
            response.once("end", () => {
                const refused = (JSON.parse(answer) as { FailedRecordCount?: number }).FailedRecordCount;
                if (response.statusCode === 200 && refused === 0) resolve();
                else reject(new Error(`The answer was ${response.statusCode}: ${answer.slice(0, 200)}`));
            });
        });
        call.end(body);
    });
}

async function main(): Promise<void> {
    const [address = "", stream = "", records = ""] = process.argv.slice(2);
    const server = JSON.parse(address) as Address;
    const agent = new Agent({ keepAlive: true, maxSockets: callers });
    const bodies = Array.from({ length: prepared }, () => bodyOf(stream));
    let left = Number(records) / perCall;
    const caller = async () => {
        for (; left > 0; ) {
            left--;
            await send(server, agent, bodies[left % prepared] ?? bodyOf(stream));
        }
    };
    const began = performance.now();
    await Promise.all(Array.from({ length: callers }, caller));
    process.stdout.write(`${JSON.stringify([(Number(records) / (performance.now() - began)) * 1000])}\n`);
    agent.destroy();
}

void main();
