import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { AwsError, root } from "../../../local/aws/service";
import { DeployError } from "../../../local/pulumi";
import { done, type Engine, resourceEvents, startEngine, withOperation } from "./engine";

describe("failures of a deployment", () => {
    let engine: Engine;
    beforeEach(async () => {
        engine = await startEngine();
    });
    afterEach(() => engine.close());

    async function messages(program: string, config: Record<string, string> = {}, services = engine.services) {
        try {
            await engine.deploy(program, config, services);
        } catch (error) {
            assert.ok(error instanceof DeployError, String(error));
            return error.messages;
        }
        return assert.fail("the deployment did not fail");
    }

    it("names every unknown type and every wrong argument at once, and creates nothing", async () => {
        const found = (await messages("mistaken", { "mistaken:mistake": "arguments" })).join("\n");
        assert.match(
            found,
            /aws:ec2\/vpc:Vpc "network": is refused: The resource type aws:ec2\/vpc:Vpc is not supported/,
        );
        assert.match(
            found,
            /kinesis\/stream:Stream "stream": is refused: argument warmThroughputMibPs is not supported/,
        );
        assert.match(found, /argument tags\.a must be text, not 5/);
        assert.match(found, /"config": is refused: argument destinationConfig\.onFailure\.other is not supported/);
        assert.deepEqual(done(engine.events), []);
    });

    it("tells what is wrong with all inline functions of a program once, each with its place, and nothing else", async () => {
        const found = await messages("refused");
        assert.equal(found.length, 1, found.join("\n"));
        const lines = (found[0] ?? "").split("\n").map((line) => line.replace(/\/.*\/programs\//, ""));
        assert.deepEqual(lines, [
            'stage "stack": it uses "pulumi" of @pulumi/pulumi, which exists only while deploying',
            "    at refused/index.ts:9:18",
            "    Compute it outside of the handler into plain data, or read an output with .get()",
            'stage "region": "region" is an output, and .apply exists only while deploying',
            "    at refused/index.ts:15:18",
            "    Read it with .get()",
            'stage "lost": Could not resolve "./nowhere"',
            "    at refused/index.ts:18:13",
            "    Correct it here, or keep it out of what the handler uses",
        ]);
    });

    it("refuses two resources of one name", async () => {
        const [message] = await messages("mistaken", { "mistaken:mistake": "same-name" });
        assert.match(message ?? "", /sqs\/queue:Queue "queue": is refused: another resource .* has the same name/);
    });

    it("shows a program's exception with the lines of its own files only", async () => {
        const [message = "", ...others] = await messages("mistaken", { "mistaken:mistake": "exception" });
        assert.deepEqual(others, []);
        assert.match(message, /Cannot read properties of undefined \(reading 'length'\)/);
        assert.match(message, /programs\/mistaken\/index\.ts:19:/);
        assert.doesNotMatch(message, /node_modules|node:internal/);
        assert.equal(message, stripVTControlCharacters(message));
        assert.ok(engine.events.some((event) => event.kind === "output" && event.line === "about to fail"));
    });

    it("names a function that it does not have", async () => {
        const [message] = await messages("mistaken", { "mistaken:mistake": "invoke" });
        assert.match(message ?? "", /aws:ec2\/getAmi:getAmi is not supported on this machine/);
    });

    it("tells how a program ended that said nothing", async () => {
        assert.match((await messages("mistaken", { "mistaken:mistake": "exit" })).join(), /ended with exit code 3/);
    });

    it("ends a program that goes on after a resource has failed", async () => {
        const found = await messages("mistaken", { "mistaken:mistake": "stubborn" });
        assert.match(found.join(), /^aws:ec2\/vpc:Vpc "network": is refused: [^,]*$/);
    });

    it("ends with the program when it is interrupted, and says how to go on", async () => {
        const interruption = new AbortController();
        const running = engine.deploy("mistaken", { "mistaken:mistake": "endless" }, engine.services, {
            signal: interruption.signal,
            onEvent: (event) => {
                if (event.kind === "resource" && event.status === "done") interruption.abort();
            },
        });
        await assert.rejects(running, /was interrupted\. Deploy again to go on from here/);
    });

    it("refuses a second deployment of a stack beside the first", async () => {
        const first = engine.deploy("streams");
        await assert.rejects(engine.deploy("streams"), /is being deployed already/);
        await first;
    });

    it("names every configuration key that is missing, with its description", async () => {
        const [message = ""] = await messages("configured");
        assert.match(message, /configured:level: How loud it is\./);
        assert.match(message, /configured:color/);
        assert.doesNotMatch(message, /limits|shared/);
        assert.deepEqual(engine.events, []);
    });

    it("gives the program the project's defaults under the configuration that was given", async () => {
        const { outputs } = await engine.deploy("configured", { "configured:level": "3", "configured:color": "red" });
        assert.deepEqual(outputs, {
            level: 3,
            limits: { low: 1, high: 9 },
            shared: "yes",
            stack: "local",
            project: "configured",
        });
    });

    it("names the resource, the operation and AWS's error, and goes on from there the next time", async () => {
        const broken = withOperation(engine.services, "kinesis", {
            CreateStream: async () => {
                throw new AwsError("LimitExceededException", "Too many streams.");
            },
        });
        const found = await messages("failing", {}, broken);
        assert.deepEqual(found, [
            'aws:kinesis/stream:Stream "second": could not be created: LimitExceededException: Too many streams.',
        ]);
        assert.deepEqual(done(engine.events), ["create first"]);
        const failed = resourceEvents(engine.events).find(({ status }) => status === "failed");
        assert.equal(failed?.name, "second");

        const { outputs } = await engine.deploy("failing");
        assert.deepEqual(done(engine.events), ["create second", "create third"]);
        assert.equal((await engine.services.sqs.operations.ListQueues({}, root)).QueueUrls?.length, 2);
        assert.equal((outputs.names as string[]).length, 2);
    });

    it("takes back the first steps of a creation whose later step fails", async () => {
        const broken = withOperation(engine.services, "kinesis", {
            DescribeStreamSummary: async () => {
                throw new AwsError("InternalFailure", "Broken.", 500);
            },
        });
        await messages("failing", {}, broken);
        assert.deepEqual((await engine.services.kinesis.operations.ListStreams({}, root)).StreamNames, []);
    });

    it("repeats an update that failed halfway", async () => {
        await engine.deploy("streams");
        const broken = withOperation(engine.services, "kinesis", {
            IncreaseStreamRetentionPeriod: async (input, caller) => {
                await engine.services.kinesis.operations.IncreaseStreamRetentionPeriod(input, caller);
                throw new AwsError("InternalFailure", "Broken.", 500);
            },
        });
        await messages("streams", { "streams:hours": "48" }, broken);
        // The program is back at what it was before; the stream is not, until it is updated.
        const { outputs } = await engine.deploy("streams");
        const { StreamDescriptionSummary } = await engine.services.kinesis.operations.DescribeStreamSummary(
            { StreamName: String(outputs.streamName) },
            root,
        );
        assert.equal(StreamDescriptionSummary?.RetentionPeriodHours, 24);
        assert.equal((await engine.deploy("streams")).changes.same, 3);
    });
});

describe("a deployment that was killed", () => {
    for (const moment of ["before", "after"]) {
        it(`goes on when it died just ${moment} a creation, without a second resource`, async () => {
            const folder = mkdtempSync(join(tmpdir(), "sortline-engine-"));
            const script = join(__dirname, "killed-deployment.ts");
            const { signal } = spawnSync(process.execPath, ["--import=tsx", script, folder, moment], {
                stdio: "ignore",
            });
            assert.equal(signal, "SIGKILL");
            const engine = await startEngine(folder);
            try {
                const { outputs } = await engine.deploy("failing");
                assert.deepEqual(done(engine.events), ["create second", "create third"]);
                const { StreamNames } = await engine.services.kinesis.operations.ListStreams({}, root);
                assert.deepEqual(StreamNames, [(outputs.names as string[])[1]]);
                assert.equal((await engine.deploy("failing")).changes.same, 4);
            } finally {
                await engine.close();
            }
        });
    }

    it("deletes what an interrupted creation made when the program wants it no longer", async () => {
        const folder = mkdtempSync(join(tmpdir(), "sortline-engine-"));
        const script = join(__dirname, "killed-deployment.ts");
        spawnSync(process.execPath, ["--import=tsx", script, folder, "after"], { stdio: "ignore" });
        const engine = await startEngine(folder);
        try {
            assert.equal((await engine.services.kinesis.operations.ListStreams({}, root)).StreamNames?.length, 1);
            await engine.destroy("failing");
            assert.deepEqual((await engine.services.kinesis.operations.ListStreams({}, root)).StreamNames, []);
            assert.deepEqual((await engine.services.sqs.operations.ListQueues({}, root)).QueueUrls ?? [], []);
        } finally {
            await engine.close();
        }
    });
});
