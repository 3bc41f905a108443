import { existsSync, readFileSync } from "node:fs";
import type { CreateEventSourceMappingRequest } from "@aws-sdk/client-lambda";
import type { Pace } from "../../../local/aws/context";
import { account, region, root } from "../../../local/aws/service";
import {
    bundle,
    createRole,
    type Grant,
    type LambdaTwin,
    logsGrant,
    startLambdaTwin,
    temporaryFolder,
    until,
} from "./lambda-twin";

export const streamArn = (name: string) => `arn:aws:kinesis:${region}:${account}:stream/${name}`;
export const queueArn = (name: string) => `arn:aws:sqs:${region}:${account}:${name}`;

const grants: readonly Grant[] = [
    logsGrant,
    {
        Effect: "Allow",
        Action: ["kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream", "kinesis:ListShards"],
        Resource: "*",
    },
    { Effect: "Allow", Action: ["sqs:SendMessage", "s3:PutObject", "s3:ListBucket"], Resource: "*" },
];

export interface KinesisRecord {
    readonly eventID: string;
    readonly kinesis: {
        readonly sequenceNumber: string;
        readonly data: string;
        readonly partitionKey: string;
        readonly approximateArrivalTimestamp?: number;
    };
}

/** An event of a mapping; all but the records is there with a tumbling window only. */
export interface KinesisEvent {
    readonly Records: KinesisRecord[];
    readonly window?: { readonly start: string; readonly end: string };
    readonly state?: Readonly<Record<string, unknown>>;
    readonly shardId?: string;
    readonly eventSourceARN?: string;
    readonly isFinalInvokeForWindow?: boolean;
    readonly isWindowTerminatedEarly?: boolean;
}

/** What an on-failure destination is told. */
export interface FailureRecord {
    readonly requestContext: {
        readonly requestId: string;
        readonly condition: string;
        readonly approximateInvokeCount: number;
    };
    readonly responseContext?: { readonly functionError: string | null };
    readonly timestamp: string;
    readonly KinesisBatchInfo: Readonly<Record<string, string | number>>;
}

/** The records' data of each event, as one text. */
export function textsOf(events: KinesisRecord[][]): string[] {
    return events.map((records) =>
        records.map(({ kinesis }) => Buffer.from(kinesis.data, "base64").toString()).join(""),
    );
}

/** A twin on which each case gets a stream, a queue for what fails and a function of its own. */
export function createPipelines({ pace = "fast" }: { pace?: Pace } = {}) {
    let home: ReturnType<typeof temporaryFolder> | undefined;
    let twin: LambdaTwin;
    let role: string;
    let count = 0;

    const folder = () => home?.folder ?? "";

    /** A stream, and a function that appends each event to a file and answers as `answer` says. */
    async function pipeline(answer: string, mapping: Partial<CreateEventSourceMappingRequest> = {}) {
        const name = `case-${++count}`;
        const file = `${folder()}/${name}.log`;
        const source = `
            import { appendFileSync } from "node:fs";
            const text = (record) => Buffer.from(record.kinesis.data, "base64").toString();
            export const handler = async (event, context) => {
                appendFileSync(${JSON.stringify(file)}, JSON.stringify(event) + "\\n");
                ${answer}
            };`;
        const calls = (): KinesisEvent[] =>
            existsSync(file)
                ? readFileSync(file, "utf8")
                      .split("\n")
                      // A line that is still being written has no end.
                      .slice(0, -1)
                      .map((line) => JSON.parse(line) as KinesisEvent)
                : [];
        await twin.services.kinesis.operations.CreateStream({ StreamName: name, ShardCount: 1 }, root);
        await twin.services.sqs.operations.CreateQueue({ QueueName: name }, root);
        await twin.lambda.operations.CreateFunction(
            {
                FunctionName: name,
                Role: role,
                Runtime: "nodejs22.x",
                Handler: "index.handler",
                Code: { folder: bundle(folder(), source) },
            },
            root,
        );
        const created = await twin.lambda.operations.CreateEventSourceMapping(
            {
                FunctionName: name,
                EventSourceArn: streamArn(name),
                StartingPosition: "TRIM_HORIZON",
                DestinationConfig: { OnFailure: { Destination: queueArn(name) } },
                ...mapping,
            },
            root,
        );
        return {
            name,
            uuid: created.UUID ?? "",
            created,
            put: async (...data: string[]) => {
                const { Records } = await twin.services.kinesis.operations.PutRecords(
                    { StreamName: name, Records: data.map((d) => ({ PartitionKey: d, Data: Buffer.from(d) })) },
                    root,
                );
                return (Records ?? []).map(({ SequenceNumber }) => SequenceNumber ?? "");
            },
            /** All that the function was given, as a whole. */
            calls,
            /** The records of each event. */
            events: (): KinesisRecord[][] => calls().map(({ Records }) => Records),
            failure: async () => {
                const { QueueUrl } = await twin.services.sqs.operations.GetQueueUrl({ QueueName: name }, root);
                return until(async () => {
                    const { Messages } = await twin.services.sqs.operations.ReceiveMessage({ QueueUrl }, root);
                    const body = Messages?.[0]?.Body;
                    return body === undefined ? undefined : (JSON.parse(body) as FailureRecord);
                });
            },
            settled: () => until(() => twin.lambda.idle()),
        };
    }

    return {
        pipeline,
        folder,
        twin: () => twin,
        role: () => role,
        async start() {
            home = temporaryFolder();
            twin = await startLambdaTwin(home.folder, { pace });
            role = await createRole(twin, "reader", grants);
        },
        async restart() {
            await twin.close();
            twin = await startLambdaTwin(folder(), { pace });
        },
        /** Also after a `start` that was skipped. */
        async end() {
            if (home === undefined) return;
            await twin.close();
            home.remove();
        },
    };
}
