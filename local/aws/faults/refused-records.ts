import { createHash } from "node:crypto";
import type { Shard } from "@aws-sdk/client-kinesis";
import type { AwsRequest, AwsResponse } from "../service";
import { streamRate, throughputExceeded } from "./service-errors";

type Members = Readonly<Record<string, unknown>>;

export interface RefusedRecords {
    /** How likely each record is refused, above 0: what is put again, alone, gets through in the end. */
    readonly share: number;
    /** A number from 0 up to 1 for each record. */
    chance(index: number): number;
    readonly stream: string;
    /** The open shards of the stream. */
    shards(): Promise<readonly Shard[]>;
    handle(request: AwsRequest): Promise<AwsResponse>;
}

/** Answers PutRecords as a stream with a shard that is too busy: some records are refused, the others stored. */
export async function putRecordsInPart(request: AwsRequest, options: RefusedRecords): Promise<AwsResponse> {
    const members = membersOf(request.body.toString("utf8"));
    const records = listOf(members?.Records);
    if (members === undefined || records.length === 0) return options.handle(request);
    const refused = new Set([...records.keys()].filter((index) => options.chance(index) < options.share));
    const isRefused = (index: number) => refused.has(index);

    const accepted = records.filter((_, index) => !isRefused(index));
    let stored: readonly unknown[] = [];
    let answer: Members = {};
    // A call without records would be an invalid one.
    if (accepted.length > 0) {
        const response = await options.handle({
            ...request,
            body: Buffer.from(JSON.stringify({ ...members, Records: accepted })),
        });
        if (response.status !== 200 || typeof response.body !== "string") return response;
        answer = membersOf(response.body) ?? {};
        stored = listOf(answer.Records);
    }
    const shards = await options.shards();
    const left = stored.values();
    const results = records.map((record, index) =>
        isRefused(index)
            ? { ErrorCode: throughputExceeded, ErrorMessage: streamRate(shardOf(record, shards), options.stream) }
            : left.next().value,
    );
    const failedBefore = Number(answer.FailedRecordCount ?? 0);
    const FailedRecordCount = failedBefore + records.length - accepted.length;
    return {
        status: 200,
        headers: { "content-type": "application/x-amz-json-1.1" },
        body: JSON.stringify({ ...answer, FailedRecordCount, Records: results }),
    };
}

/** The shard that would have taken a record. */
function shardOf(record: unknown, shards: readonly Shard[]): string | undefined {
    const { PartitionKey, ExplicitHashKey } = isMembers(record) ? record : {};
    const isHash = typeof ExplicitHashKey === "string" && /^\d{1,39}$/.test(ExplicitHashKey);
    const digest = createHash("md5").update(String(PartitionKey)).digest("hex");
    const key = isHash ? BigInt(ExplicitHashKey) : BigInt(`0x${digest}`);
    return shards.find(({ HashKeyRange }) => {
        const { StartingHashKey = "0", EndingHashKey = "0" } = HashKeyRange ?? {};
        return BigInt(StartingHashKey) <= key && key <= BigInt(EndingHashKey);
    })?.ShardId;
}

function membersOf(text: string): Members | undefined {
    try {
        const parsed: unknown = JSON.parse(text);
        return isMembers(parsed) ? parsed : undefined;
    } catch {
        return undefined;
    }
}

function listOf(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : [];
}

function isMembers(value: unknown): value is Members {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
