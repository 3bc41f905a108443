import assert from "node:assert/strict";
import { resolve } from "node:path";
import { root } from "../../local/aws/service";
import { type Local, startLocal } from "../../testing";
import type * as weather from "../fixtures/programs/weather";

const project = resolve(__dirname, "../fixtures/programs/weather");
const reading = (id: string, celsius = 0, station = "oslo") => ({ id, station, celsius });
const converted = (id: string, fahrenheit = 32, station = "oslo") => ({ id, station, fahrenheit });

/** What is on the only shard of a stream, as it lies there. */
function stored(local: Local<typeof weather>, stream: "readings" | "converted") {
    const { resources } = local.twin.stack.export();
    const found = resources.find(({ name, type }) => name === stream && type === "sortline:index:EventStream");
    const streamName = String(found?.outputs.streamName);
    const shardId = "shardId-000000000000";
    return local.twin.services.kinesis
        .read({ streamName, shardId, limit: 10_000, bytes: 1 << 30 })
        .map(({ partitionKey, data }) => ({ partitionKey, envelope: JSON.parse(data.toString("utf8")) }));
}

describe("the records that a test puts", function () {
    this.timeout(120_000);
    let local: Local<typeof weather>;

    before(async () => {
        local = await startLocal<typeof weather>({ project });
    });
    after(() => local?.close());

    it("look on the stream exactly like those that a stage writes", async () => {
        const long = "id".repeat(200);
        await local.put("readings", [reading("same"), reading(long)]);
        await local.settle();
        await local.put("inFahrenheit", [converted("same"), converted(long)]);
        const [first, second, ...put] = stored(local, "converted");
        assert.equal(put.length, 2);
        for (const [index, byStage] of [first, second].entries()) {
            const { source: _, time: __, traceparent, ...expected } = byStage?.envelope ?? {};
            const { source, time, traceparent: ownTrace, ...actual } = put[index]?.envelope ?? {};
            assert.deepEqual(actual, expected);
            assert.deepEqual(Object.keys(put[index]?.envelope), Object.keys(byStage?.envelope));
            assert.equal(source, "/test");
            assert.equal(new Date(time).toISOString(), time);
            assert.match(ownTrace, /^00-[0-9a-f]{32}-[0-9a-f]{16}-\d\d$/);
            assert.notEqual(ownTrace, traceparent);
            assert.equal(put[index]?.partitionKey, byStage?.partitionKey);
        }
    });

    it("lie in the stream's bucket where they are too big for a record, and come back whole", async () => {
        const station = "x".repeat(1_500_000);
        await local.put("readings", reading("large", 100, station));
        assert.match(stored(local, "readings").at(-1)?.envelope.dataref, /^s3:\/\/[^/]+\/claims\/test\//);
        await local.settle();
        assert.deepEqual(await local.failures("convert"), []);
        assert.equal((await local.records("inFahrenheit")).at(-1)?.station, station);
        assert.deepEqual((await local.invoke("convert", [reading("large", 100, station)]))[0], { kind: "done" });
    });

    it("may be more than one call takes, in number or in bytes", async () => {
        const before = stored(local, "converted").length;
        const station = "x".repeat(1_000_000);
        const ids = Array.from({ length: 1_013 }, (_, index) => `call-${index}`);
        await local.put(
            "inFahrenheit",
            ids.map((id, index) => converted(id, 32, index < 13 ? station : "oslo")),
        );
        const put = stored(local, "converted").slice(before);
        assert.deepEqual(
            put.map(({ envelope }) => envelope.id),
            ids,
        );
    });

    it("are named where they cannot be put, and then none is", async () => {
        const before = stored(local, "converted").length;
        const wrong = { ...converted("b"), fahrenheit: 1n as unknown as number };
        await assert.rejects(
            local.put("inFahrenheit", [converted("a"), wrong]),
            /record \[1\] of 2 .* stream "converted".*JSON/i,
        );
        const partitionKey = () => {
            throw new Error("no key today");
        };
        await assert.rejects(
            local.put("inFahrenheit", converted("a"), { partitionKey }),
            /record \[0\] of 1 .* stream "converted".*no key today/i,
        );
        assert.equal(stored(local, "converted").length, before);
    });
});

describe("the records that a test puts on a stream with AWS's quotas", function () {
    this.timeout(120_000);
    let local: Local<typeof weather>;

    before(async () => {
        local = await startLocal<typeof weather>({ project, pace: "aws" });
    });
    after(() => local?.close());

    /** The ids on the stream by key, in their order. */
    function idsByKey(): Record<string, string[]> {
        const byKey: Record<string, string[]> = {};
        for (const { partitionKey, envelope } of stored(local, "converted")) {
            byKey[partitionKey] ??= [];
            byKey[partitionKey].push(envelope.id);
        }
        return byKey;
    }

    it("are all there, and those of one key in order, though the shard refuses many at first", async () => {
        const numbers = Array.from({ length: 2_500 }, (_, index) => index);
        // Small records find room where a large one before them is refused.
        const data = numbers.map((number) =>
            converted(`${number}`, 32, number % 250 === 7 ? "x".repeat(300_000) : "oslo"),
        );
        const keyOf = ({ id }: { id: string }) => `key-${Number(id) % 7}`;
        await local.put("inFahrenheit", data, { partitionKey: keyOf });
        const expected = Object.groupBy(data, keyOf);
        const ids = Object.entries(expected).map(([key, those = []]) => [key, those.map(({ id }) => id)] as const);
        assert.deepEqual(idsByKey(), Object.fromEntries(ids));
    });

    it("wait by the twin's clock: one that is moved on gives the shard its room back", async function () {
        // By the machine's time they would take twice as long.
        this.timeout(30_000);
        const before = stored(local, "converted").length;
        let isPut = false;
        const data = Array.from({ length: 60 }, (_, index) => converted(`later-${index}`, 32, "x".repeat(900_000)));
        const putting = local.put("inFahrenheit", data, { partitionKey: () => "one" }).then(() => {
            isPut = true;
        });
        while (!isPut) {
            local.clock.advance({ seconds: 1 });
            await new Promise(setImmediate);
        }
        await putting;
        assert.deepEqual(
            stored(local, "converted")
                .slice(before)
                .map(({ envelope }) => envelope.id),
            data.map(({ id }) => id),
        );
    });

    it("are not tried again where the stream is gone", async () => {
        const { resources } = local.twin.stack.export();
        const found = resources.find(({ name, type }) => name === "readings" && type === "sortline:index:EventStream");
        await local.twin.services.kinesis.operations.DeleteStream(
            { StreamName: String(found?.outputs.streamName) },
            root,
        );
        await assert.rejects(
            local.put("readings", [reading("a"), reading("b")]),
            /Records \[0\] to \[1\] of 2 .* stream "readings" \(readings-stream-.*: ResourceNotFoundException: .*0 of them/,
        );
    });
});
