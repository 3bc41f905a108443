import assert from "node:assert/strict";
import {
    CloudWatchClient,
    DeleteAlarmsCommand,
    DescribeAlarmHistoryCommand,
    DescribeAlarmsCommand,
    type DescribeAlarmsCommandInput,
    DescribeAlarmsForMetricCommand,
    DisableAlarmActionsCommand,
    EnableAlarmActionsCommand,
    ListTagsForResourceCommand,
    PutCompositeAlarmCommand,
    PutMetricAlarmCommand,
    type PutMetricAlarmCommandInput,
    PutMetricDataCommand,
    SetAlarmStateCommand,
    TagResourceCommand,
    UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch";
import type { CloudWatch } from "../../../local/aws/cloudwatch";
import type { NewEvent } from "../../../local/aws/events";
import { AwsError, account, region } from "../../../local/aws/service";
import { type ServiceUnderTest, startService } from "./service-under-test";

const Namespace = "pipeline";
const minute = 60_000;
const topic = `arn:aws:sns:${region}:${account}:alerts`;
const gone = `arn:aws:sns:${region}:${account}:gone`;
const closed = `arn:aws:lambda:${region}:${account}:function:closed`;
const lambda = `arn:aws:lambda:${region}:${account}:function:react`;

describe("Alarms of CloudWatch on the twin", () => {
    let twin: ServiceUnderTest<CloudWatch>;
    let client: CloudWatchClient;
    let events: NewEvent[];
    let actions: { target: string; content: string; sourceArn: string }[];
    let broken: boolean;

    beforeEach(async () => {
        events = [];
        actions = [];
        broken = false;
        const services = {
            events: {
                emit(event: NewEvent) {
                    if (broken) throw new Error("broken");
                    events.push(event);
                },
            },
            sns: {
                enqueue(target: string, { Message }: { Message: string }, { sourceArn }: { sourceArn: string }) {
                    if (target === gone) throw new AwsError("NotFound", "Topic does not exist", 404);
                    actions.push({ target, content: Message, sourceArn });
                },
            },
            lambda: {
                enqueue(target: string, content: string, { sourceArn }: { sourceArn: string }) {
                    if (target === closed) return false;
                    actions.push({ target, content, sourceArn });
                    return true;
                },
            },
        };
        twin = await startService((context) => context.services().cloudwatch, { services });
        client = new CloudWatchClient(twin.client);
        // Periods begin on whole minutes: nothing of a test lies across two.
        twin.context.clock.advance(minute - (twin.context.clock.now() % minute) + 2_000);
    });

    afterEach(async () => {
        client.destroy();
        await twin.stop();
    });

    const put = (Value: number, MetricName = "Errors", more: object = {}) =>
        client.send(new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName, Value, ...more }] }));
    const advance = (minutes: number) => twin.context.clock.advance(minutes * minute);
    const alarm = (more: Partial<PutMetricAlarmCommandInput> = {}) =>
        client.send(
            new PutMetricAlarmCommand({
                AlarmName: "errors",
                Namespace,
                MetricName: "Errors",
                Statistic: "Sum",
                Period: 60,
                EvaluationPeriods: 1,
                Threshold: 1,
                ComparisonOperator: "GreaterThanOrEqualToThreshold",
                ...more,
            }),
        );
    const described = async (input: DescribeAlarmsCommandInput = {}) =>
        (await client.send(new DescribeAlarmsCommand(input))).MetricAlarms ?? [];
    const state = async (name = "errors") => (await described({ AlarmNames: [name] }))[0]?.StateValue;
    const history = async (HistoryItemType?: "StateUpdate" | "Action" | "ConfigurationUpdate") =>
        (await client.send(new DescribeAlarmHistoryCommand({ AlarmName: "errors", HistoryItemType })))
            .AlarmHistoryItems ?? [];

    it("go off, recover and run out of data, with history, events and reasons", async () => {
        await alarm({ DatapointsToAlarm: 1 });
        assert.equal(await state(), "INSUFFICIENT_DATA");
        await put(3);
        advance(1);
        const [off] = await described();
        assert.equal(off?.StateValue, "ALARM");
        assert.match(
            off?.StateReason ?? "",
            /^Threshold Crossed: 1 out of the last 1 datapoints \[3\.0 \(.{17}\)\] was greater than or equal to the threshold \(1\.0\) \(minimum 1 datapoint for OK -> ALARM transition\)\.$/,
        );
        const data = JSON.parse(off?.StateReasonData ?? "{}") as Record<string, unknown>;
        assert.deepEqual([data.statistic, data.period, data.recentDatapoints, data.threshold], ["Sum", 60, [3], 1]);
        await put(0);
        advance(1);
        assert.equal(await state(), "OK");
        // The last data count for the evaluation range, and only then there are none.
        advance(2);
        assert.equal(await state(), "OK");
        advance(2);
        assert.equal(await state(), "INSUFFICIENT_DATA");
        const summaries = (await history("StateUpdate")).map(({ HistorySummary }) => HistorySummary);
        assert.deepEqual(summaries, [
            "Alarm updated from OK to INSUFFICIENT_DATA",
            "Alarm updated from ALARM to OK",
            "Alarm updated from INSUFFICIENT_DATA to ALARM",
        ]);
        const arn = `arn:aws:cloudwatch:${region}:${account}:alarm:errors`;
        assert.deepEqual(
            events.map(({ source, detailType, resources, detail }) => [
                source,
                detailType,
                resources,
                (detail.state as { value: string }).value,
            ]),
            ["ALARM", "OK", "INSUFFICIENT_DATA"].map((value) => [
                "aws.cloudwatch",
                "CloudWatch Alarm State Change",
                [arn],
                value,
            ]),
        );
        assert.deepEqual(events[0]?.detail.configuration, {
            description: undefined,
            metrics: [
                {
                    id: "m1",
                    metricStat: {
                        metric: { namespace: Namespace, name: "Errors", dimensions: {} },
                        period: 60,
                        stat: "Sum",
                        unit: undefined,
                    },
                    returnData: true,
                },
            ],
        });
    });

    it("need as many datapoints as they are told, of longer periods that end each minute", async () => {
        await alarm({ Period: 120, EvaluationPeriods: 3, DatapointsToAlarm: 2, TreatMissingData: "notBreaching" });
        await put(1);
        advance(1);
        assert.equal(await state(), "OK");
        advance(1);
        await put(1);
        advance(1);
        assert.equal(await state(), "ALARM");
    });

    it("evaluate periods of ten seconds by high-resolution data", async () => {
        await alarm({ Period: 10 });
        await put(2, "Errors", { StorageResolution: 1 });
        twin.context.clock.advance(10_000);
        assert.equal(await state(), "ALARM");
        twin.context.clock.advance(40_000);
        assert.equal(await state(), "INSUFFICIENT_DATA");
    });

    it("take percentiles and metric math", async () => {
        const metric = (Id: string, MetricName: string) => ({
            Id,
            ReturnData: false,
            MetricStat: { Metric: { Namespace, MetricName }, Period: 60, Stat: "Sum" },
        });
        const plain = { MetricName: undefined, Namespace: undefined, Statistic: undefined, Period: undefined };
        await alarm({
            ...plain,
            Threshold: 20,
            Metrics: [
                metric("errors", "Errors"),
                metric("calls", "Calls"),
                { Id: "rate", Expression: "100 * FILL(errors, 0) / calls" },
            ],
        });
        await alarm({
            AlarmName: "slow",
            MetricName: "Time",
            Statistic: undefined,
            ExtendedStatistic: "p90",
            Threshold: 9,
        });
        await put(1);
        await put(4, "Calls");
        for (const value of [1, 2, 3, 4, 5, 6, 7, 8, 9, 100]) await put(value, "Time");
        advance(1);
        assert.deepEqual([await state(), await state("slow")], ["ALARM", "ALARM"]);
        await put(8, "Calls");
        advance(1);
        assert.equal(await state(), "OK");
        const detail = events.find((event) => event.detail.alarmName === "errors")?.detail ?? {};
        const { metrics } = detail.configuration as { metrics: { id: string; expression?: string }[] };
        assert.deepEqual(
            metrics.map(({ id, expression }) => [id, expression]),
            [
                ["errors", undefined],
                ["calls", undefined],
                ["rate", "100 * FILL(errors, 0) / calls"],
            ],
        );
    });

    it("go on over a restart, and sleep while there are no data", async () => {
        await alarm({ TreatMissingData: "notBreaching" });
        await put(1);
        const time = twin.context.clock.now();
        client.destroy();
        twin = await twin.restart();
        client = new CloudWatchClient(twin.client);
        twin.context.clock.advance(time - twin.context.clock.now());
        advance(2);
        assert.equal(await state(), "ALARM");
        // A year without data is no year of evaluations.
        const { clock } = twin.context;
        let appointments = 0;
        const at = clock.at;
        Object.assign(clock, {
            at(...appointment: Parameters<typeof at>) {
                appointments++;
                return at(...appointment);
            },
        });
        advance(365 * 24 * 60);
        assert.ok(appointments < 10, `${appointments} appointments`);
        assert.equal(await state(), "OK");
        await put(1);
        advance(1);
        assert.equal(await state(), "ALARM");
    });

    it("find data that were put for a time to come", async () => {
        await alarm({ TreatMissingData: "notBreaching" });
        await put(1, "Errors", { Timestamp: new Date(twin.context.clock.now() + 30 * minute) });
        advance(29);
        assert.equal(await state(), "OK");
        advance(2);
        assert.equal(await state(), "ALARM");
    });

    it("set off their topics and functions, unless these are disabled", async () => {
        await alarm({ AlarmActions: [topic], OKActions: [lambda], AlarmDescription: "Something fails" });
        await put(1);
        advance(1);
        await put(0);
        advance(1);
        const sourceArn = `arn:aws:cloudwatch:${region}:${account}:alarm:errors`;
        assert.deepEqual(
            actions.map((action) => [action.target, action.sourceArn]),
            [
                [topic, sourceArn],
                [lambda, sourceArn],
            ],
        );
        const message = JSON.parse(actions[0]?.content ?? "") as Record<string, unknown>;
        assert.deepEqual(
            [message.AlarmName, message.AlarmDescription, message.NewStateValue, message.OldStateValue, message.Region],
            ["errors", "Something fails", "ALARM", "INSUFFICIENT_DATA", "EU (Frankfurt)"],
        );
        assert.deepEqual((message.Trigger as { Statistic: string }).Statistic, "SUM");
        const event = JSON.parse(actions[1]?.content ?? "") as { alarmData: { state: { value: string } } };
        assert.equal(event.alarmData.state.value, "OK");
        assert.deepEqual(
            (await history("Action")).map(({ HistorySummary }) => HistorySummary),
            [`Successfully executed action ${lambda}`, `Successfully executed action ${topic}`],
        );
        await client.send(new DisableAlarmActionsCommand({ AlarmNames: ["errors"] }));
        await put(1);
        advance(1);
        assert.equal(await state(), "ALARM");
        assert.equal(actions.length, 2);
        await client.send(new EnableAlarmActionsCommand({ AlarmNames: ["errors"] }));
        await put(0);
        advance(1);
        assert.equal(actions.length, 3);
    });

    it("note which of their actions failed, and do the others", async () => {
        await alarm({ AlarmActions: [gone, closed, lambda] });
        await put(1);
        advance(1);
        assert.equal(await state(), "ALARM");
        assert.deepEqual(
            actions.map(({ target }) => target),
            [lambda],
        );
        const outcomes = (await history("Action")).map(({ HistoryData = "" }) => {
            const { actionState, error, notificationResource } = JSON.parse(HistoryData) as Record<
                string,
                string | null
            >;
            return [notificationResource, actionState, error];
        });
        assert.deepEqual(outcomes, [
            [lambda, "Succeeded", null],
            [
                closed,
                "Failed",
                "CloudWatch Alarms is not authorized to perform: lambda:InvokeFunction on the resource because no resource-based policy allows the lambda:InvokeFunction action",
            ],
            [gone, "Failed", "Topic does not exist"],
        ]);
        assert.match(twin.reports[0]?.message ?? "", /could not set off .*:gone: Topic does not exist/);
    });

    it("keep their state, and say so, where the event cannot be stored with it", async () => {
        await alarm();
        await put(1);
        broken = true;
        advance(1);
        assert.equal(await state(), "INSUFFICIENT_DATA");
        assert.match(twin.reports.at(-1)?.message ?? "", /Alarm errors is not evaluated/);
        broken = false;
        advance(1);
        assert.equal(await state(), "ALARM");
    });

    it("are set by hand until the next evaluation", async () => {
        await alarm({ TreatMissingData: "notBreaching" });
        const set = (StateValue: "ALARM", AlarmName = "errors") =>
            client.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: "trying it out" }));
        await set("ALARM");
        const [tried] = await described();
        assert.deepEqual([tried?.StateValue, tried?.StateReason], ["ALARM", "trying it out"]);
        assert.equal(events.length, 1);
        advance(1);
        assert.equal(await state(), "OK");
        await assert.rejects(set("ALARM", "none"), { name: "ResourceNotFound" });
        await assert.rejects(set("RED" as "ALARM"), /StateValue must be one of OK, ALARM/);
    });

    it("are changed, listed, tagged and deleted", async () => {
        await alarm({ Tags: [{ Key: "team", Value: "mail" }] });
        await alarm({ AlarmName: "other", AlarmActions: [topic] });
        await put(1);
        advance(1);
        await alarm({ Threshold: 100 });
        const [changed] = await described({ AlarmNamePrefix: "err" });
        assert.deepEqual([changed?.Threshold, changed?.StateValue], [100, "ALARM"]);
        const names = async (input: DescribeAlarmsCommandInput) =>
            (await described(input)).map(({ AlarmName }) => AlarmName);
        assert.deepEqual(await names({}), ["errors", "other"]);
        assert.deepEqual(await names({ StateValue: "OK" }), []);
        assert.deepEqual(await names({ ActionPrefix: "arn:aws:sns" }), ["other"]);
        assert.deepEqual(await names({ AlarmTypes: ["CompositeAlarm"] }), []);
        const first = await client.send(new DescribeAlarmsCommand({ MaxRecords: 1 }));
        assert.deepEqual(await names({ MaxRecords: 1, NextToken: first.NextToken }), ["other"]);
        const ofMetric = await client.send(
            new DescribeAlarmsForMetricCommand({ Namespace, MetricName: "Errors", Statistic: "Sum" }),
        );
        assert.equal(ofMetric.MetricAlarms?.length, 2);

        const ResourceARN = `arn:aws:cloudwatch:${region}:${account}:alarm:errors`;
        await client.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: "cost", Value: "1" }] }));
        await client.send(new UntagResourceCommand({ ResourceARN, TagKeys: ["team"] }));
        const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceARN }));
        assert.deepEqual(Tags, [{ Key: "cost", Value: "1" }]);
        await assert.rejects(client.send(new ListTagsForResourceCommand({ ResourceARN: `${ResourceARN}x` })), {
            name: "ResourceNotFoundException",
        });

        await client.send(new DeleteAlarmsCommand({ AlarmNames: ["errors"] }));
        assert.deepEqual(await names({}), ["other"]);
        assert.deepEqual(
            (await history("ConfigurationUpdate")).map(({ HistorySummary }) => HistorySummary),
            ['Alarm "errors" deleted', 'Alarm "errors" updated', 'Alarm "errors" created'],
        );
        advance(31 * 24 * 60);
        assert.deepEqual(await history(), []);
        await assert.rejects(client.send(new DeleteAlarmsCommand({ AlarmNames: ["errors"] })), {
            name: "ResourceNotFound",
        });
    });

    it("are refused with all that is wrong, and by name where the twin lacks something", async () => {
        const wrong = alarm({
            Period: 45,
            EvaluationPeriods: 2,
            DatapointsToAlarm: 3,
            Threshold: undefined,
            TreatMissingData: "loudly",
            ExtendedStatistic: "p101",
            ComparisonOperator: "Equals" as "LessThanThreshold",
            Unit: "Apples" as "Count",
            AlarmActions: Array.from({ length: 6 }, () => topic),
        });
        const named = [
            "Period must be 10",
            "DatapointsToAlarm",
            "Threshold",
            "TreatMissingData",
            "p101",
            "ComparisonOperator",
            "Unit",
            "AlarmActions",
        ];
        await assert.rejects(wrong, (error: Error) => {
            for (const part of named) assert.ok(error.message.includes(part), `${part} in: ${error.message}`);
            return true;
        });
        await assert.rejects(alarm({ Period: 3600, EvaluationPeriods: 169 }), /seven days/);
        await assert.rejects(
            alarm({ Period: 60, EvaluationPeriods: 1441 }),
            /EvaluationPeriods \* Period must be <= 86400/,
        );
        const missing: [Partial<PutMetricAlarmCommandInput>, RegExp][] = [
            [{ ThresholdMetricId: "ad1" }, /ThresholdMetricId/],
            [{ ComparisonOperator: "GreaterThanUpperThreshold" }, /anomaly detection/],
            [{ AlarmActions: ["arn:aws:automate:eu-central-1:ec2:stop"] }, /ec2:stop/],
            [{ EvaluationWindow: { WallClockWindow: {} } }, /EvaluationWindow/],
        ];
        for (const [input, message] of missing) await assert.rejects(alarm(input), { name: "NotImplemented", message });
        const composite = client.send(new PutCompositeAlarmCommand({ AlarmName: "all", AlarmRule: "ALARM(errors)" }));
        await assert.rejects(composite, { name: "NotImplemented", message: /PutCompositeAlarm/ });
        assert.deepEqual(await described(), []);
    });
});
