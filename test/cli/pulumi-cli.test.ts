import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as aws from "@pulumi/aws";
import * as upstream from "@pulumi/pulumi";
import { root } from "../../local/aws/service";
import { startTwinUnderTest, type TwinUnderTest } from "../local/twin-under-test";
import { isInstalled, type RealPulumi, realPulumi } from "./real-pulumi";

/** Those of the reference program before it has a model, with which the endpoint's come. */
const resources = readFileSync(resolve(__dirname, "../end-to-end/reference-resources.txt"), "utf8")
    .trimEnd()
    .split("\n")
    .filter((name) => !name.startsWith("sortline:index:ModelEndpoint$")).length;

describe("the real Pulumi command on the twin", () => {
    let twin: TwinUnderTest;
    let pulumi: RealPulumi;
    before(function () {
        if (!isInstalled) this.skip();
    });
    beforeEach(async () => {
        twin = await startTwinUnderTest();
        pulumi = realPulumi(twin);
    });
    afterEach(async () => {
        pulumi?.close();
        await twin?.close();
    });
    const services = () => twin.twin.services;

    it("previews, deploys, refreshes and destroys the reference program; a second deployment changes nothing", async () => {
        const stack = await pulumi.reference();
        assert.deepEqual((await stack.preview()).changeSummary, { create: resources });
        const { summary, outputs } = await stack.up();
        assert.deepEqual(summary.resourceChanges, { create: resources });
        const { Buckets = [] } = await services().s3.operations.ListBuckets({}, root);
        assert.ok(Buckets.some(({ Name }) => Name === outputs.mailBucket?.value));
        assert.deepEqual((await stack.preview()).changeSummary, { same: resources });
        assert.deepEqual((await stack.refresh()).summary.resourceChanges, { same: resources });
        assert.deepEqual((await stack.up()).summary.resourceChanges, { same: resources });
        const { lambda } = services();
        const { Functions = [] } = await lambda.operations.ListFunctions({}, root);
        const intake = Functions.find(({ FunctionName }) => FunctionName?.startsWith("intake-"));
        const { FunctionName, Environment } = intake ?? {};
        const [removed = "", ...kept] = Object.keys(Environment?.Variables ?? {});
        const Variables = Object.fromEntries(kept.map((name) => [name, Environment?.Variables?.[name] ?? ""]));
        await lambda.operations.UpdateFunctionConfiguration(
            { FunctionName, Environment: { Variables: { ...Variables, ADDED: removed } } },
            root,
        );
        assert.deepEqual((await stack.refresh()).summary.resourceChanges, { same: resources - 1, update: 1 });
        assert.deepEqual((await stack.up()).summary.resourceChanges, { same: resources - 1, update: 1 });
        const mended = await lambda.operations.GetFunctionConfiguration({ FunctionName }, root);
        assert.deepEqual(mended.Environment, Environment);
        // The program retains the source that models were trained with, and so the bucket that holds it.
        await assert.rejects(stack.destroy(), /BucketNotEmpty: .*\n.*Empty the bucket, or set forceDestroy/);
        const artefacts = Buckets.find(({ Name }) => Name?.startsWith("training-artifacts-"))?.Name;
        const { operations } = services().s3;
        const { Versions = [], DeleteMarkers = [] } = await operations.ListObjectVersions({ Bucket: artefacts }, root);
        for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) {
            await operations.DeleteObject({ Bucket: artefacts, Key, VersionId }, root);
        }
        await stack.destroy();
        assert.deepEqual((await services().s3.operations.ListBuckets({}, root)).Buckets ?? [], []);
    });

    it("deploys beside the twin's own stack of the same project, as the README says, and under another name only", async () => {
        const repository = resolve(__dirname, "../..");
        const readme = readFileSync(join(repository, "README.md"), "utf8");
        const name = /^pulumi -C local\/project stack init (\S+)/m.exec(readme)?.[1];
        const home = mkdtempSync(join(tmpdir(), "sortline-twin-"));
        const deployed = await startTwinUnderTest(home, repository);
        const beside = realPulumi(deployed);
        try {
            await deployed.twin.stack.up(() => {});
            const own = await beside.reference("local");
            await assert.rejects(own.up(), /the twin has deployed its own stack local .*pulumi stack init NAME/s);
            const { resources: left = [] } = (await own.exportStack()).deployment;
            assert.deepEqual(
                left.filter(({ custom }: { custom: boolean }) => custom),
                [],
            );
            const stack = await beside.reference(name);
            assert.deepEqual((await stack.up()).summary.resourceChanges, { create: resources });
            assert.deepEqual((await stack.up()).summary.resourceChanges, { same: resources });
        } finally {
            beside.close();
            await deployed.close();
        }
    });

    it("updates every resource type in place where AWS does so, and finds all as it left it", async () => {
        const stack = await pulumi.program("services");
        const created = (await stack.up()).summary.resourceChanges?.create;
        assert.ok(created);
        assert.deepEqual((await stack.refresh()).summary.resourceChanges, { same: created });
        await stack.setConfig("services:changed", { value: "true" });
        const { changeSummary } = await stack.preview();
        assert.equal(changeSummary.replace, 2);
        const { summary } = await stack.up();
        assert.deepEqual(summary.resourceChanges, changeSummary);
        assert.deepEqual((await stack.up()).summary.resourceChanges, { same: created });
        assert.deepEqual((await stack.refresh()).summary.resourceChanges, { same: created });
        assert.deepEqual((await stack.destroy()).summary.resourceChanges, { delete: created });
    });

    it("replaces: the new resource first, or the old one and what needs it where both have one name", async () => {
        const stack = await pulumi.program("replaced");
        const first = await stack.up();
        await stack.setConfig("replaced:fifo", { value: "true" });
        const second = await stack.up();
        assert.equal(second.summary.resourceChanges?.replace, 1);
        assert.notEqual(second.outputs.queueUrl?.value, first.outputs.queueUrl?.value);
        assert.deepEqual((await services().sqs.operations.ListQueues({}, root)).QueueUrls, [
            second.outputs.queueUrl?.value,
        ]);
        await stack.setConfig("replaced:path", { value: "/teams/" });
        assert.equal((await stack.up()).summary.resourceChanges?.replace, 2);
        const { Role } = await services().iam.operations.GetRole({ RoleName: "worker" }, root);
        assert.equal(Role.Path, "/teams/");
        assert.equal(
            (await services().iam.operations.ListRolePolicies({ RoleName: "worker" }, root)).PolicyNames.length,
            1,
        );
    });

    it("does what a saved plan says, with the names that the preview chose", async () => {
        const stack = await pulumi.program("streams", { "streams:shards": "1" });
        const plan = join(stack.workspace.workDir, "plan.json");
        await stack.preview({ plan });
        const planned = /"name":\s*"(input-[0-9a-f]{7})"/.exec(readFileSync(plan, "utf8"))?.[1];
        const { outputs } = await stack.up({ plan });
        assert.equal(outputs.streamName?.value, planned);
    });

    it("sees by a refresh what was changed or deleted by others, and puts it right", async () => {
        const stack = await pulumi.program("streams", { "streams:shards": "1", "streams:hours": "24" });
        const { outputs } = await stack.up();
        const StreamName = String(outputs.streamName?.value);
        await services().kinesis.operations.IncreaseStreamRetentionPeriod(
            { StreamName, RetentionPeriodHours: 48 },
            root,
        );
        await services().sqs.operations.DeleteQueue({ QueueUrl: outputs.queueUrl?.value }, root);
        assert.deepEqual((await stack.refresh()).summary.resourceChanges, { update: 1, delete: 1, same: 1 });
        assert.deepEqual((await stack.up()).summary.resourceChanges, { update: 1, create: 1, same: 1 });
        const { StreamDescriptionSummary } = await services().kinesis.operations.DescribeStreamSummary(
            { StreamName },
            root,
        );
        assert.equal(StreamDescriptionSummary?.RetentionPeriodHours, 24);
    });

    it("takes over what exists with the option import", async () => {
        await services().kinesis.operations.CreateStream({ StreamName: "mine", ShardCount: 1 }, root);
        const arn = "arn:aws:kinesis:eu-central-1:000000000000:stream/mine";
        const stack = await pulumi.inline(async () => {
            new aws.kinesis.Stream("mine", { name: "mine", shardCount: 1 }, { import: arn });
        });
        assert.deepEqual((await stack.up()).summary.resourceChanges, { create: 1, import: 1 });
        assert.deepEqual((await stack.up()).summary.resourceChanges, { same: 2 });
    });

    it("runs an inline program, reads what is there, and shows what a preview cannot know as unknown", async () => {
        const stack = await pulumi.inline(async () => {
            const bucket = new aws.s3.Bucket("bucket");
            const object = new aws.s3.BucketObjectv2("object", {
                bucket: bucket.bucket,
                source: new upstream.asset.FileAsset("package.json"),
            });
            const same = aws.s3.Bucket.get("same", bucket.id, { forceDestroy: false });
            return { arn: bucket.arn, etag: object.etag, same: same.arn };
        });
        assert.deepEqual((await stack.preview()).changeSummary, { create: 3 });
        const { outputs } = await stack.up();
        assert.equal(outputs.same?.value, outputs.arn?.value);
        assert.match(outputs.etag?.value, /^[0-9a-f]{32}$/);
        await stack.destroy();
    });

    it("tells all that is wrong with arguments, by property, and warns of what has no effect here", async () => {
        let told = "";
        const stack = await pulumi.inline(async () => {
            const key = new aws.kms.Key("key", { deletionWindowInDays: 7 });
            const wrong = { shardCount: 1, shardLevelMetrics: 5, tags: { a: [] }, warmThroughputMibPs: 1 };
            new aws.kinesis.Stream("stream", wrong as never, { dependsOn: key });
        });
        const onOutput = (text: string) => {
            told += text;
        };
        await assert.rejects(stack.up({ onOutput }));
        assert.match(told, /property shardLevelMetrics value \{5\} has a problem: must be a list, not 5/);
        assert.match(told, /has a problem: tags\.a must be text, not a list/);
        assert.match(told, /warmThroughputMibPs .* is not supported on this machine/);
        assert.match(told, /warning: aws:kms\/key:Key is only recorded here/);
    });

    it("refuses in a preview a schema that breaks records in flight, and takes one that does not", async () => {
        const stack = await pulumi.program("evolving", { "evolving:shape": "first" });
        await stack.up();
        await stack.setConfig("evolving:shape", { value: "breaking" });
        await assert.rejects(stack.preview(), /data\.customer\.age: was optional, is required/);
        await stack.setConfig("evolving:shape", { value: "wider" });
        assert.ok((await stack.up()).summary.resourceChanges?.update);
    });

    it("keeps secrets out of the state", async () => {
        const stack = await pulumi.program("parameters");
        await stack.setConfig("parameters:word", { value: "open-sesame", secret: true });
        const { outputs } = await stack.up();
        assert.deepEqual(outputs.value, { value: "open-sesame", secret: true });
        assert.doesNotMatch(pulumi.state(), /open-sesame/);
        assert.equal((await stack.refresh()).summary.resourceChanges?.update, undefined);
        assert.doesNotMatch(pulumi.state(), /open-sesame/);
    });

    it("follows the twin to another port", async () => {
        const stack = await pulumi.program("streams", { "streams:shards": "1" });
        const first = await stack.up();
        twin = await twin.restart();
        const second = await stack.up();
        assert.deepEqual(second.summary.resourceChanges, { same: 3 });
        assert.notEqual(second.outputs.queueUrl?.value, first.outputs.queueUrl?.value);
        assert.ok(second.outputs.queueUrl?.value.startsWith(twin.twin.file.address));
    });

    it("works in a team's own project, whose twin it finds, and keeps the state there", async () => {
        const project = mkdtempSync(join(tmpdir(), "sortline-team-"));
        const modules = join(project, "node_modules");
        mkdirSync(modules);
        const repository = resolve(__dirname, "../..");
        symlinkSync(repository, join(modules, "sortline"));
        for (const name of ["@pulumi", "tsx"]) symlinkSync(join(repository, "node_modules", name), join(modules, name));
        writeFileSync(join(project, "Pulumi.yaml"), "name: team\nruntime: nodejs\n");
        const program = `import { WorkQueue } from "sortline"; export const url = new WorkQueue("queue").queueUrl;`;
        writeFileSync(join(project, "index.ts"), program);
        const own = await startTwinUnderTest(join(project, ".sortline"));
        try {
            const { outputs } = await (await pulumi.ofTeam(project)).up();
            assert.ok(outputs.url?.value.startsWith(own.twin.file.address));
            assert.ok(existsSync(join(project, "local/.state/.pulumi/stacks/team/dev.json")));
        } finally {
            await own.close();
            rmSync(project, { recursive: true, force: true });
        }
    });

    it("says at once that no twin is running", async () => {
        await twin.twin.close();
        const stack = await pulumi.program("streams", { "streams:shards": "1" });
        await assert.rejects(stack.preview(), /No twin is running in .*\n.*npx sortline start/);
    });
});
