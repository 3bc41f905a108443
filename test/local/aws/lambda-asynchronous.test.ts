import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { account, region, root } from "../../../local/aws/service";
import { openStore } from "../../../local/aws/store";
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

describe("asynchronous invocations on the twin", () => {
    const home = temporaryFolder();
    let twin: LambdaTwin;
    let role: string;
    let bundled: string;

    before(async () => {
        twin = await startLambdaTwin(home.folder);
        role = await createRole(twin, "worker", [
            logsGrant,
            { Effect: "Allow", Action: ["s3:PutObject", "s3:ListBucket", "sqs:SendMessage"], Resource: "*" },
        ]);
        bundled = bundle(
            home.folder,
            `import { appendFileSync } from "node:fs";
             export const handler = async (event, context) => {
                 appendFileSync(event.file, context.awsRequestId + "\\n");
                 if (event.fail) throw new Error("failed");
                 return "well";
             };`,
        );
        await twin.services.s3.operations.CreateBucket({ Bucket: "results" }, root);
        await twin.services.sqs.operations.CreateQueue({ QueueName: "results" }, root);
    });
    after(async () => {
        await twin.close();
        home.remove();
    });

    async function create(FunctionName: string) {
        await twin.lambda.operations.CreateFunction(
            { FunctionName, Role: role, Runtime: "nodejs22.x", Handler: "index.handler", Code: { folder: bundled } },
            root,
        );
        const file = join(home.folder, `${FunctionName}.log`);
        return {
            file,
            calls: () => (existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : []),
            settled: () => until(() => twin.lambda.idle()),
        };
    }

    it("accepts an event at once and repeats it twice, with the same request id, before it is recorded in S3", async () => {
        const worker = await create("unlucky");
        await twin.lambda.operations.PutFunctionEventInvokeConfig(
            { FunctionName: "unlucky", DestinationConfig: { OnFailure: { Destination: "arn:aws:s3:::results" } } },
            root,
        );
        const event = { file: worker.file, fail: true };
        const accepted = await twin.client.send(
            new InvokeCommand({ FunctionName: "unlucky", InvocationType: "Event", Payload: JSON.stringify(event) }),
        );
        assert.equal(accepted.StatusCode, 202);
        await worker.settled();
        const [requestId, ...repeated] = worker.calls();
        assert.deepEqual(repeated, [requestId, requestId]);

        const { Contents } = await twin.services.s3.operations.ListObjectsV2({ Bucket: "results" }, root);
        const key = Contents?.[0]?.Key ?? "";
        assert.match(
            key,
            /^aws\/lambda\/async\/unlucky\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}$/,
        );
        const { timestamp, ...record } = JSON.parse(twin.services.s3.readObject("results", key).toString());
        assert.equal(new Date(timestamp).toISOString(), timestamp);
        assert.deepEqual(
            { ...record, responsePayload: { ...record.responsePayload, trace: undefined } },
            {
                version: "1.0",
                requestContext: {
                    requestId,
                    functionArn: `arn:aws:lambda:${region}:${account}:function:unlucky:$LATEST`,
                    condition: "RetriesExhausted",
                    approximateInvokeCount: 3,
                },
                requestPayload: event,
                responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
                responsePayload: { errorType: "Error", errorMessage: "failed", trace: undefined },
            },
        );
    });

    it("sends results to the queues that are configured, and repeats no more than configured", async () => {
        const worker = await create("once");
        const Destination = `arn:aws:sqs:${region}:${account}:results`;
        await twin.lambda.operations.PutFunctionEventInvokeConfig(
            {
                FunctionName: "once",
                MaximumRetryAttempts: 0,
                DestinationConfig: { OnSuccess: { Destination }, OnFailure: { Destination } },
            },
            root,
        );
        for (const fail of [false, true]) {
            const Payload = JSON.stringify({ file: worker.file, fail });
            await twin.lambda.operations.Invoke({ FunctionName: "once", InvocationType: "Event", Payload }, root);
        }
        await worker.settled();
        assert.equal(worker.calls().length, 2);
        const { QueueUrl } = await twin.services.sqs.operations.GetQueueUrl({ QueueName: "results" }, root);
        const { Messages } = await twin.services.sqs.operations.ReceiveMessage(
            { QueueUrl, MaxNumberOfMessages: 10 },
            root,
        );
        const conditions = Messages?.map(({ Body }) => JSON.parse(Body ?? "").requestContext.condition);
        assert.deepEqual(conditions?.sort(), ["RetriesExhausted", "Success"]);
    });

    it("invokes for a service only what the function's policy lets it, and nothing for a transaction that fails", async () => {
        const worker = await create("notified");
        const functionArn = `arn:aws:lambda:${region}:${account}:function:notified`;
        const from = (bucket: string) => ({ service: "s3.amazonaws.com", sourceArn: `arn:aws:s3:::${bucket}` });
        const payload = JSON.stringify({ file: worker.file });
        await twin.lambda.operations.AddPermission(
            {
                FunctionName: "notified",
                StatementId: "s3",
                Action: "lambda:InvokeFunction",
                Principal: "s3.amazonaws.com",
                SourceArn: "arn:aws:s3:::mail",
                SourceAccount: account,
            },
            root,
        );
        twin.store.transaction(() => twin.lambda.enqueue(functionArn, payload, from("other")));
        assert.match(
            twin.reports.at(-1)?.message ?? "",
            /s3\.amazonaws\.com may not invoke notified for arn:aws:s3:::other/,
        );
        assert.throws(() =>
            twin.store.transaction(() => {
                twin.lambda.enqueue(functionArn, payload, from("mail"));
                throw new Error("undone");
            }),
        );
        await worker.settled();
        assert.equal(worker.calls().length, 0);
        twin.store.transaction(() => twin.lambda.enqueue(functionArn, payload, from("mail")));
        await worker.settled();
        assert.equal(worker.calls().length, 1);
    });

    it("keeps no function waiting for another one's events", async () => {
        const gate = join(home.folder, "gate");
        const slow = join(home.folder, "slow.log");
        const folder = bundle(
            home.folder,
            `import { appendFileSync, existsSync } from "node:fs";
             export const handler = async () => {
                 appendFileSync(${JSON.stringify(slow)}, "x");
                 while (!existsSync(${JSON.stringify(gate)})) await new Promise((resolve) => setTimeout(resolve, 10));
             };`,
        );
        const settings = { Role: role, Runtime: "nodejs22.x", Handler: "index.handler", Timeout: 60 } as const;
        await twin.lambda.operations.CreateFunction({ FunctionName: "slow", ...settings, Code: { folder } }, root);
        await twin.lambda.operations.PutFunctionConcurrency(
            { FunctionName: "slow", ReservedConcurrentExecutions: 1 },
            root,
        );
        const quick = await create("quick");
        const send = (FunctionName: string) =>
            twin.lambda.operations.Invoke(
                { FunctionName, InvocationType: "Event", Payload: JSON.stringify({ file: quick.file }) },
                root,
            );
        // More than are taken out of the store at a time.
        for (let sent = 0; sent < 70; sent++) await send("slow");
        await send("quick");
        await until(() => quick.calls().length === 1);
        assert.ok(twin.lambda.busy().includes("slow, 70 times by events"), twin.lambda.busy().join());
        writeFileSync(gate, "");
        await quick.settled();
        assert.equal(readFileSync(slow, "utf8").length, 70);
    });

    it("refuses a destination that the role may not write to", async () => {
        await create("powerless");
        const Role = await createRole(twin, "powerless", []);
        await twin.lambda.operations.UpdateFunctionConfiguration({ FunctionName: "powerless", Role }, root);
        const put = (Destination: string) =>
            twin.lambda.operations.PutFunctionEventInvokeConfig(
                { FunctionName: "powerless", DestinationConfig: { OnFailure: { Destination } } },
                root,
            );
        await assert.rejects(
            put("arn:aws:s3:::results"),
            /powerless's execution role does not have permissions to call s3 ListBucket/,
        );
        await assert.rejects(
            put(`arn:aws:sns:${region}:${account}:topic`),
            /powerless's execution role does not have permissions to call sns Publish/,
        );
        await assert.rejects(put(`arn:aws:firehose:${region}:${account}:deliverystream/d`), {
            code: "InvalidParameterValueException",
        });
    });

    it("runs what a home of an earlier version holds, which kept no traces", async () => {
        const { calls, file } = await create("earlier");
        await twin.close();
        const store = openStore(home.folder);
        store.database.exec("ALTER TABLE lambda_asynchronous DROP COLUMN trace");
        const insert = store.database.prepare("INSERT INTO lambda_asynchronous VALUES (?, ?, ?, ?, 0, ?, NULL)");
        insert.run("request-1", "earlier", JSON.stringify({ file }), Date.now(), Date.now());
        store.close();
        twin = await startLambdaTwin(home.folder);
        await until(() => twin.lambda.idle());
        assert.deepEqual(calls(), ["request-1"]);
    });

    it("leaves no process behind and loses no event when the twin is killed", async () => {
        const killed = temporaryFolder();
        const calls = (name: string) => {
            const file = join(killed.folder, name);
            return existsSync(file) ? readFileSync(file, "utf8") : "";
        };
        const folder = bundle(
            killed.folder,
            `import { appendFileSync, existsSync } from "node:fs";
             /** Notes the call; was there one before? */
             const again = (event) => {
                 const file = ${JSON.stringify(killed.folder)} + "/" + event;
                 const found = existsSync(file);
                 appendFileSync(file, "called ");
                 return found;
             };
             export const patient = async (event) => {
                 if (!again(event)) await new Promise((resolve) => setTimeout(resolve, 600_000));
             };
             export const busy = async (event) => {
                 const stuck = !again(event);
                 while (stuck) {}
             };`,
        );
        const script = join(__dirname, "lambda-twin-process.ts");
        const child = spawn(process.execPath, ["--import", "tsx", script, join(killed.folder, "home"), folder], {
            stdio: ["ignore", "pipe", "inherit"],
        });
        const ended = new Promise((resolve) => child.on("close", resolve));
        const [line] = await Promise.race([
            new Promise<string[]>((resolve) => createInterface(child.stdout).once("line", (text) => resolve([text]))),
            ended.then(() => [] as string[]),
        ]);
        const { patient, busy } = JSON.parse(line ?? "{}") as { patient: number; busy: number };
        await until(() => calls("patient") !== "" && calls("busy") !== "");
        child.kill("SIGKILL");
        await ended;
        // A handler that waits sees the end of the twin by itself …
        await until(() => !runs(patient));

        // … and the process of one that never gives up the processor is ended by the next twin.
        const next = await startLambdaTwin(join(killed.folder, "home"));
        await until(() => !runs(busy));
        await until(() => next.lambda.idle());
        assert.deepEqual([calls("patient"), calls("busy")], ["called called ", "called called "]);
        await next.close();
        killed.remove();
    });
});
