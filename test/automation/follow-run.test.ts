import assert from "node:assert/strict";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import type { Connection } from "../../automation/connection";
import { CommandError } from "../../automation/exit";
import { followRun } from "../../automation/training/follow-run";
import { type AwsServer, awsServer, input } from "../components/aws-server";

describe("a run that is followed and ends without a registered model", () => {
    let server: AwsServer;
    let connection: Connection;
    let sagemaker: SageMakerClient;
    let logs: CloudWatchLogsClient;
    const trial = { TrainingJobName: "search-002", TrainingJobStatus: "Failed" };
    const trainings: Record<string, object> = {
        long: { TrainingJobStatus: "Stopped", SecondaryStatus: "MaxRuntimeExceeded" },
        waiting: { TrainingJobStatus: "Stopped", SecondaryStatus: "MaxWaitTimeExceeded" },
        stopped: { TrainingJobStatus: "Stopped", SecondaryStatus: "Stopped" },
        done: { TrainingJobStatus: "Completed" },
        "done-eval": { TrainingJobStatus: "Stopped", SecondaryStatus: "MaxRuntimeExceeded" },
        "search-001": { TrainingJobStatus: "Stopped" },
        "search-002": { ...trial, FailureReason: "AlgorithmError: no data\u001b[31m\nline 2" },
    };
    before(async () => {
        server = await awsServer("http1", (call) => {
            const { TrainingJobName } = input(call);
            switch (call.operation) {
                case "DescribeTrainingJob": {
                    const found = trainings[String(TrainingJobName)];
                    if (found !== undefined) return { body: { TrainingJobName, ...found } };
                    const body = { __type: "ValidationException", message: "Requested resource not found." };
                    return { status: 400, body };
                }
                case "DescribeHyperParameterTuningJob": {
                    if (input(call).HyperParameterTuningJobName !== "search") {
                        return { status: 400, body: { __type: "ResourceNotFound" } };
                    }
                    const FailureReason = "No training job succeeded after 5 attempts.";
                    return { body: { HyperParameterTuningJobStatus: "Failed", FailureReason } };
                }
                case "ListTrainingJobsForHyperParameterTuningJob":
                    return { body: { TrainingJobSummaries: [{ TrainingJobName: "search-001" }, trial] } };
                default:
                    return { status: 400, body: { __type: "ResourceNotFoundException" } };
            }
        });
        sagemaker = new SageMakerClient(server.client);
        logs = new CloudWatchLogsClient(server.client);
        connection = {
            stack: "dev",
            pollMilliseconds: 1,
            clients: { sagemaker, logs },
            exportStack: async () => ({ resources: [], outputs: {} }),
        } as unknown as Connection;
    });
    after(async () => {
        sagemaker.destroy();
        logs.destroy();
        await server.close();
    });
    const silent = { show: () => undefined, say: () => undefined, end: () => undefined };
    const said = async (job: string) => {
        const error = await followRun(connection, job, silent).catch((each: unknown) => each);
        assert.ok(error instanceof CommandError, String(error));
        assert.equal(error.exitCode, 4);
        return error.message;
    };

    it("says of a search why the first of its trials failed, and where that one's log is", async () => {
        assert.equal(
            await said("search"),
            [
                "search failed: No training job succeeded after 5 attempts.",
                "search-002 failed: AlgorithmError: no data?[31m",
                "line 2",
                "Its log: npx sortline logs search-002 --stack dev",
            ].join("\n"),
        );
    });

    it("says what to do where it takes longer than it may", async () => {
        assert.match(await said("long"), /^long was stopped: MaxRuntimeExceeded\n.*give it more time by --hours\.$/);
        assert.match(
            await said("waiting"),
            /^waiting was stopped: MaxWaitTimeExceeded\n.*spot instances.*--hours, or /,
        );
        assert.equal(await said("stopped"), "stopped was stopped: Stopped");
        assert.match(
            await said("done"),
            /^done-eval was stopped: MaxRuntimeExceeded\nAn evaluation may take as long as a training: .*more maxRunHours.* sortline judge done --stack dev$/,
        );
    });
});
