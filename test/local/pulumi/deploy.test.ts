import assert from "node:assert/strict";
import { root } from "../../../local/aws/service";
import { DeployError } from "../../../local/pulumi";
import { done, type Engine, startEngine } from "./engine";

describe("the embedded engine", () => {
    let engine: Engine;
    beforeEach(async () => {
        engine = await startEngine();
    });
    afterEach(() => engine.close());

    it("creates what a program describes, with names of its own, and gives its outputs", async () => {
        const { changes, outputs } = await engine.deploy("streams");
        assert.deepEqual(changes, { create: 3, update: 0, replace: 0, delete: 0, same: 0 });
        assert.match(String(outputs.streamName), /^input-[0-9a-f]{7}$/);
        assert.equal(outputs.streamArn, `arn:aws:kinesis:eu-central-1:000000000000:stream/${outputs.streamName}`);
        assert.match(String(outputs.queueUrl), /\/000000000000\/failures-[0-9a-f]{7}$/);
        assert.equal(outputs.account, "000000000000");
        const { StreamNames } = await engine.services.kinesis.operations.ListStreams({}, root);
        assert.deepEqual(StreamNames, [outputs.streamName]);
        assert.ok(engine.events.some((event) => event.kind === "output" && event.line === "the program runs"));
    });

    it("changes nothing in a second run of the same program", async () => {
        const first = await engine.deploy("streams");
        const second = await engine.deploy("streams");
        assert.deepEqual(second.changes, { create: 0, update: 0, replace: 0, delete: 0, same: 3 });
        assert.deepEqual(second.outputs, first.outputs);
    });

    it("updates in place what changed, tells which arguments, and keeps the name", async () => {
        const first = await engine.deploy("streams");
        const second = await engine.deploy("streams", { "streams:hours": "48" });
        assert.deepEqual(done(engine.events), ["update input"]);
        const started = engine.events.find((event) => event.kind === "resource" && event.operation === "update");
        assert.deepEqual(started?.kind === "resource" && started.properties, { retentionPeriod: 48 });
        assert.equal(second.outputs.streamName, first.outputs.streamName);
        const { StreamDescriptionSummary } = await engine.services.kinesis.operations.DescribeStreamSummary(
            { StreamName: String(first.outputs.streamName) },
            root,
        );
        assert.equal(StreamDescriptionSummary?.RetentionPeriodHours, 48);
        await engine.deploy("streams");
        const { StreamDescriptionSummary: again } = await engine.services.kinesis.operations.DescribeStreamSummary(
            { StreamName: String(first.outputs.streamName) },
            root,
        );
        assert.equal(again?.RetentionPeriodHours, 24);
    });

    it("changes shards, mode and record size of a stream in place: its records stay", async () => {
        const { outputs } = await engine.deploy("streams");
        const StreamName = String(outputs.streamName);
        const { operations } = engine.services.kinesis;
        await operations.PutRecord({ StreamName, PartitionKey: "k", Data: Buffer.from("x") }, root);
        const described = async () =>
            (await operations.DescribeStreamSummary({ StreamName }, root)).StreamDescriptionSummary;
        const update = { create: 0, update: 1, replace: 0, delete: 0, same: 2 };

        const scaled = { "streams:shards": "2" };
        assert.deepEqual((await engine.deploy("streams", scaled)).changes, update);
        assert.equal((await described())?.OpenShardCount, 2);
        assert.equal((await operations.ListShards({ StreamName }, root)).Shards?.length, 3);

        const onDemand = { "streams:onDemand": "true", "streams:recordSize": "2048" };
        assert.deepEqual((await engine.deploy("streams", onDemand)).changes, update);
        assert.equal((await described())?.StreamModeDetails?.StreamMode, "ON_DEMAND");
        assert.equal((await described())?.MaxRecordSizeInKiB, 2048);
        assert.equal((await engine.deploy("streams", onDemand)).changes.same, 3);

        assert.deepEqual((await engine.deploy("streams", { "streams:shards": "3" })).changes, update);
        assert.equal((await described())?.OpenShardCount, 3);
        assert.equal(
            engine.services.kinesis.read({ streamName: StreamName, shardId: "shardId-000000000000", limit: 9 }).length,
            1,
        );
    });

    it("says in AWS's words that shards can be doubled at most, and keeps the stream as it was", async () => {
        await engine.deploy("streams");
        await assert.rejects(engine.deploy("streams", { "streams:shards": "3" }), (error: DeployError) => {
            assert.match(
                error.message,
                /kinesis\/stream:Stream "input": could not be updated: LimitExceededException: .*double/,
            );
            return error instanceof DeployError;
        });
        assert.equal((await engine.deploy("streams")).changes.update, 1);
    });

    it("makes the new resource and what depends on it before it deletes the old ones, dependents first", async () => {
        await engine.deploy("replaced", { "replaced:named": "false" });
        await engine.deploy("replaced", { "replaced:named": "false", "replaced:path": "/teams/" });
        assert.deepEqual(done(engine.events), [
            "replace worker",
            "replace worker-policy",
            "delete worker-policy",
            "delete worker",
        ]);
    });

    it("gives what depends on a replaced resource the new one's properties", async () => {
        const first = await engine.deploy("replaced");
        const second = await engine.deploy("replaced", { "replaced:fifo": "true" });
        assert.deepEqual(done(engine.events), ["replace work", "update work-policy", "delete work"]);
        assert.notEqual(second.outputs.queueUrl, first.outputs.queueUrl);
        assert.match(String(second.outputs.queueUrl), /\/work-[0-9a-f]{7}\.fifo$/);
        const { QueueUrls } = await engine.services.sqs.operations.ListQueues({}, root);
        assert.deepEqual(QueueUrls, [second.outputs.queueUrl]);
    });

    it("deletes the old resource first, and what needs it, when the new one must have the same name", async () => {
        await engine.deploy("replaced");
        await engine.deploy("replaced", { "replaced:path": "/teams/" });
        assert.deepEqual(done(engine.events), [
            "delete worker-policy",
            "delete worker",
            "replace worker",
            "create worker-policy",
        ]);
        const { Role } = await engine.services.iam.operations.GetRole({ RoleName: "worker" }, root);
        assert.equal(Role.Arn, "arn:aws:iam::000000000000:role/teams/worker");
        const { PolicyNames } = await engine.services.iam.operations.ListRolePolicies({ RoleName: "worker" }, root);
        assert.deepEqual(PolicyNames, ["work"]);
    });

    it("deletes what the program no longer describes, in reverse order of dependency", async () => {
        await engine.deploy("guarded");
        await engine.deploy("guarded", { "guarded:chain": "false" });
        assert.deepEqual(done(engine.events), ["delete last", "delete copy", "delete source"]);
        assert.deepEqual((await engine.services.sqs.operations.ListQueues({}, root)).QueueUrls ?? [], []);
    });

    it("destroys a stack and leaves nothing", async () => {
        await engine.deploy("replaced");
        const { changes } = await engine.destroy("replaced");
        assert.equal(changes.delete, 5);
        assert.deepEqual(done(engine.events).slice(-2).sort(), ["delete work", "delete worker"]);
        assert.deepEqual(engine.export(), { resources: [], outputs: {} });
        await assert.rejects(engine.services.iam.operations.GetRole({ RoleName: "worker" }, root));
    });
});
