import assert from "node:assert/strict";
import {
    CloudWatchLogsClient,
    CreateLogGroupCommand,
    CreateLogStreamCommand,
    DeleteLogGroupCommand,
    DescribeLogGroupsCommand,
    DescribeLogStreamsCommand,
    FilterLogEventsCommand,
    GetLogEventsCommand,
    type GetLogEventsCommandInput,
    PutLogEventsCommand,
    PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { createLogs, type Logs } from "../../../local/aws/logs";
import { type ServiceUnderTest, startService } from "./service-under-test";

const logGroupName = "/aws/lambda/parse";
const logStreamName = "2026/11/23/[$LATEST]1";

describe("CloudWatch Logs of the twin", () => {
    let twin: ServiceUnderTest<Logs>;
    let client: CloudWatchLogsClient;
    const now = Date.now();

    beforeEach(async () => {
        twin = await startService(createLogs);
        client = new CloudWatchLogsClient(twin.client);
        await client.send(new CreateLogGroupCommand({ logGroupName }));
        await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    });

    afterEach(async () => {
        client.destroy();
        await twin.stop();
    });

    const put = (...messages: string[]) =>
        client.send(
            new PutLogEventsCommand({
                logGroupName,
                logStreamName,
                logEvents: messages.map((message, index) => ({ timestamp: now + index, message })),
            }),
        );

    async function get(input: Partial<GetLogEventsCommandInput> = {}) {
        const output = await client.send(new GetLogEventsCommand({ logGroupName, logStreamName, ...input }));
        return { ...output, messages: output.events?.map(({ message }) => message) };
    }

    async function filter(
        filterPattern?: string,
        more: { limit?: number; nextToken?: string; startTime?: number; endTime?: number } = {},
    ) {
        const output = await client.send(new FilterLogEventsCommand({ logGroupName, filterPattern, ...more }));
        return { ...output, messages: output.events?.map(({ message }) => message) };
    }

    it("keeps events over a restart, in order of time", async () => {
        await put("one", "two");
        client.destroy();
        twin = await twin.restart();
        client = new CloudWatchLogsClient(twin.client);
        const { messages, events } = await get();
        assert.deepEqual(messages, ["one", "two"]);
        assert.equal(events?.[0]?.timestamp, now);
        const { logStreams } = await client.send(new DescribeLogStreamsCommand({ logGroupName }));
        assert.deepEqual(
            logStreams?.map(({ logStreamName: name, lastEventTimestamp }) => [name, lastEventTimestamp]),
            [[logStreamName, now + 1]],
        );
    });

    it("pages from the head forward and from the tail backward", async () => {
        await put("one", "two", "three");
        const first = await get({ startFromHead: true, limit: 2 });
        assert.deepEqual(first.messages, ["one", "two"]);
        const second = await get({ nextToken: first.nextForwardToken, limit: 2 });
        assert.deepEqual(second.messages, ["three"]);
        const end = await get({ nextToken: second.nextForwardToken });
        assert.deepEqual([end.messages, end.nextForwardToken], [[], second.nextForwardToken]);
        const tail = await get({ limit: 2 });
        assert.deepEqual(tail.messages, ["two", "three"]);
        assert.deepEqual((await get({ nextToken: tail.nextBackwardToken })).messages, ["one"]);
        await client.send(
            new PutLogEventsCommand({
                logGroupName,
                logStreamName,
                logEvents: [{ timestamp: now + 9, message: "four" }],
            }),
        );
        assert.deepEqual((await get({ nextToken: end.nextForwardToken })).messages, ["four"]);
        assert.deepEqual((await get({ startTime: now + 1, endTime: now + 9 })).messages, ["two", "three"]);
    });

    it("filters over all streams by terms, in pages", async () => {
        await put("ERROR in parse", "all well", "WARN late");
        await twin.service.append(logGroupName, "other", [{ timestamp: now + 10, message: "ERROR elsewhere" }]);
        assert.deepEqual((await filter("ERROR")).messages, ["ERROR in parse", "ERROR elsewhere"]);
        assert.deepEqual((await filter('"ERROR in"')).messages, ["ERROR in parse"]);
        assert.deepEqual((await filter("?WARN ?well")).messages, ["all well", "WARN late"]);
        assert.deepEqual((await filter("ERROR -parse")).messages, ["ERROR elsewhere"]);
        assert.deepEqual((await filter("", { startTime: now + 2 })).messages, ["WARN late", "ERROR elsewhere"]);
        const first = await filter("ERROR", { limit: 1 });
        assert.deepEqual(first.messages, ["ERROR in parse"]);
        const second = await filter("ERROR", { limit: 1, nextToken: first.nextToken });
        assert.deepEqual([second.messages, second.nextToken], [["ERROR elsewhere"], undefined]);
        await twin.service.append(logGroupName, "other", [
            { timestamp: now + 11, message: '{"level":"ERROR","took":120}' },
            { timestamp: now + 12, message: '{"level":"INFO","took":7}' },
        ]);
        assert.deepEqual((await filter("{ $.took > 100 }")).messages, ['{"level":"ERROR","took":120}']);
        assert.deepEqual((await filter("[level=WARN, what]")).messages, ["WARN late"]);
        await assert.rejects(filter("{ $.took > many }"), {
            name: "InvalidParameterException",
            message: /filter pattern/,
        });
        await assert.rejects(filter("", { limit: 10_001 }), { message: /limit is 10001/ });
        await assert.rejects(filter("", { startTime: 2, endTime: 1 }), { message: /startTime/ });
    });

    it("rejects what is out of order, and leaves out what is too old or too new", async () => {
        const logEvents = [
            { timestamp: now - 15 * 86_400_000, message: "old" },
            { timestamp: now, message: "now" },
            { timestamp: now + 3 * 3_600_000, message: "future" },
        ];
        const send = (events: typeof logEvents) =>
            client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents: events }));
        const { rejectedLogEventsInfo } = await send(logEvents);
        assert.deepEqual(rejectedLogEventsInfo, { tooOldLogEventEndIndex: 1, tooNewLogEventStartIndex: 2 });
        assert.deepEqual((await get()).messages, ["now"]);
        await assert.rejects(send(logEvents.reverse()), {
            name: "InvalidParameterException",
            message: /chronological/,
        });
    });

    it("takes no empty message, and no events that are more than a day apart", async () => {
        const send = (...logEvents: { timestamp: number; message: string }[]) =>
            client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
        await assert.rejects(send({ timestamp: now, message: "first" }, { timestamp: now, message: "" }), {
            name: "InvalidParameterException",
            message: /logEvents\.2\.message is empty/,
        });
        const dayBefore = now - 86_400_000;
        await assert.rejects(send({ timestamp: dayBefore - 1, message: "a" }, { timestamp: now, message: "b" }), {
            name: "InvalidParameterException",
            message: /more than 24 hours/,
        });
        assert.deepEqual((await get()).messages, []);
        await send({ timestamp: dayBefore, message: "a" }, { timestamp: now, message: "b" });
        assert.deepEqual((await get()).messages, ["a", "b"]);
    });

    it("forgets what is older than the retention, and all of a deleted group", async () => {
        await twin.service.append(logGroupName, logStreamName, [{ timestamp: now - 2 * 86_400_000, message: "old" }]);
        await put("new");
        assert.deepEqual((await get()).messages, ["old", "new"]);
        await client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 1 }));
        assert.deepEqual((await get()).messages, ["new"]);
        const bad = client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 2 }));
        await assert.rejects(bad, /must be one of 1, 3, 5/);
        const { logGroups } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/aws/" }));
        assert.equal(logGroups?.[0]?.retentionInDays, 1);
        assert.equal(logGroups?.[0]?.arn, `arn:aws:logs:eu-central-1:000000000000:log-group:${logGroupName}:*`);
        await client.send(new DeleteLogGroupCommand({ logGroupName }));
        await assert.rejects(get(), { name: "ResourceNotFoundException" });
        await client.send(new CreateLogGroupCommand({ logGroupName }));
        await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
        assert.deepEqual((await get()).messages, []);
    });

    it("names what exists already or does not", async () => {
        const again = client.send(new CreateLogGroupCommand({ logGroupName }));
        await assert.rejects(again, { name: "ResourceAlreadyExistsException" });
        await assert.rejects(get({ logStreamName: "none" }), { message: "The specified log stream does not exist." });
    });

    it("lets a role write only where it may", async () => {
        const writer = new CloudWatchLogsClient(
            await twin.clientOf("writer", {
                Effect: "Allow",
                Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
                Resource: `arn:aws:logs:eu-central-1:000000000000:log-group:${logGroupName}:*`,
            }),
        );
        const logEvents = [{ timestamp: now, message: "x" }];
        await writer.send(new CreateLogStreamCommand({ logGroupName, logStreamName: "own" }));
        await writer.send(new PutLogEventsCommand({ logGroupName, logStreamName: "own", logEvents }));
        const denied = { name: "AccessDeniedException" };
        const elsewhere = { logGroupName: `${logGroupName}2`, logStreamName, logEvents };
        await assert.rejects(writer.send(new PutLogEventsCommand(elsewhere)), denied);
        await assert.rejects(writer.send(new GetLogEventsCommand({ logGroupName, logStreamName })), denied);
        writer.destroy();
    });

    it("writes for the twin's services into groups that it makes, and tells listeners", async () => {
        const heard: unknown[] = [];
        const stop = twin.service.onEvents((group, stream, events) => heard.push([group, stream, events.length]));
        await twin.service.append("/aws/sagemaker/TrainingJobs", "job/algo-1", [
            { timestamp: now, message: "epoch 1" },
        ]);
        stop();
        await put("unheard");
        assert.deepEqual(heard, [["/aws/sagemaker/TrainingJobs", "job/algo-1", 1]]);
        const written = await get({ logGroupName: "/aws/sagemaker/TrainingJobs", logStreamName: "job/algo-1" });
        assert.deepEqual(written.messages, ["epoch 1"]);
    });
});
