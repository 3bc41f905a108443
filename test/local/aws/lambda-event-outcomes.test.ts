import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
    CreateFunctionCommand,
    type CreateFunctionRequest,
    GetFunctionConfigurationCommand,
    InvokeCommand,
    PutFunctionConcurrencyCommand,
    PutFunctionEventInvokeConfigCommand,
    type PutFunctionEventInvokeConfigRequest,
    UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { account, region, root } from "../../../local/aws/service";
import { createRole, type LambdaTwin, logsGrant, startLambdaTwin, temporaryFolder, until } from "./lambda-twin";
import { zip } from "./zip";

const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;

/** What a destination is told. */
interface Told {
    readonly requestContext: { readonly condition: string; readonly approximateInvokeCount: number };
    readonly requestPayload: unknown;
    readonly responseContext?: object;
    readonly responsePayload?: { readonly errorMessage?: string } | string;
}

describe("what becomes of asynchronous invocations, at AWS's pace", () => {
    const home = temporaryFolder();
    let twin: LambdaTwin;
    let role: string;
    let count = 0;

    before(async () => {
        twin = await startLambdaTwin(home.folder, { pace: "aws" });
        role = await createRole(twin, "worker", [
            logsGrant,
            {
                Effect: "Allow",
                Action: ["sqs:SendMessage", "sns:Publish", "lambda:InvokeFunction", "events:PutEvents"],
                Resource: "*",
            },
        ]);
    });
    after(async () => {
        await twin.close();
        home.remove();
    });

    /** A function that notes each call in a file, and a queue. */
    async function worker(body: string, more: Partial<CreateFunctionRequest> = {}) {
        const name = `worker-${++count}`;
        const file = join(home.folder, `${name}.log`);
        const note = `require("node:fs").appendFileSync(${JSON.stringify(file)}, JSON.stringify(event) + "\\n");`;
        await twin.services.sqs.operations.CreateQueue({ QueueName: name }, root);
        await twin.client.send(
            new CreateFunctionCommand({
                FunctionName: name,
                Role: role,
                Runtime: "nodejs22.x",
                Handler: "index.handler",
                Code: { ZipFile: zip("index.js", `exports.handler = async (event) => { ${note} ${body} };`) },
                ...more,
            }),
        );
        const calls = () =>
            existsSync(file)
                ? readFileSync(file, "utf8")
                      .split("\n")
                      .slice(0, -1)
                      .map((line) => JSON.parse(line))
                : [];
        return { name, calls, queue: arn("sqs", name) };
    }

    const configure = (FunctionName: string, input: Omit<PutFunctionEventInvokeConfigRequest, "FunctionName">) =>
        twin.client.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, ...input }));
    const send = (FunctionName: string, event: object) =>
        twin.client.send(
            new InvokeCommand({ FunctionName, InvocationType: "Event", Payload: Buffer.from(JSON.stringify(event)) }),
        );

    async function received(QueueName: string) {
        const { QueueUrl } = await twin.services.sqs.operations.GetQueueUrl({ QueueName }, root);
        return until(async () => {
            const { Messages } = await twin.services.sqs.operations.ReceiveMessage(
                { QueueUrl, MessageAttributeNames: ["All"] },
                root,
            );
            return Messages?.[0];
        });
    }
    const told = async (queue: string) => JSON.parse((await received(queue)).Body ?? "") as Told;
    /** When the function's only event is to be tried again, once it has been tried so often. */
    const dueAfter = (name: string, attempts: number) =>
        until(() => {
            const row = twin.store.database
                .prepare("SELECT attempts, due FROM lambda_asynchronous WHERE function = ?")
                .get(name);
            return Number(row?.attempts) === attempts && Number(row?.due);
        });

    it("repeats after one minute and after two", async () => {
        const { name, calls, queue } = await worker("throw new Error('failed');");
        await configure(name, { DestinationConfig: { OnFailure: { Destination: queue } } });
        await send(name, { id: 1 });
        for (const [attempts, minutes] of [
            [1, 1],
            [2, 2],
        ] as const) {
            const due = await dueAfter(name, attempts);
            twin.clock.advance(minutes * 60_000 - 10_000);
            assert.ok(twin.clock.now() < due);
            assert.equal(calls().length, attempts);
            twin.clock.advance(due - twin.clock.now());
            await until(() => calls().length === attempts + 1);
        }
        const { requestContext } = await told(name);
        assert.deepEqual([requestContext.condition, requestContext.approximateInvokeCount], ["RetriesExhausted", 3]);
    });

    it("tells the last answer of an event that is too old to be repeated", async () => {
        const { name, calls, queue } = await worker("throw new Error('failed');");
        await configure(name, {
            MaximumEventAgeInSeconds: 60,
            DestinationConfig: { OnFailure: { Destination: queue } },
        });
        await send(name, { id: 1 });
        const { requestContext, responseContext, responsePayload } = await told(name);
        assert.deepEqual([requestContext.condition, requestContext.approximateInvokeCount], ["EventAgeExceeded", 1]);
        assert.deepEqual(responseContext, { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" });
        assert.equal((responsePayload as { errorMessage?: string }).errorMessage, "failed");
        assert.equal(calls().length, 1);
    });

    it("gives an event up that found no room until it was too old", async () => {
        const flag = join(home.folder, "let-go");
        const { name, calls, queue } = await worker(
            `if (event.holds) while (!require("node:fs").existsSync(${JSON.stringify(flag)})) await new Promise((r) => setTimeout(r, 20));`,
            { Timeout: 60 },
        );
        await twin.client.send(
            new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: 1 }),
        );
        await configure(name, { DestinationConfig: { OnFailure: { Destination: queue } } });
        const holding = twin.client.send(
            new InvokeCommand({ FunctionName: name, Payload: Buffer.from('{"holds":true}') }),
        );
        await until(() => calls().length === 1);
        await send(name, { id: 2 });
        await dueAfter(name, 0);
        twin.clock.advance(6 * 3_600_000 + 1_000);
        const { requestContext, responseContext, requestPayload } = await told(name);
        assert.deepEqual([requestContext.condition, requestContext.approximateInvokeCount], ["EventAgeExceeded", 0]);
        assert.equal(responseContext, undefined);
        assert.deepEqual(requestPayload, { id: 2 });
        writeFileSync(flag, "");
        await holding;
        assert.equal(calls().length, 1);
    });

    it("invokes nothing of a function that may not run, and says so at once", async () => {
        const { name, calls, queue } = await worker("");
        await configure(name, { DestinationConfig: { OnFailure: { Destination: queue } } });
        await twin.client.send(
            new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: 0 }),
        );
        await assert.rejects(twin.client.send(new InvokeCommand({ FunctionName: name })), {
            name: "TooManyRequestsException",
            message: "Rate Exceeded.",
            Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
        });
        await send(name, {});
        const { requestContext, responseContext } = await told(name);
        assert.deepEqual(
            [requestContext.condition, requestContext.approximateInvokeCount],
            ["ZeroReservedConcurrency", 0],
        );
        assert.equal(responseContext, undefined);
        assert.deepEqual(calls(), []);
    });

    for (const kind of ["queue", "topic"] as const) {
        it(`sends what failed to a dead-letter ${kind}, with the error beside it`, async () => {
            const { name, queue } = await worker("throw new Error('x'.repeat(2000));");
            const { sns, sqs } = twin.services;
            let TargetArn = queue;
            if (kind === "topic") {
                TargetArn = String((await sns.operations.CreateTopic({ Name: name }, root)).TopicArn);
                const { QueueUrl } = await sqs.operations.GetQueueUrl({ QueueName: name }, root);
                const Statement = {
                    Effect: "Allow",
                    Principal: { Service: "sns.amazonaws.com" },
                    Action: "sqs:SendMessage",
                    Resource: queue,
                };
                const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
                await sqs.operations.SetQueueAttributes({ QueueUrl, Attributes: { Policy } }, root);
                await sns.operations.Subscribe(
                    {
                        TopicArn: TargetArn,
                        Protocol: "sqs",
                        Endpoint: queue,
                        Attributes: { RawMessageDelivery: "true" },
                    },
                    root,
                );
            }
            const configured = await twin.client.send(
                new UpdateFunctionConfigurationCommand({ FunctionName: name, DeadLetterConfig: { TargetArn } }),
            );
            assert.deepEqual(configured.DeadLetterConfig, { TargetArn });
            await configure(name, { MaximumRetryAttempts: 0 });
            await send(name, { id: 5 });
            const { Body, MessageAttributes = {} } = await received(name);
            assert.deepEqual(JSON.parse(Body ?? ""), { id: 5 });
            assert.match(MessageAttributes.RequestID?.StringValue ?? "", /^[0-9a-f-]{36}$/);
            assert.deepEqual(
                [MessageAttributes.ErrorCode?.DataType, MessageAttributes.ErrorCode?.StringValue],
                ["Number", "200"],
            );
            assert.equal(MessageAttributes.ErrorMessage?.StringValue, "x".repeat(1_024));
            await until(() => twin.lambda.idle());
        });
    }

    it("refuses a dead-letter target that the role may not send to, or that is none", async () => {
        const { name, queue } = await worker("");
        const powerless = await createRole(twin, "powerless", []);
        const update = (input: object) =>
            twin.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: name, ...input }));
        await assert.rejects(update({ Role: powerless, DeadLetterConfig: { TargetArn: queue } }), {
            name: "InvalidParameterValueException",
            message: "The provided execution role does not have permissions to call SendMessage on SQS",
        });
        await assert.rejects(
            update({ DeadLetterConfig: { TargetArn: "arn:aws:s3:::bucket" } }),
            /standard queue or topic/,
        );
        await update({ DeadLetterConfig: { TargetArn: queue } });
        await update({ DeadLetterConfig: { TargetArn: "" } });
        const { DeadLetterConfig } = await twin.client.send(
            new GetFunctionConfigurationCommand({ FunctionName: name }),
        );
        assert.equal(DeadLetterConfig, undefined);
    });

    it("tells another function, and a topic, of what succeeded", async () => {
        const next = await worker("");
        const { name, queue } = await worker("return { sum: 3 };");
        await configure(name, {
            DestinationConfig: { OnSuccess: { Destination: arn("lambda", `function:${next.name}`) } },
        });
        await send(name, { a: 1, b: 2 });
        await until(() => next.calls().length === 1);
        const [record] = next.calls() as [Told];
        assert.equal(record.requestContext.condition, "Success");
        assert.deepEqual([record.requestPayload, record.responsePayload], [{ a: 1, b: 2 }, { sum: 3 }]);

        const { sns } = twin.services;
        const { TopicArn } = await sns.operations.CreateTopic({ Name: name }, root);
        await sns.operations.Subscribe({ TopicArn, Protocol: "sqs", Endpoint: queue }, root);
        await configure(name, { DestinationConfig: { OnSuccess: { Destination: TopicArn } } });
        await send(name, {});
        await until(() => twin.reports.some(({ message }) => message.includes(`Topic ${name} could not deliver`)));
    });

    it("tells an event bus, whose rules see the function and what became of the event", async () => {
        const seen = await worker("");
        const { name } = await worker("throw new Error('failed');");
        const { events, lambda } = twin.services;
        const bus = arn("events", "event-bus/default");
        const { RuleArn } = await events.operations.PutRule(
            {
                Name: name,
                EventPattern: JSON.stringify({ source: ["lambda"], resources: [{ suffix: `${name}:$LATEST` }] }),
            },
            root,
        );
        const FunctionName = seen.name;
        await lambda.operations.AddPermission(
            {
                FunctionName,
                StatementId: "rule",
                Action: "lambda:InvokeFunction",
                Principal: "events.amazonaws.com",
                SourceArn: RuleArn,
            },
            root,
        );
        await events.operations.PutTargets(
            { Rule: name, Targets: [{ Id: "seen", Arn: arn("lambda", `function:${FunctionName}`) }] },
            root,
        );
        await configure(name, { MaximumRetryAttempts: 0, DestinationConfig: { OnFailure: { Destination: bus } } });
        await send(name, { mode: "failure" });
        await until(() => seen.calls().length === 1);
        const [event] = seen.calls();
        assert.equal(event["detail-type"], "Lambda Function Invocation Result - Failure");
        assert.equal(event.source, "lambda");
        assert.deepEqual(event.resources, [bus, arn("lambda", `function:${name}:$LATEST`)]);
        assert.deepEqual(event.detail.requestPayload, { mode: "failure" });
        assert.equal(event.detail.requestContext.condition, "RetriesExhausted");
    });

    it("refuses destinations in Lambda's words", async () => {
        const { name } = await worker("");
        const onSuccess = (Destination: string) =>
            configure(name, { DestinationConfig: { OnSuccess: { Destination } } });
        for (const [Destination, message] of [
            [arn("lambda", "function:nowhere"), `The destination ARN ${arn("lambda", "function:nowhere")} is invalid.`],
            ["arn:aws:s3:::bucket", "The destination ARN arn:aws:s3:::bucket is invalid."],
            [arn("lambda", `function:${name}`), "You can't specify the function as a destination for itself."],
        ] as const) {
            await assert.rejects(onSuccess(Destination), { name: "InvalidParameterValueException", message });
        }
        await assert.rejects(configure(name, {}), {
            message: "You must specify at least one of error handling or destination setting.",
        });
        await assert.rejects(configure("nobody", { MaximumRetryAttempts: 0 }), {
            name: "ResourceNotFoundException",
            message: "The function doesn't exist.",
        });
        await assert.rejects(configure(name, { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 59 }), {
            name: "ValidationException",
            message: /^2 validation errors detected: .*'maximumRetryAttempts'.*; .*'maximumEventAgeInSeconds'/,
        });
    });
});
