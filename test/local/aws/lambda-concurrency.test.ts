import assert from "node:assert/strict";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../local/aws/service";
import { createPipelines, textsOf } from "./lambda-pipeline";
import { bundle, until } from "./lambda-twin";

describe("a limit of concurrency that comes when environments are warm", () => {
    const pipelines = createPipelines();
    before(() => pipelines.start());
    after(() => pipelines.end());

    const operations = () => pipelines.twin().lambda.operations;
    const reserve = (FunctionName: string, ReservedConcurrentExecutions: number) =>
        operations().PutFunctionConcurrency({ FunctionName, ReservedConcurrentExecutions }, root);

    const throttled = { code: "TooManyRequestsException", message: "Rate Exceeded." };

    /** A function whose calls note that they have begun, and end when their gate is open. */
    async function gated(FunctionName: string) {
        const folder = pipelines.folder();
        const source = `
            import { appendFileSync, existsSync } from "node:fs";
            export const handler = async ({ gate }) => {
                appendFileSync(gate + ".begun", "x");
                while (!existsSync(gate)) await new Promise((resolve) => setTimeout(resolve, 10));
                return "ran";
            };`;
        await operations().CreateFunction(
            {
                FunctionName,
                Role: pipelines.role(),
                Runtime: "nodejs22.x",
                Handler: "index.handler",
                Timeout: 60,
                Code: { folder: bundle(folder, source) },
            },
            root,
        );
        return (name: string) => {
            const gate = join(folder, `${FunctionName}-${name}`);
            return {
                invoke: async () => {
                    const { Payload } = await operations().Invoke(
                        { FunctionName, Payload: JSON.stringify({ gate }) },
                        root,
                    );
                    return JSON.parse(Buffer.from(Payload ?? []).toString()) as unknown;
                },
                begun: () => (existsSync(`${gate}.begun`) ? readFileSync(`${gate}.begun`, "utf8").length : 0),
                open: () => appendFileSync(gate, ""),
            };
        };
    }

    it("of 0 throttles every call", async () => {
        const gate = (await gated("stopped"))("only");
        gate.open();
        assert.equal(await gate.invoke(), "ran");
        await reserve("stopped", 0);
        await assert.rejects(gate.invoke(), throttled);
        await operations().DeleteFunctionConcurrency({ FunctionName: "stopped" }, root);
        assert.equal(await gate.invoke(), "ran");
    });

    it("of 1 lets one of three warm environments run at a time", async () => {
        const gates = await gated("narrowed");
        const [before, after] = [gates("before"), gates("after")];
        const three = [before.invoke(), before.invoke(), before.invoke()];
        await until(() => before.begun() === 3);
        before.open();
        assert.deepEqual(await Promise.all(three), ["ran", "ran", "ran"]);
        await reserve("narrowed", 1);
        const first = after.invoke();
        await until(() => after.begun() === 1);
        await assert.rejects(after.invoke(), throttled);
        await assert.rejects(after.invoke(), throttled);
        after.open();
        assert.equal(await first, "ran");
    });

    it("of 0 lets a mapping's records wait", async () => {
        const [stopped, other] = [await pipelines.pipeline(""), await pipelines.pipeline("")];
        await stopped.put("a");
        await stopped.settled();
        await reserve(stopped.name, 0);
        await stopped.put("b");
        // Another function that has to be started first takes longer than a warm one would.
        await other.put("c");
        await until(() => other.events().length === 1);
        assert.deepEqual(textsOf(stopped.events()), ["a"]);
        assert.equal(pipelines.twin().lambda.idle(), false);
        await operations().DeleteFunctionConcurrency({ FunctionName: stopped.name }, root);
        await stopped.settled();
        assert.deepEqual(textsOf(stopped.events()), ["a", "b"]);
    });
});
