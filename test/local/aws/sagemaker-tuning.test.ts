import assert from "node:assert/strict";
import {
    DescribeTrainingJobCommand,
    ListHyperParameterTuningJobsCommand,
    ListTagsCommand,
    ListTrainingJobsForHyperParameterTuningJobCommand,
    StopHyperParameterTuningJobCommand,
} from "@aws-sdk/client-sagemaker";
import { startTuning, startTuningTwin, trialsOf, tuned } from "./sagemaker-tuning-under-test";
import { bucket, type SageMakerUnderTest } from "./sagemaker-under-test";

const tuningEvent = "SageMaker HyperParameter Tuning Job State Change";
const qualities = (...Values: string[]) => ({ CategoricalParameterRanges: [{ Name: "quality", Values }] });

describe("tuning jobs of the twin", function () {
    // The first one on a machine makes the Python environments.
    this.timeout(300_000);
    let twin: SageMakerUnderTest;

    before(async () => {
        twin = await startTuningTwin();
    });
    after(() => twin?.stop());

    describe("one that searches at random", () => {
        const name = "Random-search";
        before(async () => {
            await startTuning(twin, name, {
                jobs: 4,
                definition: { CheckpointConfig: { S3Uri: `s3://${bucket}/checkpoints/` } },
                more: { Tags: [{ Key: "team", Value: "mail" }] },
            });
            await tuned(twin, name);
        });

        it("completes, and counts its training jobs", async () => {
            const job = await tuned(twin, name);
            assert.equal(job.FailureReason, undefined);
            assert.equal(job.HyperParameterTuningJobStatus, "Completed");
            assert.deepEqual(job.TrainingJobStatusCounters, {
                Completed: 4,
                InProgress: 0,
                RetryableError: 0,
                NonRetryableError: 0,
                Stopped: 0,
            });
            assert.deepEqual(job.ObjectiveStatusCounters, { Succeeded: 4, Pending: 0, Failed: 0 });
            assert.ok(job.HyperParameterTuningEndTime && job.CreationTime);
            assert.ok(job.HyperParameterTuningEndTime >= job.CreationTime);
            assert.equal(job.OverallBestTrainingJob, undefined);
        });

        it("names the training job with the best objective", async () => {
            const { BestTrainingJob: best } = await tuned(twin, name);
            const trials = await trialsOf(twin, name);
            const values = trials.map((trial) => trial.FinalHyperParameterTuningJobObjectiveMetric?.Value ?? 0);
            assert.deepEqual(best?.FinalHyperParameterTuningJobObjectiveMetric, {
                Type: "Maximize",
                MetricName: "objective",
                Value: Math.max(...values),
            });
            assert.equal(best?.TrainingJobStatus, "Completed");
            assert.equal(best?.ObjectiveStatus, "Succeeded");
            assert.equal(Number(best?.TunedHyperParameters?.quality), Math.max(...values));
            assert.ok(best?.TrainingStartTime && best.TrainingEndTime);
        });

        it("names its training jobs as AWS does, and makes each a training job of its own", async () => {
            const trials = await trialsOf(twin, name);
            trials.forEach(({ TrainingJobName = "" }, index) => {
                assert.match(TrainingJobName, new RegExp(`^${name}-00${index + 1}-[0-9a-f]{8}$`));
            });
            const [first] = trials;
            const TrainingJobName = first?.TrainingJobName ?? "";
            const job = await twin.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
            assert.match(job.TuningJobArn ?? "", /:hyper-parameter-tuning-job\/random-search$/);
            assert.equal(job.HyperParameters?._tuning_objective_metric, "objective");
            assert.equal(job.HyperParameters?.quality, first?.TunedHyperParameters?.quality);
            assert.equal(job.CheckpointConfig?.S3Uri, `s3://${bucket}/checkpoints/${TrainingJobName}`);
            const { Tags } = await twin.sagemaker.send(new ListTagsCommand({ ResourceArn: job.TrainingJobArn }));
            assert.deepEqual(Tags, [{ Key: "team", Value: "mail" }]);
        });

        it("emits events of its own, beside those of its training jobs", async () => {
            const own = twin.events.filter(
                ({ detailType, detail }) => detailType === tuningEvent && detail.HyperParameterTuningJobName === name,
            );
            assert.deepEqual(
                own.map(({ detail }) => detail.HyperParameterTuningJobStatus),
                ["InProgress", "Completed"],
            );
            const last = own.at(-1);
            assert.equal(last?.source, "aws.sagemaker");
            assert.deepEqual(last?.resources, [(await tuned(twin, name)).HyperParameterTuningJobArn]);
            assert.equal(typeof last?.detail.CreationTime, "number");
            assert.deepEqual(last?.detail.Tags, { team: "mail" });
            assert.deepEqual(last?.detail.ObjectiveStatusCounters, { Succeeded: 4, Pending: 0, Failed: 0 });
            const ends = twin.events.filter(
                ({ detail }) =>
                    String(detail.TrainingJobName).startsWith(name) && detail.SecondaryStatus === "Completed",
            );
            assert.equal(ends.length, 4);
        });

        it("is listed, and lists its training jobs by their objective", async () => {
            const { HyperParameterTuningJobSummaries } = await twin.sagemaker.send(
                new ListHyperParameterTuningJobsCommand({ NameContains: name, StatusEquals: "Completed" }),
            );
            assert.deepEqual(
                HyperParameterTuningJobSummaries?.map((job) => [job.HyperParameterTuningJobName, job.Strategy]),
                [[name, "Random"]],
            );
            const { TrainingJobSummaries = [] } = await twin.sagemaker.send(
                new ListTrainingJobsForHyperParameterTuningJobCommand({
                    HyperParameterTuningJobName: name,
                    SortBy: "FinalObjectiveMetricValue",
                    SortOrder: "Descending",
                }),
            );
            const values = TrainingJobSummaries.map((each) => each.FinalHyperParameterTuningJobObjectiveMetric?.Value);
            assert.equal(values.length, 4);
            assert.deepEqual(
                values,
                [...values].sort((a, b) => Number(b) - Number(a)),
            );
        });

        it("does not give its name to another one, in whatever case", async () => {
            await assert.rejects(startTuning(twin, name.toUpperCase()), { name: "ResourceInUse" });
        });

        it("chooses the same with the same seed", async () => {
            await startTuning(twin, "once-more", { jobs: 4 });
            await tuned(twin, "once-more");
            const chosen = async (job: string) =>
                (await trialsOf(twin, job)).map(({ TunedHyperParameters }) => TunedHyperParameters);
            assert.deepEqual(await chosen("once-more"), await chosen(name));
        });
    });

    it("tries each combination of a grid once", async () => {
        await startTuning(twin, "grid", {
            strategy: "Grid",
            config: { ResourceLimits: { MaxParallelTrainingJobs: 2 } },
            ranges: {
                CategoricalParameterRanges: [
                    { Name: "quality", Values: ["0.1", "0.9"] },
                    { Name: "unused", Values: ['"a"', '"b"'] },
                ],
            },
        });
        assert.equal((await tuned(twin, "grid")).HyperParameterTuningJobStatus, "Completed");
        const tried = (await trialsOf(twin, "grid")).map(
            ({ TunedHyperParameters: its }) => `${its?.quality} ${its?.unused}`,
        );
        assert.deepEqual(tried.sort(), ['0.1 "a"', '0.1 "b"', '0.9 "a"', '0.9 "b"']);
    });

    it("goes on when training jobs fail", async () => {
        await startTuning(twin, "some-fail", {
            strategy: "Grid",
            jobs: 3,
            ranges: qualities("0.2", "0.4", "0.9"),
            statics: { "fail-above": "0.5" },
        });
        const job = await tuned(twin, "some-fail");
        assert.equal(job.HyperParameterTuningJobStatus, "Completed");
        assert.equal(job.TrainingJobStatusCounters?.NonRetryableError, 1);
        assert.deepEqual(job.ObjectiveStatusCounters, { Succeeded: 2, Pending: 0, Failed: 1 });
        assert.equal(job.BestTrainingJob?.TunedHyperParameters?.quality, "0.4");
    });

    it("fails when all of them fail, and when none tells its objective", async () => {
        await startTuning(twin, "all-fail", { statics: { "fail-above": "-1" } });
        const failed = await tuned(twin, "all-fail");
        assert.equal(failed.HyperParameterTuningJobStatus, "Failed");
        assert.match(failed.FailureReason ?? "", /^No training job succeeded after 3 attempts/);
        await startTuning(twin, "silent", { jobs: 20, parallel: 5, statics: { behaviour: '"silent"' } });
        const silent = await tuned(twin, "silent");
        assert.equal(silent.HyperParameterTuningJobStatus, "Failed");
        assert.match(silent.FailureReason ?? "", /^No objective metrics found after [5-9] attempts/);
    });

    it("stops its training jobs when it is stopped", async () => {
        await startTuning(twin, "stopped", { statics: { behaviour: '"wait"' } });
        const training = (job: { TrainingJobName?: string }) =>
            twin.events.some(
                ({ detail }) => detail.TrainingJobName === job.TrainingJobName && detail.SecondaryStatus === "Training",
            );
        for (;;) {
            const trials = await trialsOf(twin, "stopped");
            if (trials.length === 2 && trials.every(training)) break;
        }
        const stop = new StopHyperParameterTuningJobCommand({ HyperParameterTuningJobName: "stopped" });
        await twin.sagemaker.send(stop);
        const job = await tuned(twin, "stopped");
        assert.equal(job.HyperParameterTuningJobStatus, "Stopped");
        assert.equal(job.TrainingJobStatusCounters?.Stopped, 2);
        await assert.rejects(twin.sagemaker.send(stop), {
            name: "ValidationException",
            message: /is in status Stopped/,
        });
        assert.deepEqual(
            twin.events
                .filter(({ detail }) => detail.HyperParameterTuningJobName === "stopped")
                .map(({ detail }) => detail.HyperParameterTuningJobStatus),
            ["InProgress", "Stopping", "Stopped"],
        );
    });
});
