import assert from "node:assert/strict";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { Connection } from "../../automation/connection";
import { jobLog } from "../../automation/training/job-log";
import { type AwsServer, awsServer, input } from "../components/aws-server";

describe("the log of a job", () => {
    let server: AwsServer;
    let logs: CloudWatchLogsClient;
    let pages: string[][];
    before(async () => {
        server = await awsServer("http1", (call) => {
            if (call.operation === "DescribeLogStreams") {
                return { body: { logStreams: [{ logStreamName: "run/algo-1-1" }] } };
            }
            const at = Number(input(call).nextToken ?? 0);
            const events = (pages[at] ?? []).map((message) => ({ message, timestamp: 1 }));
            return { body: { events, nextForwardToken: String(Math.min(at + 1, pages.length)) } };
        });
        logs = new CloudWatchLogsClient(server.client);
    });
    after(async () => {
        logs.destroy();
        await server.close();
    });

    it("is handed on to its end at each call, page by page, some of which are empty, and no line twice", async () => {
        pages = [["one", "two"], [], ["three"]];
        const said: string[] = [];
        const log = jobLog({ clients: { logs } } as Connection, "run", (line) => said.push(line));
        await log();
        assert.deepEqual(said, ["one", "two", "three"]);
        pages.push(["four"]);
        await log();
        await log();
        assert.deepEqual(said, ["one", "two", "three", "four"]);
    });
});
