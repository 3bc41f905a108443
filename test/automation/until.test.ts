import assert from "node:assert/strict";
import { CommandError } from "../../automation/exit";
import { until } from "../../automation/until";

describe("waiting for something", () => {
    it("ends with the first answer", async () => {
        const answers = [undefined, undefined, "there"];
        assert.equal(await until("it", async () => answers.shift(), { everyMilliseconds: 1 }), "there");
        assert.deepEqual(answers, []);
    });

    it("ends with 4 when the time is up, and says what for", async () => {
        const never = until("the judge", async () => undefined, { seconds: 0, everyMilliseconds: 1 });
        await assert.rejects(never, (error: unknown) => {
            assert.ok(error instanceof CommandError);
            assert.equal(error.exitCode, 4);
            assert.equal(error.message, "Waited 0 s in vain for the judge.");
            return true;
        });
    });
});
