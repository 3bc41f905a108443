import assert from "node:assert/strict";
import { CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import {
    CloudWatchLogsClient,
    CreateLogGroupCommand,
    DeleteLogGroupCommand,
    DeleteMetricFilterCommand,
    DescribeLogGroupsCommand,
    DescribeMetricFiltersCommand,
    type MetricTransformation,
    PutMetricFilterCommand,
    StartLiveTailCommand,
    TestMetricFilterCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { createLogs, type Logs } from "../../../local/aws/logs";
import { type ServiceUnderTest, startService } from "./service-under-test";

const logGroupName = "/aws/lambda/parse";

describe("Metric filters of CloudWatch Logs", () => {
    let twin: ServiceUnderTest<Logs>;
    let logs: CloudWatchLogsClient;
    let metrics: CloudWatchClient;

    beforeEach(async () => {
        twin = await startService(createLogs);
        logs = new CloudWatchLogsClient(twin.client);
        metrics = new CloudWatchClient(twin.client);
        await logs.send(new CreateLogGroupCommand({ logGroupName }));
    });

    afterEach(async () => {
        logs.destroy();
        metrics.destroy();
        await twin.stop();
    });

    const put = (filterPattern: string, metric: Partial<MetricTransformation> = {}, filterName = "slow") =>
        logs.send(
            new PutMetricFilterCommand({
                logGroupName,
                filterName,
                filterPattern,
                metricTransformations: [
                    { metricName: "Slow", metricNamespace: "pipeline", metricValue: "1", ...metric },
                ],
            }),
        );
    const log = (...messages: string[]) =>
        twin.service.append(
            logGroupName,
            "one",
            messages.map((message) => ({ timestamp: twin.context.clock.now(), message })),
        );

    async function statistic(Stat: string, dimensions: Record<string, string> = {}): Promise<number | undefined> {
        const now = twin.context.clock.now();
        const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
        const Metric = { Namespace: "pipeline", MetricName: "Slow", Dimensions };
        const { MetricDataResults } = await metrics.send(
            new GetMetricDataCommand({
                StartTime: new Date(now - 3_600_000),
                EndTime: new Date(now + 60_000),
                MetricDataQueries: [{ Id: "m", MetricStat: { Metric, Stat, Period: 86_400 } }],
            }),
        );
        return MetricDataResults?.[0]?.Values?.[0];
    }

    it("count lines that match, also after a restart", async () => {
        await put("{ $.took > 100 }");
        await log('{"took":120}', '{"took":7}', "plain");
        logs.destroy();
        metrics.destroy();
        twin = await twin.restart();
        logs = new CloudWatchLogsClient(twin.client);
        metrics = new CloudWatchClient(twin.client);
        await log('{"took":130}');
        assert.equal(await statistic("Sum"), 2);
        assert.equal(await statistic("SampleCount"), 2);
    });

    it("take the value and the dimensions from the line, and a value for the other lines", async () => {
        await put("{ $.took = * }", { metricValue: "$.took", dimensions: { stage: "$.stage" } });
        await log(
            '{"took":120,"stage":"a"}',
            '{"took":"30","stage":"a"}',
            '{"took":1}',
            '{"took":"long","stage":"a"}',
            '{"took":5,"stage":"x\\ny"}',
        );
        assert.deepEqual(
            [await statistic("Sum", { stage: "a" }), await statistic("SampleCount", { stage: "a" })],
            [150, 2],
        );
        assert.equal(await statistic("Sum"), undefined);
        await put("[..., bytes > 10]", { metricValue: "$bytes", defaultValue: 0 });
        await log("GET 200 1500", "nothing here");
        assert.deepEqual([await statistic("Sum"), await statistic("SampleCount")], [1500, 2]);
    });

    it("are listed and deleted, with their group too", async () => {
        await put("ERROR");
        await put("WARN", { unit: "Count" }, "warnings");
        const list = async () =>
            (await logs.send(new DescribeMetricFiltersCommand({ logGroupName }))).metricFilters?.map((filter) => [
                filter.filterName,
                filter.filterPattern,
                filter.metricTransformations?.[0]?.unit,
            ]);
        assert.deepEqual(await list(), [
            ["slow", "ERROR", "None"],
            ["warnings", "WARN", "Count"],
        ]);
        const { logGroups } = await logs.send(new DescribeLogGroupsCommand({}));
        assert.equal(logGroups?.[0]?.metricFilterCount, 2);
        await logs.send(new DeleteMetricFilterCommand({ logGroupName, filterName: "slow" }));
        assert.deepEqual((await list())?.length, 1);
        await logs.send(new DeleteLogGroupCommand({ logGroupName }));
        await logs.send(new CreateLogGroupCommand({ logGroupName }));
        assert.deepEqual(await list(), []);
        await log("ERROR");
        assert.equal(await statistic("Sum"), undefined);
    });

    it("are refused with all that is wrong, and what the twin lacks by name", async () => {
        const wrong = put(
            "ERROR",
            { metricNamespace: "a:b", metricValue: "many", unit: "Apples" as "Count", dimensions: { a: "b" } },
            "x:y",
        );
        await assert.rejects(wrong, (error: Error) => {
            for (const part of ["filterName", "metricNamespace", "metricValue", "unit", "b names nothing"]) {
                assert.ok(error.message.includes(part), `${part} in: ${error.message}`);
            }
            return error.name === "InvalidParameterException";
        });
        await assert.rejects(put("{ $.a = }"), /Invalid filter pattern/);
        await assert.rejects(put("ERROR", { metricValue: "$.a[" }), /\$\.a\[ names nothing/);
        const test = new TestMetricFilterCommand({ filterPattern: "ERROR", logEventMessages: ["ERROR"] });
        await assert.rejects(logs.send(test), { name: "NotImplemented", message: /TestMetricFilter/ });
        // Its answer is a stream from a host of its own, which a client finds only where that is switched off.
        const direct = new CloudWatchLogsClient({ ...twin.client, disableHostPrefix: true });
        const tail = new StartLiveTailCommand({
            logGroupIdentifiers: [`arn:aws:logs:eu-central-1:000000000000:log-group:${logGroupName}`],
        });
        await assert.rejects(direct.send(tail), { name: "NotImplemented", message: /StartLiveTail/ });
        direct.destroy();
    });
});
