import assert from "node:assert/strict";
import { DescribeTrainingJobCommand } from "@aws-sdk/client-sagemaker";
import { readFaultPlan } from "../../../local/aws/faults";
import { startTuning, startTuningTwin, type TuningUnderTest, trialsOf, tuned } from "./sagemaker-tuning-under-test";
import { bucket, type SageMakerUnderTest } from "./sagemaker-under-test";

describe("faults in a search of the twin", function () {
    // The first one on a machine makes the Python environments.
    this.timeout(300_000);
    let twin: SageMakerUnderTest;

    before(async () => {
        twin = await startTuningTwin();
    });
    after(() => twin?.stop());
    afterEach(() => twin.twin.context.faults.use(undefined));

    const inject = (rule: object) => {
        const plan = { seed: 7, rules: [{ trainingJob: "*", ...rule }] };
        twin.twin.context.faults.use(readFaultPlan(plan, new Map()));
    };
    const CheckpointConfig = { S3Uri: `s3://${bucket}/checkpoints` };
    /** Each training job has to be started twice. */
    const twice = (definition: TuningUnderTest["definition"]): TuningUnderTest => ({
        strategy: "Grid",
        jobs: 2,
        parallel: 2,
        ranges: { CategoricalParameterRanges: [{ Name: "quality", Values: ["0.4", "0.8"] }] },
        statics: { behaviour: '"resume"' },
        definition: { CheckpointConfig, ...definition },
    });
    const statuses = async (TrainingJobName = "") => {
        const job = await twin.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
        return (job.SecondaryStatusTransitions ?? []).map(({ Status }) => Status);
    };
    const attempt = ["Starting", "Downloading", "Training"];

    it("that take spot capacity away change no result of training jobs with checkpoints", async () => {
        inject({ fault: "interrupt", checkpoint: 1, first: 2 });
        await startTuning(
            twin,
            "spot-search",
            twice({
                EnableManagedSpotTraining: true,
                StoppingCondition: { MaxRuntimeInSeconds: 60, MaxWaitTimeInSeconds: 120 },
            }),
        );
        const job = await tuned(twin, "spot-search");
        assert.equal(job.HyperParameterTuningJobStatus, "Completed");
        assert.equal(job.TrainingJobStatusCounters?.Completed, 2);
        for (const trial of await trialsOf(twin, "spot-search")) {
            assert.deepEqual(await statuses(trial.TrainingJobName), [
                ...attempt,
                "Interrupted",
                ...attempt,
                "Uploading",
                "Completed",
            ]);
            // Of both epochs: that of before the interruption was not lost.
            const { Value } = trial.FinalHyperParameterTuningJobObjectiveMetric ?? {};
            assert.equal(Value, Number(trial.TunedHyperParameters?.quality));
        }
    });

    it("of instances retry training jobs whose definition has a retry strategy", async () => {
        inject({ fault: "error", checkpoint: 1, first: 2 });
        await startTuning(twin, "retried-search", twice({ RetryStrategy: { MaximumRetryAttempts: 1 } }));
        const job = await tuned(twin, "retried-search");
        assert.equal(job.HyperParameterTuningJobStatus, "Completed");
        assert.deepEqual(job.TrainingJobStatusCounters, {
            Completed: 2,
            InProgress: 0,
            RetryableError: 0,
            NonRetryableError: 0,
            Stopped: 0,
        });
        const [first] = await trialsOf(twin, "retried-search");
        assert.deepEqual(await statuses(first?.TrainingJobName), [...attempt, ...attempt, "Uploading", "Completed"]);
    });

    it("of an instance lose a training job without one, whose hyperparameters are tried again", async () => {
        inject({ fault: "error", seconds: 0, max: 1 });
        await startTuning(twin, "lost-one", { jobs: 2, parallel: 1, statics: { behaviour: '"complete"' } });
        const job = await tuned(twin, "lost-one");
        assert.equal(job.HyperParameterTuningJobStatus, "Completed");
        assert.equal(job.TrainingJobStatusCounters?.RetryableError, 1);
        assert.equal(job.TrainingJobStatusCounters?.Completed, 2);
        const [lost, again] = await trialsOf(twin, "lost-one");
        assert.match(lost?.FailureReason ?? "", /^InternalServerError/);
        assert.deepEqual(again?.TunedHyperParameters, lost?.TunedHyperParameters);
    });

    it("that never end fail the search, after five attempts for each training job", async () => {
        inject({ fault: "error", seconds: 0 });
        await startTuning(twin, "all-lost", { jobs: 1, parallel: 1 });
        const job = await tuned(twin, "all-lost");
        assert.equal(job.HyperParameterTuningJobStatus, "Failed");
        assert.match(job.FailureReason ?? "", /^No training job succeeded/);
        assert.equal(job.TrainingJobStatusCounters?.RetryableError, 5);
    });
});
