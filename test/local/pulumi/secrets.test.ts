import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Engine, resourceEvents, startEngine } from "./engine";

const word = "ein-sehr-geheimes-Wort-4711";

describe("secrets", () => {
    let engine: Engine;
    beforeEach(async () => {
        engine = await startEngine();
    });
    afterEach(() => engine.close());

    it("lie in no file of the store in clear, and in no event, export or result", async () => {
        const result = await engine.deploy("secretive", { "secretive:word": word });
        await engine.deploy("secretive", { "secretive:word": `${word}-2` });
        for (const entry of readdirSync(engine.store.folder, { recursive: true, withFileTypes: true })) {
            if (!entry.isFile()) continue;
            const content = readFileSync(join(entry.parentPath, entry.name));
            assert.ok(!content.includes(word), `${entry.name} holds the secret`);
        }
        assert.ok(!JSON.stringify([result, engine.events, engine.export()]).includes(word));
        const update = resourceEvents(engine.events).find(({ operation }) => operation === "update");
        assert.deepEqual(update?.properties, { description: "[secret]" });
    });

    it("come back to the program as secrets, in the next run too", async () => {
        for (const _ of [1, 2]) {
            const { outputs } = await engine.deploy("secretive", { "secretive:word": word });
            assert.equal(outputs.description, "[secret]");
            assert.equal(outputs.nested, "[secret]");
            assert.equal(outputs.keyId, "[secret]");
            assert.equal(outputs.isSecret, true);
        }
        assert.equal(resourceEvents(engine.events).filter(({ operation }) => operation !== "same").length, 0);
    });

    it("are sealed with a key that only its owner may read", async () => {
        await engine.deploy("secretive", { "secretive:word": word });
        assert.equal(statSync(join(engine.store.folder, "secrets.key")).mode & 0o777, 0o600);
    });
});
