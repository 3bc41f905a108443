import assert from "node:assert/strict";
import { CreateTrainingJobCommand, type CreateTrainingJobCommandInput } from "@aws-sdk/client-sagemaker";
import { readFaultPlan } from "../../../local/aws/faults";
import { after as afterTransition, type TrainingJobDocument } from "../../../local/aws/sagemaker/training/job";
import {
    archive,
    bucket,
    ended,
    fixture,
    type SageMakerUnderTest,
    startSageMaker,
    trainingRequest,
} from "./sagemaker-under-test";

describe("spot training jobs of the twin", function () {
    // The first one on a machine makes the Python environment.
    this.timeout(300_000);
    let twin: SageMakerUnderTest;

    before(async () => {
        twin = await startSageMaker({ stopGrace: 300, checkpointInterval: 30 });
        await twin.put("source.tar.gz", await archive({ "train.py": fixture("train.py") }));
    });
    after(() => twin?.stop());
    afterEach(() => twin.twin.context.faults.use(undefined));

    const interrupt = (...rules: object[]) => {
        const plan = { seed: 7, rules: rules.map((rule) => ({ trainingJob: "*", fault: "interrupt", ...rule })) };
        twin.twin.context.faults.use(readFaultPlan(plan, new Map()));
    };
    const start = (name: string, more: Partial<CreateTrainingJobCommandInput> = {}) =>
        twin.sagemaker.send(
            new CreateTrainingJobCommand(
                trainingRequest(twin, name, "resume", {
                    EnableManagedSpotTraining: true,
                    CheckpointConfig: { S3Uri: `s3://${bucket}/checkpoints/${name}` },
                    OutputDataConfig: { S3OutputPath: `s3://${bucket}/runs/`, CompressionType: "NONE" },
                    StoppingCondition: { MaxRuntimeInSeconds: 60, MaxWaitTimeInSeconds: 120 },
                    ...more,
                }),
            ),
        );
    const statuses = (job: TrainingJobDocument) => (job.SecondaryStatusTransitions ?? []).map(({ Status }) => Status);
    const again = ["Interrupted", "Starting", "Downloading", "Training"];

    it("go on from the checkpoints that were in S3 when their capacity was taken away", async () => {
        interrupt({ checkpoint: 1, max: 2 });
        await start("interrupted");
        const job = await ended(twin, "interrupted");
        assert.equal(job.TrainingJobStatus, "Completed", job.FailureReason);
        assert.deepEqual(statuses(job), [
            "Starting",
            "Downloading",
            "Training",
            ...again,
            ...again,
            "Uploading",
            "Completed",
        ]);
        assert.equal(
            (await twin.get("runs/interrupted/output/model/epochs.txt")).toString(),
            "epoch-1.txt epoch-2.txt",
        );
        assert.equal(job.FinalMetricDataList?.[0]?.Value, 0.3);
        const told = twin.events.filter(({ detail }) => detail.TrainingJobName === "interrupted");
        assert.equal(told.filter(({ detail }) => detail.SecondaryStatus === "Interrupted").length, 2);
        assert.deepEqual(
            new Set(told.map(({ detail }) => detail.TrainingJobStatus)),
            new Set(["InProgress", "Completed"]),
        );
    });

    it("are interrupted after a time as well, and others never", async () => {
        interrupt({ seconds: [0, 0.01], first: 1 });
        await start("on-demand", { EnableManagedSpotTraining: false, StoppingCondition: { MaxRuntimeInSeconds: 1 } });
        assert.ok(!statuses(await ended(twin, "on-demand")).includes("Interrupted"));
        await start("timed", { StoppingCondition: { MaxRuntimeInSeconds: 2, MaxWaitTimeInSeconds: 120 } });
        const job = await ended(twin, "timed");
        assert.deepEqual(statuses(job).slice(2, 7), ["Training", ...again]);
        assert.equal(job.SecondaryStatus, "MaxRuntimeExceeded");
    });

    it("stop at the maximum wait time", async () => {
        // Which begins with the job, before the training does.
        await start("waits", { StoppingCondition: { MaxRuntimeInSeconds: 1, MaxWaitTimeInSeconds: 1 } });
        const job = await ended(twin, "waits");
        assert.equal(job.TrainingJobStatus, "Stopped");
        assert.equal(job.SecondaryStatus, "MaxWaitTimeExceeded");
    });

    it("are refused without a maximum wait time that is as long as the run time", async () => {
        for (const StoppingCondition of [
            { MaxRuntimeInSeconds: 60 },
            { MaxRuntimeInSeconds: 60, MaxWaitTimeInSeconds: 59 },
        ]) {
            await assert.rejects(start("refused", { StoppingCondition }), {
                name: "ValidationException",
                message: /Invalid MaxWaitTimeInSeconds/,
            });
        }
    });

    it("are billed for a part of the time that they trained", () => {
        const job: TrainingJobDocument = {
            TrainingJobName: "billed",
            TrainingJobArn: "arn",
            ModelArtifacts: undefined,
            TrainingJobStatus: "InProgress",
            SecondaryStatus: "Starting",
            StoppingCondition: {},
            CreationTime: new Date(0),
            AlgorithmSpecification: { TrainingInputMode: "File" },
            ResourceConfig: undefined,
            EnableManagedSpotTraining: true,
        };
        const steps = [
            [10, "Training"],
            [70, "Interrupted"],
            [100, "Training"],
            [140, "Uploading"],
            [150, "Completed"],
        ] as const;
        const done = steps.reduce(
            (before, [seconds, secondary]) =>
                afterTransition(
                    before,
                    { status: secondary === "Completed" ? secondary : "InProgress", secondary, message: "" },
                    new Date(seconds * 1000),
                ),
            job,
        );
        assert.equal(done.TrainingStartTime?.getTime(), 10_000);
        assert.equal(done.TrainingTimeInSeconds, 140);
        assert.equal(done.BillableTimeInSeconds, 30);
    });
});
