import assert from "node:assert/strict";
import { DescribeTrainingJobCommand, type HyperParameterTuningJobConfig } from "@aws-sdk/client-sagemaker";
import { startTuning, startTuningTwin, trialsOf, tuned, tuningWhere } from "./sagemaker-tuning-under-test";
import type { SageMakerUnderTest } from "./sagemaker-under-test";

const qualities = (...Values: string[]) => ({ CategoricalParameterRanges: [{ Name: "quality", Values }] });

describe("what ends tuning jobs of the twin, and their training jobs early", function () {
    // The first one on a machine makes the Python environments.
    this.timeout(300_000);
    let twin: SageMakerUnderTest;

    before(async () => {
        twin = await startTuningTwin();
    });
    after(() => twin?.stop());

    const ending = (TuningJobCompletionCriteria: HyperParameterTuningJobConfig["TuningJobCompletionCriteria"]) => ({
        TuningJobCompletionCriteria,
    });

    it("stops a training job that is worse than the median of those completed, and keeps what it came to", async () => {
        await startTuning(twin, "early", {
            strategy: "Grid",
            jobs: 2,
            parallel: 1,
            ranges: qualities("0.9", "0.1"),
            statics: { behaviour: '"wait-if-bad"', epochs: "3" },
            // A seed by which the better one comes first.
            config: { TrainingJobEarlyStoppingType: "Auto", RandomSeed: 0 },
        });
        const job = await tuned(twin, "early");
        assert.equal(job.HyperParameterTuningJobStatus, "Completed");
        const trials = await trialsOf(twin, "early");
        assert.deepEqual(
            trials.map((trial) => [
                trial.TunedHyperParameters?.quality,
                trial.TrainingJobStatus,
                trial.ObjectiveStatus,
            ]),
            [
                ["0.9", "Completed", "Succeeded"],
                ["0.1", "Stopped", "Succeeded"],
            ],
        );
        assert.equal(trials[1]?.FinalHyperParameterTuningJobObjectiveMetric?.Value, 0.1);
        assert.equal(job.TrainingJobStatusCounters?.Stopped, 1);
        assert.equal(job.BestTrainingJob?.TrainingJobName, trials[0]?.TrainingJobName);
    });

    it("stops a training job of Hyperband's that goes beyond the largest resource", async () => {
        await startTuning(twin, "hyperband", {
            strategy: "Hyperband",
            jobs: 2,
            statics: { behaviour: '"endless"' },
            config: { StrategyConfig: { HyperbandStrategyConfig: { MinResource: 1, MaxResource: 3 } } },
        });
        const job = await tuned(twin, "hyperband");
        assert.equal(job.HyperParameterTuningJobStatus, "Completed");
        assert.equal(job.TrainingJobStatusCounters?.Stopped, 2);
        const name = job.BestTrainingJob?.TrainingJobName;
        const best = await twin.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
        assert.match(best.ModelArtifacts?.S3ModelArtifacts ?? "", /model\.tar\.gz$/);
    });

    it("completes when the objective reaches its target, and stops what still runs", async () => {
        await startTuning(twin, "target", {
            strategy: "Grid",
            jobs: 3,
            parallel: 3,
            ranges: qualities("0.1", "0.2", "0.9"),
            statics: { behaviour: '"wait-if-bad"' },
            config: ending({ TargetObjectiveMetricValue: 0.9 }),
        });
        const job = await tuned(twin, "target");
        assert.equal(job.HyperParameterTuningJobStatus, "Completed");
        assert.equal(job.TrainingJobStatusCounters?.Completed, 1);
        assert.equal(job.TrainingJobStatusCounters?.Stopped, 2);
    });

    it("completes when so many training jobs did not improve by more than a hundredth", async () => {
        await startTuning(twin, "not-improving", {
            jobs: 50,
            parallel: 1,
            ranges: { ContinuousParameterRanges: [{ Name: "quality", MinValue: "0.9", MaxValue: "0.901" }] },
            config: ending({ BestObjectiveNotImproving: { MaxNumberOfTrainingJobsNotImproving: 3 } }),
        });
        const job = await tuned(twin, "not-improving");
        assert.equal(job.HyperParameterTuningJobStatus, "Completed");
        assert.equal(job.TrainingJobStatusCounters?.Completed, 4);
        assert.equal(job.TuningJobCompletionDetails?.NumberOfTrainingJobsObjectiveNotImproving, 3);
        assert.equal(job.TuningJobCompletionDetails?.ConvergenceDetectedTime, undefined);
    });

    it("completes when it has converged: half of the results, ten or more, were no better", async () => {
        const ranges = { ContinuousParameterRanges: [{ Name: "quality", MinValue: "0.9", MaxValue: "0.901" }] };
        await startTuning(twin, "converged", {
            jobs: 50,
            parallel: 1,
            ranges,
            config: ending({ ConvergenceDetected: { CompleteOnConvergence: "Enabled" } }),
        });
        const job = await tuned(twin, "converged");
        assert.equal(job.HyperParameterTuningJobStatus, "Completed");
        assert.equal(job.TrainingJobStatusCounters?.Completed, 11);
        const { TuningJobCompletionDetails: details } = job;
        assert.equal(details?.NumberOfTrainingJobsObjectiveNotImproving, 10);
        const last = (await trialsOf(twin, "converged")).at(-1);
        assert.deepEqual(details?.ConvergenceDetectedTime, last?.TrainingEndTime);
    });

    it("completes at its maximum run time, which goes on while the twin is away", async () => {
        const ResourceLimits = { MaxNumberOfTrainingJobs: 2, MaxParallelTrainingJobs: 1, MaxRuntimeInSeconds: 120 };
        await startTuning(twin, "limited", { statics: { behaviour: '"wait"' }, config: { ResourceLimits } });
        await tuningWhere(twin, "limited", ({ TrainingJobStatusCounters: its }) => its?.InProgress === 1);
        await twin.twin.service.close();
        // As if it had begun two minutes ago.
        const moved = twin.twin.store.database
            .prepare(
                `UPDATE sagemaker_documents
                 SET document = json_set(document, '$.CreationTime."$date"', json_extract(document, '$.CreationTime."$date"') - 120000)
                 WHERE kind = 'hyper-parameter-tuning-job' AND name = 'limited'`,
            )
            .run();
        assert.equal(moved.changes, 1);
        twin = await twin.restart();
        const job = await tuned(twin, "limited");
        assert.equal(job.HyperParameterTuningJobStatus, "Completed");
        assert.equal((await trialsOf(twin, "limited")).length, 1);
    });

    it("goes on after the twin was away, and tries again what was lost with it", async () => {
        await startTuning(twin, "away", {
            strategy: "Grid",
            jobs: 3,
            parallel: 2,
            ranges: qualities("0.1", "0.2", "0.9"),
            statics: { behaviour: '"wait-if-bad"' },
            config: ending({ TargetObjectiveMetricValue: 0.9 }),
        });
        await tuningWhere(twin, "away", ({ TrainingJobStatusCounters: its }) => its?.InProgress === 2);
        twin = await twin.restart();
        const job = await tuned(twin, "away");
        assert.equal(job.HyperParameterTuningJobStatus, "Completed");
        assert.equal(job.BestTrainingJob?.TunedHyperParameters?.quality, "0.9");
        const trials = await trialsOf(twin, "away");
        const lost = trials.filter(({ FailureReason = "" }) => FailureReason.startsWith("InternalServerError"));
        assert.equal(job.TrainingJobStatusCounters?.RetryableError, lost.length);
        assert.ok(lost.length > 0);
        for (const each of lost) {
            const again = trials.filter(
                ({ TunedHyperParameters }) => TunedHyperParameters?.quality === each.TunedHyperParameters?.quality,
            );
            assert.equal(again.length, 2, each.TrainingJobName);
        }
    });
});
