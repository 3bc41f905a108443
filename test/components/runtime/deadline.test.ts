import assert from "node:assert/strict";
import { type Answer, input } from "../aws-server";
import { record, stageUnderTest } from "./stage-under-test";

const never = new Promise<Answer>(() => undefined);
const MILLISECONDS = 400;

/** The time that an invocation with a short timeout has. */
function short() {
    const end = Date.now() + MILLISECONDS;
    return { getRemainingTimeInMillis: () => end - Date.now() };
}

describe("a stage whose time runs out", () => {
    const { answers, printed, kinesisCalls, s3Calls, stage, put } = stageUnderTest();
    const event = () => ({ Records: ["a", "b"].map((id) => record(id, { text: id })) });
    const fromTheFirst = { batchItemFailures: [{ itemIdentifier: "seq-a" }] };

    it("does not wait for a put into Lambda's timeout, and reports what was not put", async () => {
        answers.put = () => never;
        assert.deepEqual(await stage({})(event(), short()), fromTheFirst);
        assert.equal(kinesisCalls().length, 1);
        assert.match(printed.join(), /"put-failed".*"records":2.*OutOfTimeError/);
    });

    it("does not go on to try again", async () => {
        answers.put = (call) => ({
            body: {
                Records: (input(call).Records as unknown[]).map((_, index) =>
                    index === 0 ? {} : { ErrorCode: "ProvisionedThroughputExceededException" },
                ),
            },
        });
        const time = { getRemainingTimeInMillis: () => (kinesisCalls().length === 0 ? 60_000 : 0) };
        assert.deepEqual(await stage({})(event(), time), { batchItemFailures: [{ itemIdentifier: "seq-b" }] });
        assert.equal(kinesisCalls().length, 1);
        assert.match(printed.join(), /"put-out-of-time"/);
    });

    it("does not wait for S3 either, for data or for a rejected record", async () => {
        answers.s3 = () => never;
        const claimed = record("a", undefined, {
            dataref: `s3://failures/claims/s/2026/01/31/${"0".repeat(64)}.json`,
        });
        assert.deepEqual(await stage({})({ Records: [claimed] }, short()), fromTheFirst);
        assert.deepEqual(await stage({})({ Records: [record("a", { text: 5 })] }, short()), fromTheFirst);
        assert.equal(s3Calls().length, 2);
        assert.equal(put().length, 0);
    });
});

describe("a stream that is busy", () => {
    const { answers, kinesisCalls, stage } = stageUnderTest();
    const { random } = Math;
    // The waits are random from nothing on.
    before(() => {
        Math.random = () => 0;
    });
    after(() => {
        Math.random = random;
    });
    const event = (records: number) => ({
        Records: Array.from({ length: records }, (_, index) => record(`r${index}`, { text: "t" })),
    });
    const refusing = (takes: number) => {
        answers.put = (call) => ({
            body: {
                Records: (input(call).Records as unknown[]).map((_, index) =>
                    index < takes ? {} : { ErrorCode: "ProvisionedThroughputExceededException" },
                ),
            },
        });
    };
    const context = { getRemainingTimeInMillis: () => 60_000 };

    it("is asked again as long as it takes any record, each in its place", async () => {
        refusing(1);
        assert.deepEqual(await stage({})(event(20), context), { batchItemFailures: [] });
        assert.deepEqual(
            kinesisCalls().map((call) => (input(call).Records as { PartitionKey: string }[])[0]?.PartitionKey),
            Array.from({ length: 20 }, (_, index) => `r${index}`),
        );
    });

    it("is left alone when it takes none in eight calls", async () => {
        refusing(0);
        assert.deepEqual(await stage({})(event(2), context), { batchItemFailures: [{ itemIdentifier: "seq-r0" }] });
        assert.equal(kinesisCalls().length, 8);
    });
});
