import assert from "node:assert/strict";
import { type Engine, startEngine } from "./engine";

describe("hooks of a program", function () {
    this.timeout(60_000);
    let engine: Engine;
    before(async () => {
        engine = await startEngine();
    });
    after(() => engine.close());

    const levels = async () =>
        engine
            .export()
            .resources.map(({ inputs }) => inputs.level ?? (inputs.tags as { level: string } | undefined)?.level)
            .filter((level) => level !== undefined)
            .map(Number);

    it("are not called for what is new, and let through what they like", async () => {
        await engine.deploy("hooked", { "hooked:level": "2" });
        const { changes } = await engine.deploy("hooked", { "hooked:level": "3" });
        assert.equal(changes.update, 5);
        assert.deepEqual(await levels(), [3, 3, 3, 3, 3]);
    });

    it("only warn where their errors are to be ignored", async () => {
        await engine.deploy("hooked", { "hooked:level": "3", "hooked:tolerant": "1" });
        const warnings = engine.events.flatMap((event) =>
            event.kind === "log" && event.severity === "warning" ? event.message : [],
        );
        assert.deepEqual(warnings, ["test:index:Tower goes down to 1"]);
        assert.deepEqual((await levels()).sort(), [1, 1, 3, 3, 3]);
    });

    it("prevent an update, with what they say, of a component before anything below it", async () => {
        await assert.rejects(engine.deploy("hooked", { "hooked:level": "1" }), (error: Error) => {
            assert.match(
                error.message,
                /test:index:Tower "tower": could not be updated: test:index:Tower goes down to 1/,
            );
            assert.match(error.message, /aws:sqs\/queue:Queue "queue": could not be updated: .* goes down to 1/);
            return true;
        });
        const tower = engine.export().resources.find(({ name }) => name === "tower-queue");
        assert.deepEqual(tower?.inputs.tags, { level: "3" });
    });

    it("of other kinds are refused by name", async () => {
        await assert.rejects(
            engine.deploy("hooked", { "hooked:level": "3", "hooked:kind": "afterDelete" }),
            /test:index:Tower "tower": the hook "afterDelete" is not supported on this machine/,
        );
    });
});
