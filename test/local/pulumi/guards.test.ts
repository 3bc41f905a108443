import assert from "node:assert/strict";
import { root } from "../../../local/aws/service";
import { done, type Engine, startEngine } from "./engine";

describe("what guards a resource", () => {
    let engine: Engine;
    beforeEach(async () => {
        engine = await startEngine();
    });
    afterEach(() => engine.close());

    async function bucketNames(): Promise<(string | undefined)[]> {
        const { Buckets = [] } = await engine.services.s3.operations.ListBuckets({}, root);
        return Buckets.map(({ Name }) => Name?.replace(/-[0-9a-f]{7}$/, ""));
    }

    it("does not delete a protected resource, nor anything else then, and says what to do", async () => {
        await engine.deploy("guarded");
        await assert.rejects(
            engine.deploy("guarded", { "guarded:precious": "false", "guarded:chain": "false" }),
            /s3\/bucket:Bucket "precious": could not be deleted: it is protected\..*protect: false/,
        );
        assert.deepEqual(done(engine.events), []);
        assert.deepEqual(await bucketNames(), ["precious", "retained"]);
        await assert.rejects(engine.destroy("guarded"), /it is protected/);
    });

    it("changes nothing that uses a protected resource which the program no longer has", async () => {
        await engine.deploy("guarded", { "guarded:user": "true" });
        await assert.rejects(
            engine.deploy("guarded", { "guarded:user": "true", "guarded:precious": "false" }),
            (error: Error) => {
                assert.equal(error.message.match(/"precious": could not be deleted: it is protected/g)?.length, 1);
                return true;
            },
        );
        assert.deepEqual(done(engine.events), []);
        const { inputs } = engine.export().resources.find(({ name }) => name === "user") ?? {};
        assert.match(JSON.stringify(inputs), /precious-/);
        // Given up, it goes, and what used it is changed.
        await engine.deploy("guarded", { "guarded:user": "true", "guarded:protect": "false" });
        await engine.deploy("guarded", { "guarded:user": "true", "guarded:precious": "false" });
        assert.deepEqual(done(engine.events), ["update user", "delete precious"]);
    });

    it("deletes it once the program has given up the protection", async () => {
        await engine.deploy("guarded");
        assert.equal((await engine.deploy("guarded", { "guarded:protect": "false" })).changes.same, 6);
        await engine.deploy("guarded", { "guarded:precious": "false" });
        assert.deepEqual(done(engine.events), ["delete precious"]);
        assert.deepEqual(await bucketNames(), ["retained"]);
    });

    it("forgets a retained resource without deleting it", async () => {
        await engine.deploy("guarded");
        await engine.deploy("guarded", { "guarded:retained": "false" });
        assert.ok(!engine.export().resources.some(({ name }) => name === "retained"));
        assert.ok((await bucketNames()).includes("retained"));
    });

    it("finds resources under the names and parents that they had before, and replaces none", async () => {
        const first = await engine.deploy("renamed");
        const second = await engine.deploy("renamed", { "renamed:late": "true" });
        assert.deepEqual(done(engine.events), []);
        assert.equal(second.changes.same, 5);
        assert.deepEqual(second.outputs, first.outputs);
        const urns = engine.export().resources.map(({ urn }) => urn.replace("urn:pulumi:local::renamed::", ""));
        assert.deepEqual(urns.sort(), [
            "aws:sqs/queue:Queue::second",
            "pulumi:pulumi:Stack::renamed-local",
            "test:index:Box$aws:sqs/queue:Queue::chest-queue",
            "test:index:Box$aws:sqs/queue:Queue::moved",
            "test:index:Box::chest",
        ]);
        assert.equal((await engine.deploy("renamed", { "renamed:late": "true" })).changes.same, 5);
    });
});
