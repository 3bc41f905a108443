import assert from "node:assert/strict";
import { resolve } from "node:path";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { type Local, startLocal } from "../../testing";
import type * as weather from "../fixtures/programs/weather";

const project = resolve(__dirname, "../fixtures/programs/weather");

describe("a program on a twin of its own, for a test", function () {
    this.timeout(120_000);
    let local: Local<typeof weather>;

    before(async () => {
        local = await startLocal<typeof weather>({ project });
    });
    after(() => local?.close());

    const reading = (id: string, station: string, celsius: number) => ({ id, station, celsius });

    it("takes typed records, settles, and gives typed results in order", async () => {
        await local.put("readings", [reading("1", "oslo", -5), reading("2", "oslo", 0)], {
            partitionKey: ({ station }) => station,
        });
        await local.put("readings", reading("3", "cairo", 100));
        await local.settle();
        const results = await local.records("inFahrenheit");
        assert.deepEqual(
            results.map(({ id, fahrenheit }) => [id, fahrenheit]),
            [
                ["1", 23],
                ["2", 32],
                ["3", 212],
            ],
        );
        // By the program's own name too, without a type.
        const untyped: unknown[] = await local.records("converted");
        assert.deepEqual(untyped, results);
    });

    it("refuses records of another type when it is compiled", () => {
        // @ts-expect-error there is no celsius
        const wrong = () => local.put("readings", { id: "1", station: "oslo" });
        // @ts-expect-error results have no celsius
        const alsoWrong = async () => (await local.records("inFahrenheit"))[0]?.celsius;
        assert.equal(typeof wrong, typeof alsoWrong);
    });

    it("tells what a stage rejected and what ran out of attempts, with the data", async () => {
        await local.put("readings", [reading("cold", "x", -300), reading("lost", "broken", 1)]);
        await local.settle();
        const failures = await local.failures("convert");
        assert.deepEqual(
            failures.map(({ id, condition, data }) => ({ id, condition, data })),
            [
                { id: "cold", condition: "Rejected", data: reading("cold", "x", -300) },
                { id: "lost", condition: "RetryAttemptsExhausted", data: reading("lost", "broken", 1) },
            ],
        );
        assert.match(failures[0]?.reason ?? "", /colder than absolute zero/);
    });

    it("calls a stage with data alone", async () => {
        const outcomes = await local.invoke("convert", [
            reading("a", "x", 1),
            reading("b", "x", -300),
            { id: "c" },
            reading("d", "broken", 1),
        ]);
        assert.deepEqual(
            outcomes.map(({ kind }) => kind),
            ["done", "rejected", "rejected", "failed"],
        );
        assert.match(JSON.stringify(outcomes[1]), /colder than absolute zero/);
        assert.match(JSON.stringify(outcomes[2]), /station/);
    });

    it("tells what a stage may do", () => {
        const granted = local.granted("convert");
        const writes = granted.find(({ action }) => action === "kinesis:PutRecords");
        assert.match(writes?.resource ?? "", /stream\/converted-stream-/);
        assert.match(writes?.at[0] ?? "", /index\.ts:11/);
        assert.deepEqual(
            granted.filter(({ stage }) => stage !== "convert"),
            [],
        );
    });

    it("injects faults, which its own calls do not meet, and loses nothing by them", async () => {
        const before = (await local.records("inFahrenheit")).length;
        local.faults({
            seed: 1,
            rules: [
                { service: "kinesis", operation: "PutRecords", fault: "throttle", rate: 0.5 },
                { service: "s3", fault: "error" },
            ],
        });
        for (let at = 0; at < 20; at++) await local.put("readings", reading(`faulted-${at}`, "oslo", at));
        await local.settle();
        assert.equal((await local.records("inFahrenheit")).length, before + 20);
        await local.failures("convert");
        const [throttled, errors] = local.injected()?.rules ?? [];
        assert.ok((throttled?.injected ?? 0) > 0, "nothing was throttled");
        assert.equal(errors?.injected, 0);
        local.faults(undefined);
        assert.equal(local.injected(), undefined);
    });

    it("moves the twin's clock: a stream forgets what is older than its retention", async () => {
        const began = local.clock.now();
        local.clock.advance({ days: 1, minutes: 1 });
        assert.equal(Math.floor((local.clock.now().getTime() - began.getTime()) / 60_000), 24 * 60 + 1);
        assert.deepEqual(await local.records("readings"), []);
        await local.put("readings", reading("later", "oslo", 3));
        await local.settle();
        assert.deepEqual(
            (await local.records("inFahrenheit")).map(({ id }) => id),
            ["later"],
        );
    });

    it("deploys again, and an SDK client may look at everything", async () => {
        assert.equal((await local.up()).changes.update, 0);
        const kinesis = new KinesisClient(local.client);
        assert.equal((await kinesis.send(new ListStreamsCommand({}))).StreamNames?.length, 2);
        kinesis.destroy();
    });

    it("names what is not there, and what there is", async () => {
        await assert.rejects(local.put("rain", {}), /no EventStream "rain".*readings, converted/);
        await assert.rejects(local.failures("sort"), /no stage "sort".*convert/);
        assert.throws(() => local.granted("sort"), /no stage "sort".*convert/);
        assert.throws(() => local.clock.advance({ hours: -1 }), RangeError);
    });

    it("says what is still at work when it does not settle in time", async () => {
        local.faults({ seed: 1, rules: [{ function: "convert", fault: "delay", milliseconds: 30_000 }] });
        await local.put("readings", reading("slow", "oslo", 4));
        await assert.rejects(
            local.settle({ seconds: 0.2 }),
            /not settled within 0\.2 s.*convert-function-.*readings-stream-/,
        );
        local.faults(undefined);
    });
});
