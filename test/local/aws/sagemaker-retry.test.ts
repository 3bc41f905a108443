import assert from "node:assert/strict";
import { CreateTrainingJobCommand, type CreateTrainingJobCommandInput } from "@aws-sdk/client-sagemaker";
import { readFaultPlan } from "../../../local/aws/faults";
import type { TrainingJobDocument } from "../../../local/aws/sagemaker/training/job";
import {
    archive,
    bucket,
    ended,
    fixture,
    jobWhere,
    type SageMakerUnderTest,
    startSageMaker,
    trainingRequest,
} from "./sagemaker-under-test";

describe("training jobs of the twin whose instances fail", function () {
    // The first one on a machine makes the Python environment.
    this.timeout(300_000);
    let twin: SageMakerUnderTest;

    before(async () => {
        twin = await startSageMaker({ stopGrace: 300, checkpointInterval: 30 });
        await twin.put("source.tar.gz", await archive({ "train.py": fixture("train.py") }));
    });
    after(() => twin?.stop());
    afterEach(() => twin.twin.context.faults.use(undefined));

    const fail = (rule: object) => {
        const plan = { seed: 7, rules: [{ trainingJob: "*", fault: "error", ...rule }] };
        twin.twin.context.faults.use(readFaultPlan(plan, new Map()));
    };
    const start = (name: string, more: Partial<CreateTrainingJobCommandInput> = {}) =>
        twin.sagemaker.send(
            new CreateTrainingJobCommand(
                trainingRequest(twin, name, "resume", {
                    CheckpointConfig: { S3Uri: `s3://${bucket}/checkpoints/${name}` },
                    OutputDataConfig: { S3OutputPath: `s3://${bucket}/runs/`, CompressionType: "NONE" },
                    ...more,
                }),
            ),
        );
    const retries = (MaximumRetryAttempts: number) => ({ RetryStrategy: { MaximumRetryAttempts } });
    const statuses = (job: TrainingJobDocument) => (job.SecondaryStatusTransitions ?? []).map(({ Status }) => Status);
    const attempt = ["Starting", "Downloading", "Training"];

    it("are retried from their checkpoints as often as their retry strategy says", async () => {
        fail({ checkpoint: 1, max: 2 });
        await start("retried", retries(2));
        const job = await ended(twin, "retried");
        assert.equal(job.TrainingJobStatus, "Completed", job.FailureReason);
        assert.deepEqual(statuses(job), [...attempt, ...attempt, ...attempt, "Uploading", "Completed"]);
        assert.equal((await twin.get("runs/retried/output/model/epochs.txt")).toString(), "epoch-1.txt epoch-2.txt");
        assert.equal(job.FinalMetricDataList?.[0]?.Value, 0.3);
        assert.equal(job.RetryStrategy?.MaximumRetryAttempts, 2);
        assert.equal(job.FailureReason, undefined);
    });

    it("fail when no retry is left, and at once without a retry strategy", async () => {
        fail({ seconds: 0 });
        await start("used-up", retries(1));
        const job = await ended(twin, "used-up");
        assert.equal(job.TrainingJobStatus, "Failed");
        assert.match(job.FailureReason ?? "", /^InternalServerError: /);
        assert.deepEqual(statuses(job), [...attempt, ...attempt, "Failed"]);
        await start("no-retry");
        assert.deepEqual(statuses(await ended(twin, "no-retry")), [...attempt, "Failed"]);
    });

    it("do not count interruptions of spot capacity as retries", async () => {
        const rule = { trainingJob: "*", checkpoint: 1 };
        const rules = [
            { ...rule, fault: "interrupt", calls: [1] },
            { ...rule, fault: "error", calls: [2] },
        ];
        twin.twin.context.faults.use(readFaultPlan({ seed: 7, rules }, new Map()));
        await start("spot", {
            ...retries(1),
            EnableManagedSpotTraining: true,
            StoppingCondition: { MaxRuntimeInSeconds: 60, MaxWaitTimeInSeconds: 120 },
        });
        const job = await ended(twin, "spot");
        assert.deepEqual(statuses(job), [...attempt, "Interrupted", ...attempt, ...attempt, "Uploading", "Completed"]);
    });

    it("are retried as well when the twin was away", async () => {
        await start("away", retries(1));
        await jobWhere(twin, "away", ({ FinalMetricDataList: metrics = [] }) => metrics.length > 0);
        twin = await twin.restart();
        // It has begun from its checkpoint, or anew if that was not in S3 yet.
        const trained = (job: TrainingJobDocument) =>
            statuses(job).filter((status) => status === "Training").length === 2;
        const job = await jobWhere(twin, "away", trained);
        assert.equal(job.TrainingJobStatus, "InProgress");
        twin = await twin.restart();
        const failed = await ended(twin, "away");
        assert.match(failed.FailureReason ?? "", /^InternalServerError: the local twin stopped/);
    });

    it("are refused with a number of retries that AWS does not take", async () => {
        await assert.rejects(start("refused", retries(31)), {
            name: "ValidationException",
            message: /'retryStrategy.maximumRetryAttempts' .* between 1 and 30/,
        });
    });
});
