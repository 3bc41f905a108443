import { KinesisClient } from "@aws-sdk/client-kinesis";
import type { ConsumerOptions } from "../../../components/runtime/consumer";
import { objectStore } from "../../../components/runtime/object-store";
import type { StreamRecord } from "../../../components/runtime/record-reader";
import { type StreamHandlerOptions, streamHandler } from "../../../components/runtime/stream-handler";
import { type WindowHandlerOptions, windowHandler } from "../../../components/runtime/window-handler";
import { type Answer, type AwsServer, awsServer, type Call, input } from "../aws-server";
import { type Endpoints, leadTo } from "./endpoints";

export const kind = { type: "letters", dataschema: "urn:sortline:letters:1" };
export const text = Object.assign((data: unknown) => typeof (data as { text?: unknown }).text === "string", {
    errors: [{ instancePath: "/text", message: "must be string" }],
});
export const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
export const parentId = "00f067aa0ba902b7";
export const context = { getRemainingTimeInMillis: () => 60_000 };

/** A record of the event, with data or with what else its envelope should have. */
export function record(id: string, data: unknown, others: object = {}): StreamRecord {
    const traceparent = `00-${traceId}-${parentId}-01`;
    const envelope = { specversion: "1.0", id, source: "/test", type: "letters", traceparent, data, ...others };
    return raw(id, JSON.stringify(envelope));
}

export function raw(id: string, bytes: string): StreamRecord {
    return {
        eventID: `shardId-0:${id}`,
        kinesis: { data: Buffer.from(bytes).toString("base64"), sequenceNumber: `seq-${id}` },
    };
}

type Answers = (call: Call) => Answer | Promise<Answer>;

/** A stage's handler between servers that stand for Kinesis and S3. Registers mocha's hooks for them. */
export function stageUnderTest() {
    let kinesis: AwsServer;
    let s3: AwsServer;
    let client: KinesisClient;
    let endpoints: Endpoints;
    const answers: { put: Answers; s3: Answers } = { put: takesAll, s3: () => ({}) };
    const objects = new Map<string, Buffer>();
    const printed: string[] = [];
    const metrics: Record<string, unknown>[] = [];
    const { info, warn, error } = console;
    const { write } = process.stdout;

    before(async () => {
        // Metrics go past the console; everything else is the reporter's.
        process.stdout.write = ((line: string, ...others: []) => {
            if (!line.startsWith('{"_aws"')) return write.call(process.stdout, line, ...others);
            metrics.push(JSON.parse(line));
            return true;
        }) as typeof write;
        for (const name of ["info", "warn", "error"] as const) {
            console[name] = (...values: unknown[]) => void printed.push(JSON.stringify(values));
        }
        kinesis = await awsServer("http2", (call) => answers.put(call));
        s3 = await awsServer("http1", (call) => answers.s3(call));
        endpoints = leadTo({ AWS_ENDPOINT_URL_S3: s3.address });
        client = new KinesisClient(kinesis.client);
    });
    after(async () => {
        Object.assign(console, { info, warn, error });
        process.stdout.write = write;
        endpoints.restore();
        client.destroy();
        await kinesis.close();
        await s3.close();
    });
    beforeEach(() => {
        for (const list of [kinesis.calls, s3.calls, printed, metrics]) list.length = 0;
        objects.clear();
        answers.put = takesAll;
        answers.s3 = (call) => {
            const path = decodeURIComponent(call.path.split("?")[0] ?? "");
            if (call.operation.startsWith("PUT")) {
                objects.set(path, call.body);
                return {};
            }
            const body = objects.get(path);
            return body === undefined ? { status: 404, body: "<Error><Code>NoSuchKey</Code></Error>" } : { body };
        };
    });

    const consumer = (): ConsumerOptions => ({
        pipeline: "test-dev",
        stage: "upper",
        source: "/test/upper",
        validate: text,
        into: { streamName: "out", bucket: "out-bucket", kind, validate: text },
        bucket: "failures",
        kinesis: () => client,
        store: objectStore(() => client.config),
    });

    return {
        /** How Kinesis and S3 answer: they take everything unless a test says otherwise. */
        answers,
        /** What S3 holds, by `/bucket/key`. */
        objects,
        printed,
        metrics,
        kinesisCalls: () => kinesis.calls,
        s3Calls: () => s3.calls,
        stage: (options: Partial<StreamHandlerOptions>) =>
            streamHandler({ ...consumer(), handle: { mode: "record", handler: (datum) => datum }, ...options }),
        windowStage: (options: Pick<WindowHandlerOptions, "fold" | "close" | "initial"> & Partial<ConsumerOptions>) =>
            windowHandler({ ...consumer(), ...options }),
        /** The records of all calls, those that were refused too. */
        put: () =>
            kinesis.calls.flatMap((call) =>
                (input(call).Records as { Data: string; PartitionKey: string }[]).map(({ Data, PartitionKey }) => ({
                    key: PartitionKey,
                    envelope: JSON.parse(Buffer.from(Data, "base64").toString()) as Record<string, unknown>,
                })),
            ),
        setAside: () =>
            [...objects]
                .filter(([path]) => path.startsWith("/failures/rejected/"))
                .map(([path, body]) => ({ path, body: JSON.parse(body.toString()) as Record<string, unknown> })),
    };
}

function takesAll(call: Call): Answer {
    return { body: { Records: (input(call).Records as unknown[]).map(() => ({})) } };
}
