import assert from "node:assert/strict";
import { createKinesis, type Kinesis } from "../../../local/aws/kinesis";
import { defaultSettings, type StoredMapping } from "../../../local/aws/lambda/event-source-mappings/mapping";
import { readLane } from "../../../local/aws/lambda/event-source-mappings/shard-reader";
import { root } from "../../../local/aws/service";
import { type ServiceUnderTest, startService } from "./service-under-test";

const StreamName = "mail";
const lane = { uuid: "mapping", shardId: "shardId-000000000000", lane: 0 };
const mebibyte = 1 << 20;

/** A backlog may hold far more than one event takes: what is read and let go again is work for nothing. */
describe("what a mapping reads of a shard", () => {
    let twin: ServiceUnderTest<Kinesis>;

    beforeEach(async () => {
        twin = await startService(createKinesis);
        await twin.service.operations.CreateStream({ StreamName, ShardCount: 1 }, root);
    });

    afterEach(() => twin.stop());

    async function put(...data: Buffer[]): Promise<void> {
        const Records = data.map((Data) => ({ PartitionKey: "one", Data }));
        await twin.service.operations.PutRecords({ StreamName, Records }, root);
    }

    function mapping(settings: Partial<StoredMapping["settings"]> = {}): StoredMapping {
        return {
            uuid: "mapping",
            functionName: "sort",
            streamArn: `arn:aws:kinesis:eu-central-1:000000000000:stream/${StreamName}`,
            startingPosition: "TRIM_HORIZON",
            startingTimestamp: undefined,
            lastModified: 0,
            settings: { ...defaultSettings, ...settings },
            tags: {},
        };
    }

    it("is no more than there is room for, and the rest is read next", async () => {
        for (let call = 0; call < 3; call++) await put(...Array.from({ length: 5 }, () => Buffer.alloc(1_000_000)));
        let read = 0;
        const kinesis: Kinesis = {
            ...twin.service,
            read(options) {
                const records = twin.service.read(options);
                read += records.reduce((sum, { data }) => sum + data.length, 0);
                return records;
            },
        };
        const first = readLane(kinesis, mapping(), lane, undefined, { records: 10_000, bytes: 4 * mebibyte });
        assert.deepEqual([first.records.length, first.full], [4, true]);
        assert.ok(read <= 6 * mebibyte, `${read} bytes were read`);
        const rest = readLane(kinesis, mapping(), lane, first.seen, { records: 10_000, bytes: 100 * mebibyte });
        assert.deepEqual([rest.records.length, rest.full], [11, false]);
        assert.equal(new Set([...first.records, ...rest.records].map(({ sequenceNumber }) => sequenceNumber)).size, 15);
    });

    it("is one record at least, however large", async () => {
        await put(Buffer.alloc(1_000_000), Buffer.alloc(10));
        const found = readLane(twin.service, mapping(), lane, undefined, { records: 10, bytes: 100 });
        assert.deepEqual([found.records.length, found.full], [1, true]);
    });

    it("holds nothing of the records that its filters keep away", async () => {
        for (let call = 0; call < 5; call++) await put(Buffer.alloc(1_000_000), Buffer.from('{"a":1}'));
        const filtered = mapping({ filters: ['{"data":{"a":[1]}}'] });
        const { records } = readLane(twin.service, filtered, lane, undefined, { records: 100 });
        assert.deepEqual(
            records.map(({ data }) => data.toString()),
            Array(5).fill(`{"a":1}`),
        );
        const held = new Set(records.map(({ data }) => data.buffer));
        assert.ok([...held].reduce((sum, { byteLength }) => sum + byteLength, 0) < mebibyte);
    });
});
