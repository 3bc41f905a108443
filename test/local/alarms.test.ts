import assert from "node:assert/strict";
import { CloudWatchClient, DescribeAlarmsCommand, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { AddPermissionCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { account, region, root } from "../../local/aws/service";
import { bundle, temporaryFolder, until } from "./aws/lambda-twin";
import { startTwinUnderTest, type TwinUnderTest } from "./twin-under-test";

// Logs what a stage would: metrics in a line of the embedded metric format.
const stage = `export const handler = async ({ rejected }: { rejected: number }) => {
    const CloudWatchMetrics = [{ Namespace: "shop", Dimensions: [["stage"]], Metrics: [{ Name: "Rejected", Unit: "Count" }] }];
    process.stdout.write(JSON.stringify({ _aws: { Timestamp: Date.now(), CloudWatchMetrics }, stage: "parse", Rejected: rejected }) + "\\n");
};`;
const listener = "export const handler = async (event: unknown) => console.log('GOT ' + JSON.stringify(event));";

describe("An alarm on what a function logs", () => {
    const home = temporaryFolder();
    let twin: TwinUnderTest;

    before(async () => {
        twin = await startTwinUnderTest();
        await twin.clientOf("worker", [{ Effect: "Allow", Action: "logs:*", Resource: "*" }]);
        for (const [name, source] of Object.entries({
            stage,
            onRule: listener,
            onAction: listener,
            onTopic: listener,
        })) {
            await twin.twin.services.lambda.operations.CreateFunction(
                {
                    FunctionName: name,
                    Role: `arn:aws:iam::${account}:role/worker`,
                    Runtime: "nodejs22.x",
                    Handler: "index.handler",
                    Code: { folder: bundle(home.folder, source) } as never,
                },
                root,
            );
        }
    });

    after(async () => {
        await twin.close();
        home.remove();
    });

    it("reaches a rule's target, a function and a topic's subscriber, and is over when the function recovers", async () => {
        const { client: options } = twin;
        const clients = {
            cloudwatch: new CloudWatchClient(options),
            events: new EventBridgeClient(options),
            lambda: new LambdaClient(options),
            logs: new CloudWatchLogsClient(options),
            sns: new SNSClient(options),
        };
        const functionArn = (name: string) => `arn:aws:lambda:${region}:${account}:function:${name}`;
        const AlarmName = "rejected";
        const { TopicArn } = await clients.sns.send(new CreateTopicCommand({ Name: "alerts" }));
        await clients.sns.send(
            new SubscribeCommand({ TopicArn, Protocol: "lambda", Endpoint: functionArn("onTopic") }),
        );
        const { RuleArn } = await clients.events.send(
            new PutRuleCommand({
                Name: "alarms",
                EventPattern: JSON.stringify({
                    source: ["aws.cloudwatch"],
                    "detail-type": ["CloudWatch Alarm State Change"],
                    detail: { alarmName: [AlarmName], state: { value: ["ALARM"] } },
                }),
            }),
        );
        await clients.events.send(
            new PutTargetsCommand({ Rule: "alarms", Targets: [{ Id: "function", Arn: functionArn("onRule") }] }),
        );
        const callers = {
            onRule: ["events.amazonaws.com", RuleArn],
            onAction: [
                "lambda.alarms.cloudwatch.amazonaws.com",
                `arn:aws:cloudwatch:${region}:${account}:alarm:${AlarmName}`,
            ],
            onTopic: ["sns.amazonaws.com", TopicArn],
        };
        for (const [FunctionName, [Principal, SourceArn]] of Object.entries(callers)) {
            const Action = "lambda:InvokeFunction";
            await clients.lambda.send(
                new AddPermissionCommand({ FunctionName, StatementId: "call", Action, Principal, SourceArn }),
            );
        }
        await clients.cloudwatch.send(
            new PutMetricAlarmCommand({
                AlarmName,
                Namespace: "shop",
                MetricName: "Rejected",
                Dimensions: [{ Name: "stage", Value: "parse" }],
                Statistic: "Sum",
                Period: 60,
                EvaluationPeriods: 1,
                Threshold: 5,
                ComparisonOperator: "GreaterThanOrEqualToThreshold",
                TreatMissingData: "notBreaching",
                AlarmActions: [functionArn("onAction"), String(TopicArn)],
            }),
        );
        const state = async () => {
            const { MetricAlarms = [] } = await clients.cloudwatch.send(
                new DescribeAlarmsCommand({ AlarmNames: [AlarmName] }),
            );
            return MetricAlarms[0]?.StateValue;
        };
        const invoke = (rejected: number) =>
            clients.lambda.send(new InvokeCommand({ FunctionName: "stage", Payload: JSON.stringify({ rejected }) }));
        async function got(name: string): Promise<Record<string, unknown>> {
            return until(async () => {
                const { events = [] } = await clients.logs
                    .send(new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${name}`, filterPattern: "GOT" }))
                    .catch(() => ({ events: [] }));
                const [, json] = /GOT (.*)/.exec(events[0]?.message ?? "") ?? [];
                return json === undefined ? undefined : (JSON.parse(json) as Record<string, unknown>);
            });
        }

        // Both in one period.
        const { clock } = twin.twin;
        clock.advance(60_000 - (clock.now() % 60_000) + 2_000);
        await invoke(2);
        await invoke(3);
        clock.advance(62_000);
        assert.equal(await state(), "ALARM");
        const event = await got("onRule");
        assert.equal(event["detail-type"], "CloudWatch Alarm State Change");
        assert.deepEqual(event.resources, [callers.onAction[1]]);
        const { alarmData } = (await got("onAction")) as { alarmData: { state: { value: string; reason: string } } };
        assert.equal(alarmData.state.value, "ALARM");
        assert.match(
            alarmData.state.reason,
            /1 datapoint \[5\.0 .*\] was greater than or equal to the threshold \(5\.0\)/,
        );
        const { Records } = (await got("onTopic")) as { Records: { Sns: { Subject: string; Message: string } }[] };
        assert.equal(Records[0]?.Sns.Subject, 'ALARM: "rejected" in EU (Frankfurt)');
        assert.equal((JSON.parse(Records[0]?.Sns.Message ?? "") as { AlarmName: string }).AlarmName, AlarmName);

        await invoke(0);
        clock.advance(62_000);
        assert.equal(await state(), "OK");
        for (const client of Object.values(clients)) client.destroy();
    });
});
