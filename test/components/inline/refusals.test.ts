import assert from "node:assert/strict";
import { resolve } from "node:path";
import { type InlineError, inline } from "../../../components/inline";
import { adapter } from "./artefact";
import { clear, configure, early, refusal, refusals } from "./fixtures/refusals/load";
import { placeOf } from "./place";

/** One of the problems is at the place, with the words, and says which stage it is about and what to write instead. */
function checkRefusal(error: InlineError, stage: string, message: RegExp, place: string): void {
    const parts = error.message.split(/^(?=stage ")/m);
    const found = parts.find((each) => each.includes(`    at ${place}\n`));
    assert.ok(found, `${error.message}\nis not at ${place}`);
    assert.match(found, message);
    assert.match(found, new RegExp(`^stage "${stage}": .+\n    at .+\n    \\w.+`));
}

describe("An inline function is refused with a reason and a place:", () => {
    before(configure);
    after(clear);

    for (const [construct, entries] of Object.entries(refusals)) {
        describe(construct, () => {
            for (const [name, { callback, message, at, file }] of Object.entries(entries)) {
                it(name, async () => {
                    const given = callback as () => unknown;
                    const error = await refusal(() => /*@call*/ inline("refused", given, { adapter }));
                    checkRefusal(error, "refused", message, placeOf(at, file));
                });
            }
        });
    }

    it("a variable that has no value yet", async () => {
        const error = await early[0];
        assert.ok(error);
        const place = placeOf("undeclared", resolve(__dirname, "fixtures", "refusals", "data.ts"));
        checkRefusal(error, "early", /"below" is made with "pulumi" of @pulumi\/pulumi.*has no value yet/, place);
    });
});
