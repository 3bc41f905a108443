import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
    CreateFunctionCommand,
    GetFunctionConfigurationCommand,
    InvokeCommand,
    UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { root } from "../../../local/aws/service";
import { createRole, type LambdaTwin, logsGrant, startLambdaTwin, temporaryFolder, until } from "./lambda-twin";

const everything = { Effect: "Allow", Action: ["lambda:*", "ssm:*"], Resource: "*" } as const;

describe("what Lambda's runtime gives to a function on the twin", () => {
    const home = temporaryFolder();
    let twin: LambdaTwin;
    let role: string;

    before(async () => {
        twin = await startLambdaTwin(home.folder);
        role = await createRole(twin, "caller", [logsGrant, everything]);
        const project = join(home.folder, "node_modules", "of-the-project");
        mkdirSync(project, { recursive: true });
        writeFileSync(join(project, "index.js"), "module.exports = 'found';");
    });
    after(async () => {
        await twin.close();
        home.remove();
    });

    /** Makes a function of source that is not bundled. */
    async function create(FunctionName: string, source: string, more: object = {}): Promise<void> {
        const folder = mkdtempSync(join(home.folder, "code-"));
        writeFileSync(join(folder, "index.js"), source);
        mkdirSync(join(folder, "node_modules", "own"), { recursive: true });
        writeFileSync(join(folder, "node_modules", "own", "index.js"), "module.exports = 'own';");
        await twin.lambda.operations.CreateFunction(
            { FunctionName, Role: role, Runtime: "nodejs24.x", Handler: "index.handler", Code: { folder }, ...more },
            root,
        );
    }

    async function invoke(FunctionName: string, event: object = {}, trace?: string): Promise<unknown> {
        const command = new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) });
        if (trace !== undefined) {
            command.middlewareStack.add(
                (next) => (args) => {
                    (args.request as { headers: Record<string, string> }).headers["X-Amzn-Trace-Id"] = trace;
                    return next(args);
                },
                { step: "build" },
            );
        }
        const { Payload, FunctionError } = await twin.client.send(command);
        const result = JSON.parse(Buffer.from(Payload ?? []).toString());
        assert.equal(FunctionError, undefined, JSON.stringify(result));
        return result;
    }

    describe("modules", () => {
        it("are the AWS SDK, which works with the role of the function", async () => {
            const client = new SSMClient({
                endpoint: twin.address,
                region: "eu-central-1",
                credentials: { accessKeyId: "ROOTROOTROOTROOTROOT", secretAccessKey: "secret" },
            });
            await client.send(new PutParameterCommand({ Name: "/key", Value: "4711", Type: "SecureString" }));
            client.destroy();
            await create(
                "reads",
                `const { SSMClient, GetParameterCommand } = require("@aws-sdk/client-ssm");
                 const client = new SSMClient();
                 exports.handler = async () =>
                     (await client.send(new GetParameterCommand({ Name: "/key", WithDecryption: true }))).Parameter.Value;`,
            );
            assert.equal(await invoke("reads"), "4711");
        });

        it("are its own, but none of this package or of the project around it", async () => {
            await create(
                "looks",
                `exports.handler = async ({ names }) => Object.fromEntries(names.map((name) => {
                     try { return [name, typeof require(name)]; } catch (error) { return [name, error.code]; }
                 }));`,
            );
            const names = ["own", "@aws-sdk/client-s3", "@smithy/signature-v4", "zod", "esbuild", "of-the-project"];
            assert.deepEqual(await invoke("looks", { names }), {
                own: "string",
                "@aws-sdk/client-s3": "object",
                "@smithy/signature-v4": "object",
                zod: "MODULE_NOT_FOUND",
                esbuild: "MODULE_NOT_FOUND",
                "of-the-project": "MODULE_NOT_FOUND",
            });
        });

        it("give way to a NODE_PATH of the function", async () => {
            await create(
                "path",
                "exports.handler = async () => { try { return typeof require('@aws-sdk/client-s3'); } catch (error) { return error.code; } };",
                { Environment: { Variables: { NODE_PATH: "/nowhere" } } },
            );
            assert.equal(await invoke("path"), "MODULE_NOT_FOUND");
        });
    });

    describe("the trace", () => {
        const returnsTrace = "exports.handler = async () => process.env._X_AMZN_TRACE_ID;";
        const newRoot = /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/;
        const given = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

        before(() => create("traced", returnsTrace));

        it("is a new one for each invocation without", async () => {
            const traces = [await invoke("traced"), await invoke("traced"), await invoke("traced", {}, "nonsense")];
            for (const trace of traces) assert.match(String(trace), newRoot);
            assert.equal(new Set(traces).size, 3);
        });

        it("is the invoker's, unchanged where tracing is passive", async () => {
            assert.equal(await invoke("traced", {}, given), given);
        });

        it("gets a new parent with active tracing, and is sampled unless the invoker said no", async () => {
            await create("active", returnsTrace, { TracingConfig: { Mode: "Active" } });
            const configuration = await twin.client.send(
                new GetFunctionConfigurationCommand({ FunctionName: "active" }),
            );
            assert.deepEqual(configuration.TracingConfig, { Mode: "Active" });
            assert.match(
                String(await invoke("active")),
                /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=1$/,
            );
            const passed = String(await invoke("active", {}, given.replace("Sampled=1", "Sampled=0")));
            assert.match(passed, /^Root=1-5759e988-bd862e3fe1be46a994272793;Parent=[0-9a-f]{16};Sampled=0$/);
            assert.ok(!passed.includes("53995c3f42cd8ad8"));
        });

        it("goes on from function to function through the SDK, with waiting and without, and over retries", async () => {
            const file = join(home.folder, "traces.log");
            await create(
                "fails-first",
                `const { appendFileSync, existsSync } = require("node:fs");
                 exports.handler = async ({ file }) => {
                     const again = existsSync(file);
                     appendFileSync(file, process.env._X_AMZN_TRACE_ID + "\\n");
                     if (!again) throw new Error("once more");
                 };`,
            );
            await create(
                "calls",
                `const { LambdaClient, InvokeCommand } = require("@aws-sdk/client-lambda");
                 const client = new LambdaClient();
                 exports.handler = async ({ file }) => {
                     const Payload = JSON.stringify({ file });
                     await client.send(new InvokeCommand({ FunctionName: "fails-first", Payload, InvocationType: "Event" }));
                     const answer = await client.send(new InvokeCommand({ FunctionName: "traced" }));
                     return [process.env._X_AMZN_TRACE_ID, JSON.parse(Buffer.from(answer.Payload).toString())];
                 };`,
            );
            const [own, other] = (await invoke("calls", { file })) as string[];
            assert.match(String(own), newRoot);
            assert.equal(other, own);
            await until(() => twin.lambda.idle());
            assert.deepEqual(readFileSync(file, "utf8").trim().split("\n"), [own, own]);
        });
    });

    describe("environment variables", () => {
        /** Variables that take `bytes` as JSON. */
        const variables = (bytes: number) => ({ SECRET: "s".repeat(bytes - JSON.stringify({ SECRET: "" }).length) });
        const create = (FunctionName: string, bytes: number) =>
            twin.client.send(
                new CreateFunctionCommand({
                    FunctionName,
                    Role: role,
                    Runtime: "nodejs24.x",
                    Handler: "index.handler",
                    Code: { ZipFile: emptyZip },
                    Environment: { Variables: variables(bytes) },
                }),
            );
        const tooMuch = (error: Error) => {
            assert.equal(error.name, "InvalidParameterValueException");
            assert.match(
                error.message,
                /^Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit\. String measured: 4097 bytes/,
            );
            assert.ok(!error.message.includes("sss"));
            return true;
        };

        it("may take 4096 bytes together, and one more is refused in Lambda's words without repeating them", async () => {
            await create("full", 4096);
            await assert.rejects(create("fuller", 4097), tooMuch);
            const update = new UpdateFunctionConfigurationCommand({
                FunctionName: "full",
                Environment: { Variables: variables(4097) },
            });
            await assert.rejects(twin.client.send(update), tooMuch);
        });
    });
});

/** The end of central directory of an archive without entries. */
const emptyZip = Buffer.from([0x50, 0x4b, 5, 6, ...Array.from({ length: 18 }, () => 0)]);
