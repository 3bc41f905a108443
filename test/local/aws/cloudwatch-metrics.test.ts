import assert from "node:assert/strict";
import {
    CloudWatchClient,
    DescribeAlarmsCommand,
    GetMetricDataCommand,
    type GetMetricDataCommandInput,
    GetMetricStatisticsCommand,
    type GetMetricStatisticsCommandInput,
    ListMetricsCommand,
    type MetricDatum,
    PutDashboardCommand,
    PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { AwsQueryProtocol } from "@aws-sdk/core/protocols";
import type { CloudWatch } from "../../../local/aws/cloudwatch";
import { type ServiceUnderTest, startService } from "./service-under-test";

const Namespace = "pipeline";
const minute = 60_000;

describe("Metrics of CloudWatch on the twin", () => {
    let twin: ServiceUnderTest<CloudWatch>;
    let client: CloudWatchClient;
    /** A whole hour in the past, on which all periods of the tests begin. */
    let start: number;

    beforeEach(async () => {
        twin = await startService((context) => context.services().cloudwatch);
        client = new CloudWatchClient(twin.client);
        start = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000;
    });

    afterEach(async () => {
        client.destroy();
        await twin.stop();
    });

    const put = (...MetricData: MetricDatum[]) => client.send(new PutMetricDataCommand({ Namespace, MetricData }));
    const at = (minutes: number) => new Date(start + minutes * minute);

    async function statistics(input: Partial<GetMetricStatisticsCommandInput>) {
        const { Datapoints = [] } = await client.send(
            new GetMetricStatisticsCommand({
                Namespace,
                MetricName: "size",
                StartTime: at(0),
                EndTime: at(60),
                Period: 60,
                Statistics: ["Sum"],
                ...input,
            } as GetMetricStatisticsCommandInput),
        );
        return Datapoints.sort((a, b) => Number(a.Timestamp) - Number(b.Timestamp));
    }

    async function data(MetricDataQueries: GetMetricDataCommandInput["MetricDataQueries"], more = {}) {
        const { MetricDataResults = [], NextToken } = await client.send(
            new GetMetricDataCommand({
                StartTime: at(0),
                EndTime: at(5),
                ScanBy: "TimestampAscending",
                MetricDataQueries,
                ...more,
            }),
        );
        const results = MetricDataResults.map(({ Id, Timestamps = [], Values = [] }) => [
            Id,
            Timestamps.map((time, index) => [(time.getTime() - start) / minute, Values[index]]),
        ]);
        return {
            results: Object.fromEntries(results),
            NextToken,
            statuses: MetricDataResults.map(({ StatusCode }) => StatusCode),
        };
    }

    const metric = (Id: string, MetricName: string, Stat = "Sum", ReturnData = false) => ({
        Id,
        ReturnData,
        MetricStat: { Metric: { Namespace, MetricName }, Period: 60, Stat },
    });
    const expression = (Expression: string, Id = "e") => ({ Id, Expression });

    it("adds values up by minute and period, and keeps them over a restart", async () => {
        await put(
            { MetricName: "size", Value: 3, Timestamp: at(1), Unit: "Bytes" },
            { MetricName: "size", Value: 5, Timestamp: new Date(start + 1.9 * minute), Unit: "Bytes" },
        );
        await put({ MetricName: "size", Values: [1, 10], Counts: [3, 2], Timestamp: at(2), Unit: "Bytes" });
        client.destroy();
        twin = await twin.restart();
        client = new CloudWatchClient(twin.client);
        const all = ["SampleCount", "Sum", "Average", "Minimum", "Maximum"] as const;
        assert.deepEqual(await statistics({ Statistics: [...all] }), [
            { Timestamp: at(1), SampleCount: 2, Sum: 8, Average: 4, Minimum: 3, Maximum: 5, Unit: "Bytes" },
            { Timestamp: at(2), SampleCount: 5, Sum: 23, Average: 4.6, Minimum: 1, Maximum: 10, Unit: "Bytes" },
        ]);
        assert.deepEqual(await statistics({ Period: 300, Statistics: ["Sum", "Maximum"] }), [
            { Timestamp: at(0), Sum: 31, Maximum: 10, Unit: "Bytes" },
        ]);
        assert.deepEqual(await statistics({ Unit: "Seconds" }), []);
    });

    it("gives percentiles and trimmed statistics where the values are known", async () => {
        const Values = Array.from({ length: 100 }, (_, index) => index + 1);
        await put({ MetricName: "size", Values, Timestamp: at(1) });
        const names = ["p50", "p99", "p100", "tm90", "tc90", "ts(90)", "TS(:10)", "PR(:25)", "IQM"];
        await assert.rejects(statistics({ Statistics: undefined, ExtendedStatistics: names }), /ts\(90\)/);
        const ExtendedStatistics = names.filter((name) => name !== "ts(90)");
        const [point] = await statistics({ Statistics: undefined, ExtendedStatistics });
        assert.deepEqual(point?.ExtendedStatistics, {
            p50: 50,
            p99: 99,
            p100: 100,
            tm90: 45.5,
            tc90: 90,
            "TS(:10)": 55,
            "PR(:25)": 25,
            IQM: 50.5,
        });
        const StatisticValues = { SampleCount: 4, Sum: 10, Minimum: 1, Maximum: 4 };
        await put({ MetricName: "size", StatisticValues, Timestamp: at(2) });
        const [, second] = await statistics({ Statistics: ["Average"], ExtendedStatistics: ["p50"] });
        assert.deepEqual([second?.Average, second?.ExtendedStatistics], [2.5, {}]);
    });

    it("keeps percentiles to one percent of many different values", async () => {
        const values = Array.from({ length: 3000 }, (_, index) => 1 + ((index * 7919) % 3000));
        for (let from = 0; from < values.length; from += 150) {
            await put({ MetricName: "size", Values: values.slice(from, from + 150), Timestamp: at(1) });
        }
        const [point] = await statistics({ Statistics: ["SampleCount", "Maximum"], ExtendedStatistics: ["p90"] });
        assert.deepEqual([point?.SampleCount, point?.Maximum], [3000, 3000]);
        const p90 = point?.ExtendedStatistics?.p90 ?? 0;
        assert.ok(Math.abs(p90 - 2700) <= 2700 * 0.02, `p90 is ${p90}`);
    });

    it("keeps high-resolution metrics by the second for three hours, and by the minute for longer", async () => {
        const now = Date.now();
        const base = Math.floor(now / minute) * minute - 2 * minute;
        for (const seconds of [0, 10, 11]) {
            await put({
                MetricName: "size",
                Value: 1,
                Timestamp: new Date(base + seconds * 1000),
                StorageResolution: 1,
            });
        }
        const ask = () =>
            statistics({
                StartTime: new Date(base),
                EndTime: new Date(base + minute),
                Period: 10,
                Statistics: ["Sum"],
            });
        assert.deepEqual(
            (await ask()).map(({ Timestamp, Sum }) => [Number(Timestamp) - base, Sum]),
            [
                [0, 1],
                [10_000, 2],
            ],
        );
        twin.context.clock.advance(4 * 3_600_000);
        assert.deepEqual(
            (await ask()).map(({ Timestamp, Sum }) => [Number(Timestamp) - base, Sum]),
            [[0, 3]],
        );
        twin.context.clock.advance(456 * 86_400_000);
        assert.deepEqual(await ask(), []);
        assert.equal(twin.store.database.prepare("SELECT count(*) AS n FROM cloudwatch_metrics").get()?.n, 0);
    });

    it("tells metrics apart by their dimensions, in whatever order these are given", async () => {
        const a = { Name: "stage", Value: "parse" };
        const b = { Name: "service", Value: "mail" };
        await put(
            { MetricName: "size", Value: 1, Dimensions: [a, b], Timestamp: at(1) },
            { MetricName: "size", Value: 2, Dimensions: [a], Timestamp: at(1) },
            { MetricName: "size", Value: 4, Timestamp: at(1) },
            { MetricName: "size", Value: 8, Dimensions: [b, a], Timestamp: at(1) },
        );
        assert.deepEqual(
            await Promise.all([[b, a], [a], []].map(async (Dimensions) => (await statistics({ Dimensions }))[0]?.Sum)),
            [9, 2, 4],
        );
        const list = async (input: object) =>
            (await client.send(new ListMetricsCommand({ Namespace, ...input }))).Metrics?.map(({ Dimensions = [] }) =>
                Dimensions.map(({ Name }) => Name).join(),
            );
        assert.deepEqual((await list({}))?.sort(), ["", "service,stage", "stage"]);
        assert.deepEqual(await list({ Dimensions: [{ Name: "service" }] }), ["service,stage"]);
        assert.deepEqual(await list({ Dimensions: [{ Name: "stage", Value: "other" }] }), []);
        assert.deepEqual(await list({ MetricName: "other" }), []);
        twin.context.clock.advance(15 * 86_400_000);
        assert.deepEqual(await list({}), []);
    });

    it("computes metric math", async () => {
        const series: Record<string, readonly (number | undefined)[]> = {
            errors: [1, 0, undefined, 4, 2],
            calls: [10, 0, 5, 8, undefined],
        };
        for (const [MetricName, values] of Object.entries(series)) {
            for (const [index, Value] of values.entries()) {
                if (Value !== undefined) await put({ MetricName, Value, Timestamp: at(index) });
            }
        }
        const computed = async (text: string) =>
            (await data([metric("m1", "errors"), metric("m2", "calls"), expression(text)])).results.e;
        assert.deepEqual(await computed("m1 / m2 * 100"), [
            [0, 10],
            [3, 50],
        ]);
        assert.deepEqual(await computed("FILL(m1, 0) + FILL(m2, REPEAT)"), [
            [0, 11],
            [1, 0],
            [2, 5],
            [3, 12],
            [4, 10],
        ]);
        assert.deepEqual(await computed("FILL(m1, LINEAR)"), [
            [0, 1],
            [1, 0],
            [2, 2],
            [3, 4],
            [4, 2],
        ]);
        assert.deepEqual(await computed("IF(m2 > 5, m1, -1)"), [
            [0, 1],
            [1, -1],
            [2, -1],
            [3, 4],
        ]);
        assert.deepEqual(await computed("SUM([m1, m2])"), [
            [0, 11],
            [1, 0],
            [2, 5],
            [3, 12],
            [4, 2],
        ]);
        assert.deepEqual(await computed("MAX(METRICS()) - MIN(METRICS('m1'))"), [
            [0, 9],
            [1, 0],
            [3, 4],
            [4, 0],
        ]);
        assert.deepEqual(await computed("AVG([m1,m2])"), [
            [0, 5.5],
            [1, 0],
            [2, 5],
            [3, 6],
            [4, 2],
        ]);
        assert.deepEqual(await computed("m1 - AVG(m1) > 1 OR m1 == 0"), [
            [0, 0],
            [1, 1],
            [3, 1],
            [4, 0],
        ]);
        assert.deepEqual(await computed("-2 ^ 2 + 2 * 3"), [[0, 10]]);
        assert.deepEqual(await computed("DIFF(m1)"), [
            [1, -1],
            [3, 4],
            [4, -2],
        ]);
        assert.deepEqual(await computed("RATE(m1) * PERIOD(m1)"), [
            [1, -1],
            [3, 2],
            [4, -2],
        ]);
        assert.deepEqual(await computed("CEIL(m1 / 3)"), [
            [0, 1],
            [1, 0],
            [3, 2],
            [4, 1],
        ]);
        await assert.rejects(computed("STDDEV(m1)"), { name: "NotImplemented", message: /STDDEV/ });
        await assert.rejects(computed("SELECT AVG(x) FROM y"), { name: "NotImplemented" });
        for (const wrong of [
            "m1 +",
            "m3",
            "NOTHING(m1)",
            "m1 m2",
            "(m1",
            "IF(m1)",
            "e + 1",
            "FILL(1, 0)",
            "[m1] + [m2]",
            "#",
        ]) {
            await assert.rejects(computed(wrong), { name: /^Validation/ }, wrong);
        }
    });

    it("refuses expressions that would take for ever", async () => {
        const doubled = Array.from({ length: 60 }, (_, index) =>
            expression(`e${index + 1} + e${index + 1}`, `e${index}`),
        );
        const { results } = await data([metric("e60", "errors"), ...doubled]);
        assert.deepEqual(results.e0, []);
        const nested = `${"(".repeat(60)}1${")".repeat(60)}`;
        await assert.rejects(data([metric("m1", "errors"), expression(nested)]), /nested more than 50 times/);
        await assert.rejects(data([metric("m1", "errors"), expression("-".repeat(60))]), /nested more than 50 times/);
        await assert.rejects(data([metric("m1", "errors"), expression(`m1${"+1".repeat(1100)}`)]), /more than 2048/);
        const long = data([metric("m1", "errors"), { ...expression("FILL(m1, 0)"), Period: 1 }], {
            StartTime: new Date(0),
        });
        await assert.rejects(long, /more than 100800 periods/);
        const circle = [metric("m1", "errors"), expression("b + 1", "a"), expression("a + 1", "b")];
        await assert.rejects(data(circle), /depends on itself/);
    });

    it("pages the data of several queries", async () => {
        for (const minutes of [0, 1, 2]) {
            await put({ MetricName: "a", Value: minutes, Timestamp: at(minutes) });
            await put({ MetricName: "b", Value: 10 + minutes, Timestamp: at(minutes) });
        }
        const queries = [metric("a", "a", "Sum", true), metric("b", "b", "Sum", true)];
        const first = await data(queries, { MaxDatapoints: 4 });
        assert.deepEqual(first.results, {
            a: [
                [0, 0],
                [1, 1],
                [2, 2],
            ],
            b: [[0, 10]],
        });
        assert.deepEqual(first.statuses, ["Complete", "PartialData"]);
        const second = await data(queries, { MaxDatapoints: 4, NextToken: first.NextToken });
        assert.deepEqual(second.results, {
            a: [],
            b: [
                [1, 11],
                [2, 12],
            ],
        });
        assert.equal(second.NextToken, undefined);
    });

    it("says all that is wrong with data, without their values", async () => {
        const bad: MetricDatum[] = [
            { MetricName: "", Value: 31_337 },
            { MetricName: "a", Unit: "Apples" as "Count", Value: 1, Timestamp: new Date(0) },
            { MetricName: "a", Values: [1, 2], Counts: [1], StorageResolution: 7 },
            { MetricName: "a", Dimensions: [{ Name: "x", Value: "" }], Value: Number.NaN },
            { MetricName: "a" },
        ];
        await assert.rejects(put(...bad), (error: Error) => {
            for (const part of [
                "1.MetricName",
                "2.Unit",
                "2.Timestamp",
                "3.StorageResolution",
                "3.Counts",
                "4.Dimensions.member.1.Value",
                "4.Value",
                "5.Value",
            ]) {
                assert.ok(error.message.includes(part), `${part} in ${error.message}`);
            }
            assert.ok(!error.message.includes("31337"));
            return error.name === "InvalidParameterValueException";
        });
        await assert.rejects(
            client.send(
                new PutMetricDataCommand({ Namespace: "AWS/Lambda", MetricData: [{ MetricName: "a", Value: 1 }] }),
            ),
            {
                name: "InvalidParameterValueException",
            },
        );
        await assert.rejects(statistics({ StartTime: at(1), EndTime: at(0) }), /StartTime must be less than/);
        await assert.rejects(statistics({ StartTime: at(-60 * 40) }), /exceeds the limit of 1,440/);
        await assert.rejects(statistics({ Period: 45 }), /Period/);
        const dashboard = client.send(new PutDashboardCommand({ DashboardName: "d", DashboardBody: "{}" }));
        await assert.rejects(dashboard, { name: "NotImplemented", message: /PutDashboard/ });
        assert.deepEqual(await statistics({}), []);
    });

    it("takes large requests, which SDKs compress", async () => {
        const MetricData = Array.from({ length: 1000 }, (_, index) => ({
            MetricName: "size",
            Value: 1,
            Timestamp: at(1),
            Dimensions: [{ Name: "number", Value: String(index % 3) }],
        }));
        await put(...MetricData);
        const [point] = await statistics({ Dimensions: [{ Name: "number", Value: "0" }] });
        assert.equal(point?.Sum, 334);
    });

    it("speaks the query protocol of older SDKs too", async () => {
        const older = new CloudWatchClient({ ...twin.client, protocol: AwsQueryProtocol });
        const MetricData = [
            { MetricName: "size", Value: 2.5, Timestamp: at(1), Dimensions: [{ Name: "a", Value: "b" }] },
        ];
        await older.send(new PutMetricDataCommand({ Namespace, MetricData }));
        const input = { Namespace, MetricName: "size", Dimensions: [{ Name: "a", Value: "b" }], Period: 60 };
        const { Datapoints } = await older.send(
            new GetMetricStatisticsCommand({ ...input, StartTime: at(0), EndTime: at(60), Statistics: ["Sum"] }),
        );
        assert.deepEqual(Datapoints, [{ Timestamp: at(1), Sum: 2.5, Unit: "None" }]);
        const wrong = older.send(new PutMetricDataCommand({ Namespace, MetricData: [] }));
        await assert.rejects(wrong, {
            name: "InvalidParameterValueException",
            message: /MetricData must have 1 to 1000/,
        });
        older.destroy();
    });

    it("refuses values of another type than the model's", async () => {
        const headers = {
            authorization: `AWS4-HMAC-SHA256 Credential=${twin.client.credentials.accessKeyId}/20261126/eu-central-1/monitoring/aws4_request, SignedHeaders=host, Signature=0`,
            "content-type": "application/x-amz-json-1.0",
        };
        const call = async (operation: string, body: unknown) => {
            const target = { "x-amz-target": `GraniteServiceVersion20100801.${operation}` };
            const init = { method: "POST", headers: { ...headers, ...target }, body: JSON.stringify(body) };
            const response = await fetch(twin.client.endpoint, init);
            return `${response.status} ${((await response.json()) as { message: string }).message}`;
        };
        const data = { Namespace, MetricData: [{ MetricName: "m", Value: 1, Dimensions: "x" }] };
        assert.equal(await call("PutMetricData", data), "400 Dimensions must be a list.");
        assert.equal(await call("PutMetricAlarm", { AlarmName: 7 }), "400 AlarmName must be a string.");
        assert.equal(await call("GetMetricData", { StartTime: "now" }), "400 StartTime must be a number of seconds.");
        assert.match(await call("PutMetricData", []), /^400 The request's body is not a JSON object/);
    });

    it("lets a role do what its policy allows, by namespace", async () => {
        const configuration = await twin.clientOf("writer", {
            Effect: "Allow",
            Action: "cloudwatch:PutMetricData",
            Resource: "*",
            Condition: { StringEquals: { "cloudwatch:namespace": Namespace } },
        });
        const role = new CloudWatchClient(configuration);
        const MetricData = [{ MetricName: "size", Value: 1 }];
        await role.send(new PutMetricDataCommand({ Namespace, MetricData }));
        await assert.rejects(role.send(new PutMetricDataCommand({ Namespace: "other", MetricData })), {
            name: /AccessDenied/,
            message: /cloudwatch:PutMetricData/,
        });
        await assert.rejects(role.send(new DescribeAlarmsCommand({})), { message: /cloudwatch:DescribeAlarms/ });
        role.destroy();
    });
});
