import assert from "node:assert/strict";
import {
    CreateStreamCommand,
    GetRecordsCommand,
    GetShardIteratorCommand,
    KinesisClient,
    PutRecordCommand,
    PutRecordsCommand,
    UpdateShardCountCommand,
    UpdateStreamModeCommand,
} from "@aws-sdk/client-kinesis";
import { createClock } from "../../../local/aws/clock";
import { createKinesis, type Kinesis } from "../../../local/aws/kinesis";
import { evenShards, toShard } from "../../../local/aws/kinesis/shards";
import { createThroughput } from "../../../local/aws/kinesis/throughput";
import { type ServiceUnderTest, startService } from "./service-under-test";

const StreamName = "mail";
const StreamARN = "arn:aws:kinesis:eu-central-1:000000000000:stream/mail";
const mebibyte = 1 << 20;
const exceeded = {
    name: "ProvisionedThroughputExceededException",
    message: "Rate exceeded for shard shardId-000000000000 in stream mail under account 000000000000.",
};

describe("the throughput of a shard, at the pace of AWS", () => {
    const stream = { id: 1, name: StreamName };
    const [one, two] = evenShards(2, 0).map(toShard);

    function setUp() {
        const clock = createClock(() => 0);
        assert.ok(one && two);
        return { clock, throughput: createThroughput("aws", clock), one, two };
    }

    it("takes 1,000 records in a second, each shard for itself", () => {
        const { clock, throughput, one, two } = setUp();
        const burst = (shard = one) => Array.from({ length: 1_500 }, () => throughput.write(stream, shard, 1));
        assert.equal(burst().indexOf(false), 1_000);
        assert.equal(burst(two).indexOf(false), 1_000);
        clock.advance(100);
        assert.equal(burst().filter(Boolean).length, 100);
        clock.advance(10_000);
        assert.equal(burst().filter(Boolean).length, 1_000);
    });

    it("takes 1 MiB in a second; a larger record uses up the seconds that come", () => {
        const { clock, throughput, one } = setUp();
        assert.ok(throughput.write(stream, one, mebibyte / 2));
        assert.ok(!throughput.write(stream, one, mebibyte / 2 + 1));
        assert.ok(throughput.write(stream, one, mebibyte / 2));
        clock.advance(1_000);
        assert.ok(throughput.write(stream, one, 4 * mebibyte));
        clock.advance(3_000);
        assert.ok(!throughput.write(stream, one, 1));
        clock.advance(1_000);
        assert.ok(throughput.write(stream, one, mebibyte));
    });

    it("gives five reads in a second, and 2 MiB: after 10 MiB none for five seconds", () => {
        const { clock, throughput, one } = setUp();
        const read = (bytes: number) => {
            throughput.beginRead(stream, one);
            throughput.endRead(stream, one, bytes);
        };
        for (let n = 0; n < 5; n++) read(1);
        assert.throws(() => read(1), { code: exceeded.name, message: exceeded.message });
        clock.advance(200);
        read(10 * mebibyte);
        clock.advance(4_000);
        assert.throws(() => read(1), { code: exceeded.name });
        clock.advance(1_001);
        read(1);
    });

    it("has no limits at the fast pace", () => {
        const { clock, one } = setUp();
        const throughput = createThroughput("fast", clock);
        assert.ok(Array.from({ length: 2_000 }, () => throughput.write(stream, one, mebibyte)).every(Boolean));
        for (let n = 0; n < 10; n++) throughput.beginRead(stream, one);
    });
});

describe("Kinesis of the twin, at the pace of AWS", () => {
    let twin: ServiceUnderTest<Kinesis>;
    let client: KinesisClient;
    const clients: KinesisClient[] = [];

    beforeEach(async () => {
        twin = await startService(createKinesis, { pace: "aws" });
        client = new KinesisClient(twin.client);
        await client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
    });
    afterEach(async () => {
        for (const made of [client, ...clients.splice(0)]) made.destroy();
        await twin.stop();
    });

    const batch = (count: number, bytes: number) =>
        new PutRecordsCommand({
            StreamName,
            Records: Array.from({ length: count }, (_, n) => ({ PartitionKey: `k${n}`, Data: Buffer.alloc(bytes) })),
        });

    it("refuses single records of a call, which is answered all the same, and stores the others", async () => {
        const { Records, FailedRecordCount } = await client.send(batch(5, 300_000));
        assert.equal(FailedRecordCount, 2);
        assert.deepEqual(
            Records?.map(({ ErrorCode }) => ErrorCode),
            [undefined, undefined, undefined, exceeded.name, exceeded.name],
        );
        assert.deepEqual(Records?.at(-1), { ErrorCode: exceeded.name, ErrorMessage: exceeded.message });
        await assert.rejects(
            client.send(new PutRecordCommand({ StreamName, PartitionKey: "k", Data: Buffer.alloc(1_000_000) })),
            exceeded,
        );
        twin.context.clock.advance(1_000);
        assert.equal((await client.send(batch(2, 300_000))).FailedRecordCount, 0);
        assert.equal(
            twin.service.read({ streamName: StreamName, shardId: "shardId-000000000000", limit: 9 }).length,
            5,
        );
    });

    it("lets the SDK's own retries succeed once the shard has room again", async () => {
        const patient = new KinesisClient({ ...twin.client, maxAttempts: 10 });
        clients.push(patient);
        const put = () =>
            patient.send(new PutRecordCommand({ StreamName, PartitionKey: "k", Data: Buffer.alloc(700_000) }));
        await put();
        await put();
        assert.equal(
            twin.service.read({ streamName: StreamName, shardId: "shardId-000000000000", limit: 9 }).length,
            2,
        );
    });

    it("limits reads of a shard", async () => {
        const { ShardIterator } = await client.send(
            new GetShardIteratorCommand({ StreamName, ShardId: "shardId-000000000000", ShardIteratorType: "LATEST" }),
        );
        const get = () => client.send(new GetRecordsCommand({ ShardIterator }));
        const outcomes = await Promise.allSettled(Array.from({ length: 50 }, get));
        assert.ok(outcomes.some((outcome) => outcome.status === "rejected" && outcome.reason.name === exceeded.name));
        twin.context.clock.advance(1_000);
        await get();
    });

    it("scales a stream ten times and changes its mode twice in 24 hours", async () => {
        const scale = (TargetShardCount: number) =>
            client.send(new UpdateShardCountCommand({ StreamName, TargetShardCount, ScalingType: "UNIFORM_SCALING" }));
        for (let n = 0; n < 10; n++) await scale(1 + ((n + 1) % 2));
        await assert.rejects(scale(2), { name: "LimitExceededException", message: /10 times in 24 hours/ });
        const mode = (StreamMode: "ON_DEMAND" | "PROVISIONED") =>
            client.send(new UpdateStreamModeCommand({ StreamARN, StreamModeDetails: { StreamMode } }));
        await mode("ON_DEMAND");
        await mode("PROVISIONED");
        await assert.rejects(mode("ON_DEMAND"), { name: "LimitExceededException" });
        twin.context.clock.advance(24 * 3_600_000);
        await scale(2);
        await mode("ON_DEMAND");
    });
});
