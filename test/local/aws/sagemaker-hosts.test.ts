import assert from "node:assert/strict";
import { CreateTrainingJobCommand, type CreateTrainingJobCommandInput } from "@aws-sdk/client-sagemaker";
import { root } from "../../../local/aws/service";
import {
    archive,
    bucket,
    ended,
    fixture,
    type SageMakerUnderTest,
    startSageMaker,
    trainingRequest,
} from "./sagemaker-under-test";

const log = "/aws/sagemaker/TrainingJobs";

describe("training jobs of the twin with several hosts", function () {
    // The first one on a machine makes the Python environment.
    this.timeout(300_000);
    let twin: SageMakerUnderTest;

    before(async () => {
        twin = await startSageMaker({ stopGrace: 300 });
        await twin.put("source.tar.gz", await archive({ "train.py": fixture("train.py") }));
        for (const part of ["a", "b", "c"]) await twin.put(`data/${part}.csv`, "text,category\n");
    });
    after(() => twin?.stop());

    const channel = (ChannelName: string, S3DataDistributionType: "FullyReplicated" | "ShardedByS3Key") => ({
        ChannelName,
        DataSource: {
            S3DataSource: { S3DataType: "S3Prefix" as const, S3Uri: `s3://${bucket}/data/`, S3DataDistributionType },
        },
    });
    const start = (name: string, behaviour: string, more: Partial<CreateTrainingJobCommandInput> = {}) =>
        twin.sagemaker.send(
            new CreateTrainingJobCommand(
                trainingRequest(twin, name, behaviour, {
                    ResourceConfig: { InstanceType: "ml.m5.large", InstanceCount: 2, VolumeSizeInGB: 5 },
                    OutputDataConfig: { S3OutputPath: `s3://${bucket}/runs/`, CompressionType: "NONE" },
                    ...more,
                }),
            ),
        );

    describe("when all succeed", () => {
        before(async () => {
            await start("two", "meet", {
                InputDataConfig: [channel("all", "FullyReplicated"), channel("part", "ShardedByS3Key")],
            });
            await ended(twin, "two");
        });

        it("run a process for each, which find each other", async () => {
            const job = await ended(twin, "two");
            assert.equal(job.TrainingJobStatus, "Completed", job.FailureReason);
            assert.ok(twin.logged(log).includes("met algo-1 algo-2"));
        });

        it("give each all of a channel, or its part of the objects where they are sharded", async () => {
            const files = async (host: string) =>
                JSON.parse((await twin.get(`runs/two/output/model/${host}.json`)).toString());
            const all = ["a.csv", "b.csv", "c.csv"];
            assert.deepEqual(await files("algo-1"), { all, part: ["a.csv", "c.csv"] });
            assert.deepEqual(await files("algo-2"), { all, part: ["b.csv"] });
        });

        it("put together what all have made, the first host's where they differ", async () => {
            assert.equal((await twin.get("runs/two/output/model/all.txt")).toString(), "algo-1");
        });

        it("have a log stream for each", async () => {
            const { logStreams = [] } = await twin.twin.context
                .services()
                .logs.operations.DescribeLogStreams({ logGroupName: log, logStreamNamePrefix: "two/" }, root);
            assert.deepEqual(
                logStreams.map(({ logStreamName = "" }) => logStreamName.replace(/-\d+$/, "")),
                ["two/algo-1", "two/algo-2"],
            );
        });
    });

    it("fail when one fails, for its reason, and end the others", async () => {
        await start("half", "second-fails");
        const job = await ended(twin, "half");
        assert.equal(job.TrainingJobStatus, "Failed");
        assert.match(job.FailureReason ?? "", /the second host has no data/);
    });

    it("are refused with no hosts at all", async () => {
        const ResourceConfig = { InstanceType: "ml.m5.large" as const, InstanceCount: 0, VolumeSizeInGB: 5 };
        await assert.rejects(start("none", "meet", { ResourceConfig }), {
            name: "ValidationException",
            message:
                /'resourceConfig.instanceCount' failed to satisfy constraint: Member must have value between 1 and 20/,
        });
    });
});
