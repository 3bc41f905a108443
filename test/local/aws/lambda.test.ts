import assert from "node:assert/strict";
import { InvokeCommand, type InvokeCommandOutput, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { type AwsError, root } from "../../../local/aws/service";
import { bundle, createRole, type LambdaTwin, logsGrant, startLambdaTwin, temporaryFolder, until } from "./lambda-twin";

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
});
