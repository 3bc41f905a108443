import assert from "node:assert/strict";
import {
    CloudWatchClient,
    GetMetricStatisticsCommand,
    type GetMetricStatisticsCommandInput,
    ListMetricsCommand,
} from "@aws-sdk/client-cloudwatch";
import { createLogs, type Logs } from "../../../local/aws/logs";
import { embeddedMetrics } from "../../../local/aws/logs/embedded-metrics";
import { type ServiceUnderTest, startService } from "./service-under-test";

const group = "/aws/lambda/parse";

describe("Embedded metrics", () => {
    let twin: ServiceUnderTest<Logs>;
    let client: CloudWatchClient;

    beforeEach(async () => {
        twin = await startService(createLogs);
        client = new CloudWatchClient(twin.client);
    });

    afterEach(async () => {
        client.destroy();
        await twin.stop();
    });

    const now = () => twin.context.clock.now();
    const log = (...lines: object[]) =>
        twin.service.append(
            group,
            "one",
            lines.map((line) => ({ timestamp: now(), message: JSON.stringify(line) })),
        );
    const line = (metadata: object, members: object, Timestamp = Date.now()) => ({
        _aws: { Timestamp, CloudWatchMetrics: [{ Namespace: "pipeline", ...metadata }] },
        ...members,
    });

    async function statistics(MetricName: string, more: Partial<GetMetricStatisticsCommandInput> = {}) {
        const { Datapoints = [] } = await client.send(
            new GetMetricStatisticsCommand({
                Namespace: "pipeline",
                MetricName,
                StartTime: new Date(now() - 60_000),
                EndTime: new Date(now() + 60_000),
                Period: 300,
                Statistics: ["Sum", "SampleCount"],
                ...more,
            }),
        );
        return Datapoints.map(({ Sum, SampleCount, Unit, ExtendedStatistics }) => ({
            Sum,
            SampleCount,
            Unit,
            ...ExtendedStatistics,
        }));
    }

    it("become metrics, in each set of dimensions", async () => {
        await log(
            line(
                {
                    Dimensions: [["stage"], ["stage", "service"]],
                    Metrics: [
                        { Name: "Records", Unit: "Count" },
                        { Name: "Time", Unit: "Milliseconds", StorageResolution: 1 },
                    ],
                },
                { stage: "parse", service: "mail", Records: 7, Time: [10, 20, 30], requestId: "not a dimension" },
            ),
        );
        const stage = { Name: "stage", Value: "parse" };
        const service = { Name: "service", Value: "mail" };
        const records = { Sum: 7, SampleCount: 1, Unit: "Count" };
        assert.deepEqual(await statistics("Records", { Dimensions: [stage] }), [records]);
        assert.deepEqual(await statistics("Records", { Dimensions: [stage, service] }), [records]);
        assert.deepEqual(await statistics("Time", { Dimensions: [stage], Period: 60, ExtendedStatistics: ["p50"] }), [
            { Sum: 60, SampleCount: 3, Unit: "Milliseconds", p50: 20 },
        ]);
        const { Metrics } = await client.send(new ListMetricsCommand({}));
        assert.equal(Metrics?.length, 4);
    });

    it("count at the twin's time where the clock is ahead of the machine's", async () => {
        twin.context.clock.advance(3_600_000);
        await log(line({ Metrics: [{ Name: "Records" }] }, { Records: 1 }));
        assert.deepEqual(await statistics("Records"), [{ Sum: 1, SampleCount: 1, Unit: "None" }]);
    });

    it("stay in the log where they are malformed, which is said once and counted", async () => {
        const good = { Name: "Good" };
        const bad = [
            line({ Metrics: [good, { Name: "Text" }] }, { Good: 1, Text: "31337" }),
            line({ Dimensions: [["missing"], []], Metrics: [good] }, { Good: 1 }),
            line({ Metrics: [good] }, { Good: 1 }, Date.now() - 15 * 86_400_000),
        ];
        await log(...bad);
        assert.deepEqual(await statistics("Good"), [{ Sum: 2, SampleCount: 2, Unit: "None" }]);
        const { events } = await twin.service.operations.FilterLogEvents({ logGroupName: group }, { kind: "root" });
        assert.deepEqual(
            events?.map(({ message }) => message),
            bad.map((each) => JSON.stringify(each)),
        );
        assert.equal(twin.reports.length, 1);
        assert.match(twin.reports[0]?.message ?? "", /CloudWatchMetrics\[0\]\.Metrics\[1\] names a member/);
        assert.doesNotMatch(twin.reports[0]?.message ?? "", /31337/);
        const counted = { Namespace: "AWS/Logs", Dimensions: [{ Name: "LogGroupName", Value: group }] };
        assert.deepEqual(
            (await statistics("EMFValidationErrors", counted)).map(({ Sum }) => Sum),
            [3],
        );
    });

    it("are told from lines that are none, and hostile ones make no metric", () => {
        for (const none of [
            "plain",
            '{"a":1}',
            '{"_aws":1}',
            'x "_aws"',
            '{"_aws":{}}',
            '["_aws"]',
            '{"text":"\\"_aws\\""}',
        ]) {
            assert.equal(embeddedMetrics(none), undefined, none);
        }
        const time = Date.now();
        const directives: unknown[] = [
            null,
            "x",
            {},
            { Namespace: "" },
            { Namespace: "n", Metrics: {} },
            {
                Namespace: "n",
                Metrics: [null, { Name: "__proto__" }, { Name: "constructor" }, { Name: "a", Unit: "Apples" }],
            },
            {
                Namespace: "n",
                Metrics: [{ Name: "a", StorageResolution: 5 }, { Name: "empty" }, { Name: "many" }, { Name: "huge" }],
            },
            { Namespace: "n", Dimensions: [["toString"], [1], "x", ["control"]], Metrics: [{ Name: "a" }] },
            { Namespace: "n", Dimensions: {}, Metrics: [{ Name: "a" }] },
            { Namespace: "n", Metrics: Array.from({ length: 101 }, () => ({ Name: "a" })) },
        ];
        for (const directive of directives) {
            const message = JSON.stringify({
                _aws: { Timestamp: time, CloudWatchMetrics: [directive] },
                a: 1,
                empty: [],
                many: Array.from({ length: 101 }, () => 1),
                control: "a\nb",
            }).replace(/}$/, ',"huge":1e400}');
            const found = embeddedMetrics(message);
            assert.deepEqual(found?.samples, [], message);
            assert.ok((found?.problems.length ?? 0) > 0, message);
        }
        for (const Timestamp of [undefined, "now", -1, 1.5]) {
            const message = JSON.stringify({ _aws: { Timestamp, CloudWatchMetrics: [] } });
            assert.deepEqual(embeddedMetrics(message)?.problems, ["Timestamp is not a time in milliseconds"]);
        }
        assert.deepEqual(embeddedMetrics('{"_aws":{')?.problems, ["the line is not JSON"]);
    });
});
