import assert from "node:assert/strict";
import * as path from "node:path";
import { componentsOf, outputOf } from "../../automation/deployment";
import { root } from "../../local/aws/service";
import { type Local, startLocal } from "../../testing";
import type * as program from "../fixtures/programs/careless";

const text = "Dear Ms Meier, my number is 4711";

describe("a stage whose handler makes a mistake", function () {
    this.timeout(120_000);
    let local: Local<typeof program>;
    before(async () => {
        const project = path.join(__dirname, "..", "fixtures", "programs", "careless");
        local = await startLocal<typeof program>({ project });
        await local.put("letters", { id: "letter", text });
        await local.settle();
    });
    after(() => local?.close());

    /** Everything in the log of a stage. */
    async function logOf(stage: string): Promise<string> {
        const [component] = componentsOf(local.twin.stack.export(), "LambdaStage").filter(({ name }) => name === stage);
        assert.ok(component);
        const { events = [] } = await local.twin.services.logs.operations.FilterLogEvents(
            { logGroupName: outputOf(component, "logGroupName") },
            root,
        );
        return events.map(({ message = "" }) => message).join("\n");
    }

    const mistakes: Readonly<Record<string, readonly RegExp[]>> = {
        short: [
            /"error":"ResultError","message":"The batch handler returned an array of 0 in the stage short, not an array of 1, an entry a record\."/,
        ],
        listless: [/The batch handler returned object in the stage listless, not an array of 1/],
        number: [
            /"error":"ResultError","message":"partitionBy of the stream numbered returned number in the stage number, not a text of some length\."/,
        ],
        empty: [/partitionBy of the stream nameless returned an empty string in the stage empty, not/],
        named: [/"error":"Error","at":/],
        rejecting: [
            /"errorType":"Runtime.UnhandledPromiseRejection","errorMessage":"TypeError: its message may quote a record/,
            /\/index\.ts:\d+:\d+\)/,
        ],
        text: [
            /"errorType":"Runtime.UnhandledPromiseRejection","errorMessage":"string: its message may quote a record/,
        ],
        later: [/"errorType":"RangeError","errorMessage":"its message may quote a record/, /\/index\.ts:\d+:\d+\)/],
    };
    for (const [stage, told] of Object.entries(mistakes)) {
        it(`says what it may in the log, tries again, and keeps the record: ${stage}`, async () => {
            const log = await logOf(stage);
            assert.doesNotMatch(log, /Meier|4711/);
            for (const line of told) assert.equal(log.match(new RegExp(line, "g"))?.length, 2, `${line}\n${log}`);
            const failures = await local.failures(stage);
            assert.deepEqual(
                failures.map(({ id, attempts, condition, data }) => ({ id, attempts, condition, data })),
                [{ id: "letter", attempts: 2, condition: "RetryAttemptsExhausted", data: { id: "letter", text } }],
            );
            assert.match(failures[0]?.reason ?? "", /it failed 2 times; see its log/);
        });
    }
});
