import assert from "node:assert/strict";
import { lazy } from "../../../components/runtime/lazy";
import { context, record, stageUnderTest } from "./stage-under-test";

describe("a client", () => {
    it("is made when it is first asked for, once, even where that is nothing", () => {
        let made = 0;
        const client = lazy(() => void made++);
        assert.equal(made, 0);
        client();
        client();
        assert.equal(made, 1);
    });

    describe("of a stage", () => {
        const { stage, s3Calls } = stageUnderTest();

        it("is not made for a batch that writes nothing", async () => {
            const kinesis = () => {
                throw new Error("made");
            };
            const dropping = stage({ kinesis, handle: { mode: "record", handler: () => undefined } });
            const event = { Records: [record("a", { text: "1" })] };
            assert.deepEqual(await dropping(event, context), { batchItemFailures: [] });
            assert.equal(s3Calls().length, 0);
        });
    });
});
