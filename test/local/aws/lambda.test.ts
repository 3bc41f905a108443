import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
    CreateFunctionCommand,
    DeleteFunctionCommand,
    GetFunctionCommand,
    InvokeCommand,
    type InvokeCommandOutput,
    ListFunctionsCommand,
    ListTagsCommand,
    TagResourceCommand,
    UntagResourceCommand,
} from "@aws-sdk/client-lambda";
import { root } from "../../../local/aws/service";
import {
    bundle,
    createRole,
    type LambdaTwin,
    logsGrant,
    runs,
    startLambdaTwin,
    temporaryFolder,
    until,
} from "./lambda-twin";
import { zip } from "./zip";

describe("Lambda functions on the twin", () => {
    const home = temporaryFolder();
    let twin: LambdaTwin;
    let role: string;

    before(async () => {
        twin = await startLambdaTwin(home.folder);
        role = await createRole(twin, "plain", [logsGrant]);
    });
    after(async () => {
        await twin.close();
        home.remove();
    });

    async function create(name: string, source: string, more: object = {}): Promise<void> {
        await twin.lambda.operations.CreateFunction(
            {
                FunctionName: name,
                Role: role,
                Runtime: "nodejs22.x",
                Handler: "index.handler",
                Code: { folder: bundle(home.folder, source) },
                ...more,
            },
            root,
        );
    }

    async function invoke(name: string, event: unknown = {}): Promise<{ output: InvokeCommandOutput; result: never }> {
        const output = await twin.client.send(
            new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event), LogType: "Tail" }),
        );
        return { output, result: JSON.parse(Buffer.from(output.Payload ?? []).toString()) as never };
    }

    it("runs a handler in a process of its own and returns what it returns", async () => {
        await create("echo", "export const handler = async (event: object) => ({ event, pid: process.pid });");
        const { output, result } = await invoke("echo", { hello: "world" });
        const { event, pid } = result as { event: object; pid: number };
        assert.equal(output.StatusCode, 200);
        assert.equal(output.FunctionError, undefined);
        assert.deepEqual(event, { hello: "world" });
        assert.notEqual(pid, process.pid);
        assert.deepEqual(twin.lambda.processes("echo"), [pid]);
        assert.match(Buffer.from(output.LogResult ?? "", "base64").toString(), /START RequestId.*\n.*END.*\nREPORT/s);
    });

    it("uses a warm environment again and starts another one only for what runs at the same time", async () => {
        await create(
            "count",
            `let calls = 0;
             export const handler = async ({ wait }) => {
                 calls++;
                 await new Promise((resolve) => setTimeout(resolve, wait ?? 0));
                 return { calls, pid: process.pid };
             };`,
        );
        const first = (await invoke("count")).result as { calls: number; pid: number };
        const second = (await invoke("count")).result as { calls: number; pid: number };
        assert.deepEqual([first.calls, second.calls], [1, 2]);
        assert.equal(first.pid, second.pid);
        const both = await Promise.all([invoke("count", { wait: 200 }), invoke("count", { wait: 200 })]);
        assert.equal(new Set(both.map(({ result }) => (result as { pid: number }).pid)).size, 2);
    });

    it("gives the environment Lambda's variables and the function's own, and none of the twin's", async () => {
        process.env.SORTLINE_TEST_SECRET = "of the parent";
        await create("variables", "export const handler = async () => ({ ...process.env, cwd: process.cwd() });", {
            Environment: { Variables: { GREETING: "hello" } },
        });
        const { result } = await invoke("variables");
        delete process.env.SORTLINE_TEST_SECRET;
        const { cwd, ...variables } = result as Record<string, string>;
        assert.deepEqual(Object.keys(variables).sort(), [
            "AWS_ACCESS_KEY_ID",
            "AWS_DEFAULT_REGION",
            "AWS_ENDPOINT_URL",
            "AWS_EXECUTION_ENV",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            "AWS_LAMBDA_FUNCTION_NAME",
            "AWS_LAMBDA_FUNCTION_VERSION",
            "AWS_LAMBDA_INITIALIZATION_TYPE",
            "AWS_LAMBDA_LOG_FORMAT",
            "AWS_LAMBDA_LOG_GROUP_NAME",
            "AWS_LAMBDA_LOG_STREAM_NAME",
            "AWS_LAMBDA_RUNTIME_API",
            "AWS_REGION",
            "AWS_SECRET_ACCESS_KEY",
            "GREETING",
            "HOME",
            "LAMBDA_RUNTIME_DIR",
            "LAMBDA_TASK_ROOT",
            "LANG",
            "NODE_PATH",
            "PATH",
            "TMPDIR",
            "TZ",
            "_HANDLER",
            "_X_AMZN_TRACE_ID",
        ]);
        assert.equal(cwd, variables.LAMBDA_TASK_ROOT);
        assert.equal(variables.GREETING, "hello");
        assert.equal(variables.AWS_LAMBDA_FUNCTION_MEMORY_SIZE, "128");
    });

    it("kills a handler at its timeout, also one that never gives up the processor", async () => {
        await create("stuck", "export const handler = async () => { for (;;) {} };", { Timeout: 1 });
        const { output, result } = await invoke("stuck");
        const { errorType, errorMessage } = result as { errorType: string; errorMessage: string };
        assert.equal(output.FunctionError, "Unhandled");
        assert.equal(errorType, "Sandbox.Timedout");
        assert.match(errorMessage, /^RequestId: [0-9a-f-]{36} Error: Task timed out after 1\.00 seconds$/);
        assert.deepEqual(twin.lambda.processes("stuck"), []);
    });

    it("reports a crash and serves the next invocation in a new environment", async () => {
        await create(
            "crash",
            "export const handler = async ({ crash }) => { if (crash) process.exit(3); return 'fine'; };",
        );
        const { result } = await invoke("crash", { crash: true });
        const { errorType, errorMessage } = result as { errorType: string; errorMessage: string };
        assert.equal(errorType, "Runtime.ExitError");
        assert.match(errorMessage, /^RequestId: \S+ Error: Runtime exited with error: exit status 3$/);
        assert.equal((await invoke("crash")).result, "fine");
    });

    it("ends a handler that outgrows its memory", async () => {
        await create(
            "hungry",
            "export const handler = async () => { const all = []; for (;;) all.push(new Array(1e5).fill(0)); };",
            {
                Timeout: 60,
            },
        );
        const { result } = await invoke("hungry");
        const { errorType, errorMessage } = result as { errorType: string; errorMessage: string };
        assert.equal(errorType, "Runtime.ExitError");
        assert.match(errorMessage, /Runtime exited with error: signal: aborted$/);
        assert.deepEqual(twin.lambda.processes("hungry"), []);
    });

    it("says that code without a program of its own cannot run where the runtime brings none", async () => {
        await create("unprovided", "export const handler = 1;", { Runtime: "provided.al2023" });
        const { result } = await invoke("unprovided");
        const { errorType, errorMessage } = result as { errorType: string; errorMessage: string };
        assert.equal(errorType, "Runtime.InvalidEntrypoint");
        assert.match(errorMessage, /Couldn't find valid bootstrap/);
    });

    it("reports an error with its type, message and the line in the source", async () => {
        await create(
            "faulty",
            `class NoLuck extends Error { override name = "NoLuck"; }

             export const handler = async (): Promise<void> => {
                 throw new NoLuck("not today");
             };`,
        );
        const { output, result } = await invoke("faulty");
        const { errorType, errorMessage, trace } = result as {
            errorType: string;
            errorMessage: string;
            trace: string[];
        };
        assert.equal(output.FunctionError, "Unhandled");
        assert.deepEqual([errorType, errorMessage], ["NoLuck", "not today"]);
        assert.match(trace.join("\n"), /index\.ts:4:/);
    });

    for (const [why, source, handler, errorType] of [
        ["code that throws while it is loaded", "throw new TypeError('early');", "index.handler", "TypeError"],
        ["a missing export", "export const other = 1;", "index.handler", "Runtime.HandlerNotFound"],
        ["a missing file", "export const handler = 1;", "nothing.handler", "Runtime.ImportModuleError"],
        [
            "a rejection that nobody handles",
            "export const handler = () => new Promise(() => { Promise.reject(new Error('lost')); });",
            "index.handler",
            "Runtime.UnhandledPromiseRejection",
        ],
        [
            "a response over 6 MB",
            "export const handler = async () => 'x'.repeat(6291556);",
            "index.handler",
            "Function.ResponseSizeTooLarge",
        ],
    ] as const) {
        it(`reports ${why} as ${errorType}`, async () => {
            const name = errorType.replace(/\W/g, "-");
            await create(name, source, { Handler: handler, Timeout: 10 });
            const { output, result } = await invoke(name);
            assert.equal(output.FunctionError, "Unhandled");
            assert.equal((result as { errorType: string }).errorType, errorType);
        });
    }

    async function logged(name: string): Promise<string[]> {
        const { events } = await twin.services.logs.operations.FilterLogEvents(
            { logGroupName: `/aws/lambda/${name}` },
            root,
        );
        return (events ?? []).map(({ message = "" }) => message.trim());
    }

    /** Code that notes each time it is loaded, and fails as often as `failures` says. */
    const flaky = (file: string, failures: number) =>
        `import { appendFileSync, readFileSync } from "node:fs";
         appendFileSync(${JSON.stringify(file)}, "loaded\\n");
         const times = readFileSync(${JSON.stringify(file)}, "utf8").trim().split("\\n").length;
         if (times <= ${failures}) throw new Error("not yet");
         export const handler = async () => "ready";`;
    const timesLoaded = (file: string) => readFileSync(file, "utf8").trim().split("\n").length;

    it("initialises once more within the invocation when that failed, and tells nobody but the log", async () => {
        const file = `${home.folder}/second-try.log`;
        await create("second-try", flaky(file, 1));
        const { output, result } = await invoke("second-try");
        assert.equal(output.FunctionError, undefined);
        assert.equal(result, "ready");
        assert.equal(timesLoaded(file), 2);
        await invoke("second-try");
        assert.equal(timesLoaded(file), 2);
        const lines = await logged("second-try");
        assert.deepEqual(
            lines.filter((line) => line.startsWith("INIT_REPORT")).map((line) => line.split("\t").slice(1)),
            [["Phase: init", "Status: error", "Error Type: Error"]],
        );
    });

    it("reports an initialisation that fails twice once, and begins anew with the next invocation", async () => {
        const file = `${home.folder}/two-tries.log`;
        await create("two-tries", flaky(file, 2));
        const { output, result } = await invoke("two-tries");
        assert.equal(output.FunctionError, "Unhandled");
        assert.equal((result as { errorMessage: string }).errorMessage, "not yet");
        assert.equal(timesLoaded(file), 2);
        const lines = await logged("two-tries");
        assert.deepEqual(
            lines.filter((line) => line.startsWith("INIT_REPORT")).map((line) => line.split("\t")[1]),
            ["Phase: init", "Phase: invoke"],
        );
        assert.equal(lines.filter((line) => line.startsWith("REPORT")).length, 1);
        assert.equal((await invoke("two-tries")).result, "ready");
        assert.equal(timesLoaded(file), 3);
    });

    it("leaves the second try of the initialisation no more than the function's timeout", async () => {
        await create(
            "endless",
            `import { existsSync, writeFileSync } from "node:fs";
             const file = ${JSON.stringify(`${home.folder}/endless`)};
             if (!existsSync(file)) { writeFileSync(file, ""); throw new Error("first"); }
             for (;;);
             export const handler = 1;`,
            { Timeout: 1 },
        );
        const { result } = await invoke("endless");
        const { errorType, errorMessage } = result as { errorType: string; errorMessage: string };
        assert.equal(errorType, "Sandbox.Timedout");
        assert.match(errorMessage, /Task timed out after 1\.00 seconds$/);
    });

    it("lets a handler do with the SDK what its role may, and nothing else", async () => {
        await twin.services.kinesis.operations.CreateStream({ StreamName: "granted", ShardCount: 1 }, root);
        await twin.services.kinesis.operations.CreateStream({ StreamName: "denied", ShardCount: 1 }, root);
        const Role = await createRole(twin, "writer", [
            {
                Effect: "Allow",
                Action: ["kinesis:PutRecord"],
                Resource: "arn:aws:kinesis:eu-central-1:000000000000:stream/granted",
            },
        ]);
        await create(
            "put",
            `import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
             const client = new KinesisClient({});
             export const handler = async ({ stream }) => {
                 try {
                     const input = { StreamName: stream, PartitionKey: "k", Data: Buffer.from("d") };
                     return (await client.send(new PutRecordCommand(input))).ShardId;
                 } catch (error) {
                     return { name: error.name, message: error.message };
                 }
             };`,
            { Role, Timeout: 30 },
        );
        assert.equal((await invoke("put", { stream: "granted" })).result, "shardId-000000000000");
        assert.deepEqual((await invoke("put", { stream: "denied" })).result, {
            name: "AccessDeniedException",
            message:
                "User: arn:aws:sts::000000000000:assumed-role/writer/put is not authorized to perform: kinesis:PutRecord on resource: arn:aws:kinesis:eu-central-1:000000000000:stream/denied because no identity-based policy allows the kinesis:PutRecord action",
        });
    });

    it("writes what the handler logs to the function's log group, if the role may", async () => {
        const source = `export const handler = async () => { console.log("two\\nlines"); console.error("bad"); process.stdout.write("raw"); };`;
        await create("talker", source);
        await create("mute", source, { Role: await createRole(twin, "silent", []) });
        await invoke("talker");
        await invoke("mute");
        const { logGroups } = await twin.services.logs.operations.DescribeLogGroups(
            { logGroupNamePrefix: "/aws/lambda/" },
            root,
        );
        const names = logGroups?.map(({ logGroupName }) => logGroupName);
        assert.ok(names?.includes("/aws/lambda/talker"));
        assert.ok(!names?.includes("/aws/lambda/mute"));
        const { events } = await twin.services.logs.operations.FilterLogEvents(
            { logGroupName: "/aws/lambda/talker" },
            root,
        );
        const lines = events?.map(({ message }) =>
            message
                ?.trim()
                .replace(/[0-9a-f-]{36}/g, "ID")
                .replace(/\S+Z\t/, ""),
        );
        assert.deepEqual(
            lines?.map((line) => line?.replace(/(REPORT RequestId: ID).*/s, "$1").replace(/(INIT_START).*/, "$1")),
            [
                "INIT_START",
                "START RequestId: ID Version: $LATEST",
                "ID\tINFO\ttwo\nlines",
                "ID\tERROR\tbad",
                "raw",
                "END RequestId: ID",
                "REPORT RequestId: ID",
            ],
        );
    });

    it("writes its log as JSON where the function is set so", async () => {
        const source = `export const handler = async () => {
            console.log({ batch: 3 });
            console.debug("not at this level");
            console.warn("careful", new RangeError("far"));
            throw new Error("end");
        };`;
        await create("structured", source, { LoggingConfig: { LogFormat: "JSON", LogGroup: "/own/group" } });
        await invoke("structured");
        const { events } = await twin.services.logs.operations.FilterLogEvents({ logGroupName: "/own/group" }, root);
        const lines = (events ?? []).map(({ message }) => JSON.parse(message ?? ""));
        assert.deepEqual(
            lines.map(({ type, level }) => type ?? level),
            ["platform.initStart", "platform.start", "INFO", "WARN", "ERROR", "platform.report"],
        );
        const [, start, info, warning, error, report] = lines;
        assert.deepEqual(info.message, { batch: 3 });
        assert.deepEqual([warning.message, warning.errorType, warning.errorMessage], ["careful", "RangeError", "far"]);
        assert.equal(error.message.errorMessage, "end");
        assert.deepEqual([info.requestId, report.record.requestId], [start.record.requestId, start.record.requestId]);
        assert.equal(report.record.status, "error");
    });

    it("serves new code and new settings from new environments", async () => {
        await create("changing", "export const handler = async () => 'old';", {
            Environment: { Variables: { TONE: "a" } },
        });
        assert.equal((await invoke("changing")).result, "old");
        const [before] = twin.lambda.processes("changing");
        const folder = bundle(home.folder, "export const handler = async () => 'new ' + process.env.TONE;");
        await twin.lambda.operations.UpdateFunctionCode({ FunctionName: "changing", folder }, root);
        assert.equal((await invoke("changing")).result, "new a");
        assert.ok(before !== undefined && !twin.lambda.processes("changing").includes(before));
        const Environment = { Variables: { TONE: "b" } };
        await twin.lambda.operations.UpdateFunctionConfiguration({ FunctionName: "changing", Environment }, root);
        assert.equal((await invoke("changing")).result, "new b");
    });

    it("runs no more at a time than is reserved, and throttles the rest", async () => {
        await create(
            "single",
            "export const handler = () => new Promise((resolve) => setTimeout(resolve, 500, 'done'));",
        );
        await twin.lambda.operations.PutFunctionConcurrency(
            { FunctionName: "single", ReservedConcurrentExecutions: 1 },
            root,
        );
        const first = invoke("single");
        await until(() => twin.lambda.processes("single").length === 1);
        await assert.rejects(invoke("single"), { name: "TooManyRequestsException" });
        assert.equal((await first).result, "done");
    });

    it("takes code as a zip archive over the wire, and describes, lists and deletes the function", async () => {
        const ZipFile = zip("index.js", "exports.handler = async () => 'zipped';");
        const created = await twin.client.send(
            new CreateFunctionCommand({
                FunctionName: "zipped",
                Role: role,
                Runtime: "nodejs24.x",
                Handler: "index.handler",
                Code: { ZipFile },
            }),
        );
        assert.equal(created.State, "Active");
        assert.equal((await invoke("zipped")).result, "zipped");
        const { Configuration } = await twin.client.send(new GetFunctionCommand({ FunctionName: "zipped" }));
        assert.deepEqual([Configuration?.Timeout, Configuration?.MemorySize, Configuration?.Role], [3, 128, role]);
        const { Functions } = await twin.client.send(new ListFunctionsCommand({}));
        assert.ok(Functions?.some(({ FunctionName }) => FunctionName === "zipped"));
        const [pid] = twin.lambda.processes("zipped");
        await twin.client.send(new DeleteFunctionCommand({ FunctionName: "zipped" }));
        await assert.rejects(invoke("zipped"), {
            name: "ResourceNotFoundException",
            message: "Function not found: arn:aws:lambda:eu-central-1:000000000000:function:zipped",
        });
        await until(() => pid !== undefined && !runs(pid));
    });

    it("lists, adds and removes tags of a function over the wire, up to 50", async () => {
        await create("tagged", "export const handler = async () => {};", { Tags: { stage: "first", "a b/c": "1" } });
        const Resource = "arn:aws:lambda:eu-central-1:000000000000:function:tagged";
        const tags = async () => (await twin.client.send(new ListTagsCommand({ Resource }))).Tags;
        await twin.client.send(new TagResourceCommand({ Resource, Tags: { stage: "second", added: "" } }));
        assert.deepEqual(await tags(), { stage: "second", "a b/c": "1", added: "" });
        await twin.client.send(new UntagResourceCommand({ Resource, TagKeys: ["stage", "a b/c", "none"] }));
        assert.deepEqual(await tags(), { added: "" });
        const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`tag ${index}`, ""]));
        await assert.rejects(twin.client.send(new TagResourceCommand({ Resource, Tags: many })), {
            name: "InvalidParameterValueException",
        });
        assert.deepEqual(await tags(), { added: "" });
        await assert.rejects(twin.client.send(new ListTagsCommand({ Resource: `${Resource}-not` })), {
            name: "ResourceNotFoundException",
        });
    });

    it("refuses bad settings, all at once, and what it does not have, by name", async () => {
        await assert.rejects(
            create("bad", "", { Timeout: 901, MemorySize: 64, Environment: { Variables: { AWS_REGION: "x" } } }),
            {
                code: "InvalidParameterValueException",
                message: /Timeout is 901.*MemorySize is 64.*AWS_REGION/s,
            },
        );
        await assert.rejects(create("bad", "", { Runtime: "python3.13" }), {
            code: "NotImplemented",
            message: /python3\.13/,
        });
        await assert.rejects(create("bad", "", { Layers: ["arn"] }), { code: "NotImplemented", message: /Layers/ });
        await assert.rejects(create("bad", "", { Role: "arn:aws:iam::000000000000:role/nobody" }), {
            message: "The role defined for the function cannot be assumed by Lambda.",
        });
        await assert.rejects(invoke("echo", "x".repeat(6_291_456)), { name: "RequestTooLargeException" });
        await assert.rejects(twin.client.send(new InvokeCommand({ FunctionName: "echo", Payload: "{" })), {
            name: "InvalidRequestContentException",
        });
    });

    it("ends all environments when it is closed", async () => {
        const other = temporaryFolder();
        const short = await startLambdaTwin(other.folder);
        const Role = await createRole(short, "plain", []);
        const folder = bundle(other.folder, "export const handler = async () => process.pid;");
        await short.lambda.operations.CreateFunction(
            { FunctionName: "f", Role, Runtime: "nodejs22.x", Handler: "index.handler", Code: { folder } },
            root,
        );
        await short.lambda.operations.Invoke({ FunctionName: "f" }, root);
        const [pid] = short.lambda.processes("f");
        await short.close();
        assert.ok(pid !== undefined && !runs(pid));
        other.remove();
    });
});

/** An archive with one file. */
