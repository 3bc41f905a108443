import assert from "node:assert/strict";
import { join } from "node:path";
import { type Connection, connectTo } from "../../automation/connection";
import { componentsOf, outputOf } from "../../automation/deployment";
import { root } from "../../local/aws/service";
import { type Local, startLocal } from "../../testing";
import type * as chaos from "../fixtures/programs/chaos";
import { root as repository } from "./command";
import { serveScript } from "./served-script";

/** A model that does what a text says. It fails of itself as often as there are exclamation marks. */
const script = `
import json

failures = 0

def model_fn(_folder):
    return "obedient"

def input_fn(body, _content_type):
    return json.loads(body)

def predict_fn(data, model):
    global failures
    for text in data["inputs"]:
        if text.startswith("refuse"):
            raise ValueError(f"{text} is no text")
        if text.startswith("fail") and failures < text.count("!"):
            failures += 1
            raise ValueError(f"internal failure: MemoryError with {text}")
        if text.startswith("version"):
            raise ValueError(f"the texts were cleaned by version '1', but this model was trained on version '{text}'")
    return [{"label": text.split()[-1], "probability": 1.0, "model": model} for text in data["inputs"]]

def output_fn(prediction, accept):
    return json.dumps(prediction), accept
`;

describe("a stage that asks a model which", function () {
    // The first model server on a machine makes the Python environment.
    this.timeout(300_000);
    let local: Local<typeof chaos>;
    let connection: Connection;

    before(async () => {
        local = await startLocal<typeof chaos>({ project: join(repository, "test", "fixtures", "programs", "chaos") });
        connection = connectTo(local.twin.observer);
        await serveScript(local, connection, "obedient", script);
    });
    after(async () => {
        connection?.close();
        await local?.close();
    });

    const classify = (...texts: string[]) =>
        local.invoke(
            "classify",
            texts.map((text, index) => ({ id: `${text}-${index}`, sender: "a", text })),
        );

    it("refuses a text sets aside its record alone, with a reason that does not quote it", async () => {
        const outcomes = await classify("say yes", "refuse Meier", "say no");
        assert.deepEqual(
            outcomes.map(({ kind }) => kind),
            ["done", "rejected", "done"],
        );
        const [failure, ...others] = await local.failures("classify");
        assert.deepEqual(others, []);
        assert.match(failure?.reason ?? "", /^The model behind the endpoint \S+ refuses the text with status 400\. /);
        assert.doesNotMatch(failure?.reason ?? "", /Meier/);
        assert.deepEqual(
            (await local.records("sorted")).map(({ label }) => label),
            ["yes", "no"],
        );
    });

    it("fails of itself asks again, and rejects nothing where that lasts", async () => {
        assert.deepEqual(await classify("fail!! yes"), [{ kind: "done" }]);
        const [outcome] = await classify("fail!!!!!!!!!!!!!!!!!!!! Meier");
        assert.equal(outcome?.kind, "failed");
        assert.equal((await local.failures("classify")).length, 1);
    });

    it("was trained with another cleaning rejects nothing, and says so in its log", async () => {
        const [outcome] = await classify("version Meier");
        assert.equal(outcome?.kind, "failed");
        assert.equal((await local.failures("classify")).length, 1);
        const [component] = componentsOf(local.twin.stack.export(), "LambdaStage").filter(
            ({ name }) => name === "classify",
        );
        assert.ok(component);
        const { events = [] } = await local.twin.services.logs.operations.FilterLogEvents(
            {
                logGroupName: outputOf(component, "logGroupName"),
                filterPattern: '{ $.message.code = "CleaningRefused" }',
            },
            root,
        );
        assert.match(events[0]?.message ?? "", /trained with another cleaning than version 1/);
    });
});
