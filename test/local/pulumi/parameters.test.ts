import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../local/aws/service";
import { done, type Engine, resourceEvents, startEngine } from "./engine";

const word = "ein-sehr-geheimer-Schluessel-0815";

describe("a parameter of Parameter Store", () => {
    let engine: Engine;
    beforeEach(async () => {
        engine = await startEngine();
    });
    afterEach(() => engine.close());

    const deploy = (config: Readonly<Record<string, string>> = {}) =>
        engine.deploy(
            "parameters",
            Object.fromEntries(
                Object.entries({ word, ...config }).map(([name, value]) => [`parameters:${name}`, value]),
            ),
        );
    const stored = async (name: unknown) =>
        (await engine.services.ssm.operations.GetParameter({ Name: String(name), WithDecryption: true }, root))
            .Parameter;
    const tags = async (name: unknown) => {
        const resource = { ResourceType: "Parameter", ResourceId: String(name) } as const;
        return (await engine.services.ssm.operations.ListTagsForResource(resource, root)).TagList;
    };

    it("is made under a name of its own, with ARN, version and the tier that AWS chooses", async () => {
        const { outputs } = await deploy();
        assert.match(String(outputs.name), /^key-[0-9a-f]{7}$/);
        assert.equal(outputs.arn, `arn:aws:ssm:eu-central-1:000000000000:parameter/${outputs.name}`);
        assert.deepEqual([outputs.version, outputs.tier, outputs.value], [1, "Standard", "[secret]"]);
        const found = await stored(outputs.name);
        assert.deepEqual([found?.Type, found?.Value, found?.ARN], ["SecureString", word, outputs.arn]);
        assert.equal((await stored(outputs.other))?.Value, "plain");
        assert.deepEqual(await tags(outputs.name), [{ Key: "stage", Value: "first" }]);
    });

    it("gets a new version in place when its value changes, and none when only its tags do", async () => {
        const { outputs } = await deploy();
        const long = "x".repeat(5000);
        const changed = await deploy({ word: long, description: "new" });
        assert.deepEqual(done(engine.events), ["update key"]);
        assert.deepEqual(
            [changed.outputs.name, changed.outputs.version, changed.outputs.tier],
            [outputs.name, 2, "Advanced"],
        );
        const retagged = await deploy({ word: long, description: "new", stage: "second" });
        assert.deepEqual([retagged.outputs.version, retagged.outputs.tier], [2, "Advanced"]);
        assert.deepEqual(await tags(outputs.name), [{ Key: "stage", Value: "second" }]);
        assert.equal((await deploy({ word: long, description: "new", stage: "second" })).changes.update, 0);
    });

    it("is replaced when its name changes, and deleted with the stack", async () => {
        const { outputs } = await deploy({ name: "/sortline/first" });
        assert.equal(outputs.arn, "arn:aws:ssm:eu-central-1:000000000000:parameter/sortline/first");
        await deploy({ name: "/sortline/second" });
        assert.deepEqual(done(engine.events), ["replace key", "delete key"]);
        await assert.rejects(stored("/sortline/first"), { code: "ParameterNotFound" });
        assert.equal((await stored("/sortline/second"))?.Version, 1);
        await engine.destroy("parameters");
        await assert.rejects(stored("/sortline/second"), { code: "ParameterNotFound" });
    });

    for (const type of ["SecureString", "String"]) {
        it(`of type ${type} leaves a secret in clear in no file of the home, and in no event, export or result`, async () => {
            const result = await deploy({ type });
            const second = await deploy({ type, word: `${word}-2`, description: "new" });
            assert.equal((await stored(second.outputs.name))?.Value, `${word}-2`);
            assert.ok(!JSON.stringify([result, second, engine.events, engine.export()]).includes(word));
            const update = resourceEvents(engine.events).find(({ operation }) => operation === "update");
            assert.equal(update?.properties?.value, "[secret]");
            const files = readdirSync(engine.store.folder, { recursive: true, withFileTypes: true });
            assert.ok(files.some(({ name }) => name === "store.sqlite-wal"));
            for (const entry of files.filter((each) => each.isFile())) {
                const content = readFileSync(join(entry.parentPath, entry.name));
                assert.ok(!content.includes(word), `${entry.name} holds the secret`);
            }
        });
    }

    it("names what is wrong with its arguments", async () => {
        await assert.rejects(deploy({ name: "/aws/key" }), /can't be prefixed with "aws" or "ssm"/);
        await assert.rejects(deploy({ type: "Secret" }), /type must be one of String, StringList, SecureString/);
    });
});
