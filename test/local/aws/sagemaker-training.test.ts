import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import {
    CreateTrainingJobCommand,
    DescribeTrainingJobCommand,
    ListTagsCommand,
    ListTrainingJobsCommand,
    StopTrainingJobCommand,
} from "@aws-sdk/client-sagemaker";
import * as tar from "tar";
import {
    archive,
    bucket,
    ended,
    fixture,
    jobWhere,
    processEnd,
    role,
    type SageMakerUnderTest,
    startSageMaker,
    trainingRequest,
} from "./sagemaker-under-test";

const log = "/aws/sagemaker/TrainingJobs";
const jobEvent = "SageMaker Training Job State Change";

/** How many GPUs NVIDIA's command lists. */
function gpus(): number {
    try {
        const listed = execFileSync("nvidia-smi", ["-L"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
        return listed.split("\n").filter((line) => line.startsWith("GPU ")).length;
    } catch {
        return 0;
    }
}

describe("training jobs of the twin", function () {
    // The first one on a machine makes the Python environment.
    this.timeout(300_000);
    let twin: SageMakerUnderTest;

    before(async () => {
        twin = await startSageMaker({ stopGrace: 300 });
        await twin.put("source.tar.gz", await archive({ "train.py": fixture("train.py") }));
        await twin.put("data/train/part/data.csv", "text,category\na,b\n");
    });
    after(() => twin.stop());

    const start = (name: string, behaviour: string, more = {}) =>
        twin.sagemaker.send(new CreateTrainingJobCommand(trainingRequest(twin, name, behaviour, more)));
    const trainChannel = {
        ChannelName: "train",
        DataSource: { S3DataSource: { S3DataType: "S3Prefix" as const, S3Uri: `s3://${bucket}/data/train/` } },
    };
    async function unpacked(key: string): Promise<(name: string) => string> {
        const folder = mkdtempSync(join(tmpdir(), "sortline-unpacked-"));
        try {
            const file = join(folder, "archive.tar.gz");
            writeFileSync(file, await twin.get(key));
            const contents = new Map<string, string>();
            await tar.t({
                file,
                onReadEntry: (entry) => {
                    const chunks: Buffer[] = [];
                    entry.on("data", (chunk: Buffer) => chunks.push(chunk));
                    entry.on("end", () => contents.set(entry.path, Buffer.concat(chunks).toString()));
                },
            });
            return (name) => contents.get(name) ?? assert.fail(`${name} is not among ${[...contents.keys()]}`);
        } finally {
            rmSync(folder, { recursive: true });
        }
    }

    describe("one that succeeds", () => {
        const name = "succeeds";
        before(async () => {
            await start(name, "complete", {
                InputDataConfig: [trainChannel],
                HyperParameters: {
                    ...trainingRequest(twin, name, "complete").HyperParameters,
                    "learning-rate": "0.00001",
                    names: '{"b":1,"a":"x"}',
                },
                Environment: { MODE: "test" },
                Tags: [{ Key: "team", Value: "mail" }],
            });
            await ended(twin, name);
        });

        const describe_ = () => twin.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));

        it("ends as Completed, with its secondary statuses one after the other", async () => {
            const job = await describe_();
            assert.equal(job.FailureReason, undefined);
            assert.equal(job.TrainingJobStatus, "Completed");
            const steps = job.SecondaryStatusTransitions ?? [];
            assert.deepEqual(
                steps.map((step) => step.Status),
                ["Starting", "Downloading", "Training", "Uploading", "Completed"],
            );
            for (const step of steps) assert.ok(step.EndTime && step.StartTime && step.EndTime >= step.StartTime);
            assert.ok(job.TrainingStartTime && job.TrainingEndTime && job.TrainingEndTime > job.TrainingStartTime);
        });

        it("packs the model and the further output, each into an archive", async () => {
            const job = await describe_();
            assert.equal(job.ModelArtifacts?.S3ModelArtifacts, `s3://${bucket}/runs/${name}/output/model.tar.gz`);
            assert.equal((await unpacked(`runs/${name}/output/model.tar.gz`))("weights.txt"), "learned");
            assert.equal((await unpacked(`runs/${name}/output/output.tar.gz`))("report.txt"), "fine");
        });

        it("gives the script what the toolkit gives it, and nothing of the twin's environment", async () => {
            const content = (await unpacked(`runs/${name}/output/model.tar.gz`))("environment.json");
            const { variables, arguments: given } = JSON.parse(content);
            assert.deepEqual(given, ["--behaviour", "complete", "--learning-rate", "1e-05", "--names", "a=x,b=1"]);
            assert.equal(variables.MODE, "test");
            assert.equal(variables.TRAINING_JOB_NAME, name);
            assert.equal(variables.SM_CHANNELS, '["train"]');
            assert.equal(variables["SM_HP_LEARNING-RATE"], "1e-05");
            assert.equal(variables.SM_CURRENT_HOST, "algo-1");
            assert.equal(variables.SM_CURRENT_INSTANCE_TYPE, "ml.m5.large");
            assert.equal(variables.SM_USER_ENTRY_POINT, "train.py");
            assert.equal(JSON.parse(variables.SM_TRAINING_ENV).job_name, name);
            // What the machine has, whatever the instance type is.
            assert.equal(Number(variables.SM_NUM_CPUS), cpus().length);
            assert.equal(Number(variables.SM_NUM_GPUS), gpus());
            const groups = { instance_group_name: "homogeneousCluster", instance_type: "ml.m5.large" };
            assert.deepEqual(JSON.parse(variables.SM_RESOURCE_CONFIG), {
                current_host: "algo-1",
                current_instance_type: "ml.m5.large",
                current_group_name: "homogeneousCluster",
                hosts: ["algo-1"],
                instance_groups: [{ ...groups, hosts: ["algo-1"] }],
                network_interface_name: Object.keys(networkInterfaces()).find((each) => each.startsWith("lo")),
            });
            const allowed =
                /^(SM_|AWS_|TRAINING_JOB_|PYTHON|LC_)|^(MODE|PATH|HOME|TMPDIR|LANG|PWD|__CF_USER_TEXT_ENCODING)$/;
            assert.deepEqual(
                Object.keys(variables).filter((key) => !allowed.test(key)),
                [],
            );
        });

        it("reports the last value of a metric and writes both output streams to the log", async () => {
            const [metric, ...others] = (await describe_()).FinalMetricDataList ?? [];
            assert.equal(metric?.MetricName, "accuracy");
            assert.equal(metric?.Value, 0.75);
            assert.deepEqual(others, []);
            assert.ok(twin.logged(log).includes("accuracy: 0.5;"));
            assert.ok(twin.logged(log).includes("accuracy: 0.75; rows: 2"));
        });

        it("emits an event at each change of its status", async () => {
            const details = twin.events.filter(({ detail }) => detail.TrainingJobName === name);
            assert.deepEqual(
                details.map(({ detail }) => `${detail.TrainingJobStatus}/${detail.SecondaryStatus}`),
                [
                    "InProgress/Starting",
                    "InProgress/Downloading",
                    "InProgress/Training",
                    "InProgress/Uploading",
                    "Completed/Completed",
                ],
            );
            const last = details.at(-1);
            assert.equal(last?.source, "aws.sagemaker");
            assert.equal(last?.detailType, jobEvent);
            assert.deepEqual(last?.detail.Tags, { team: "mail" });
            assert.equal(typeof last?.detail.CreationTime, "number");
            assert.equal(last?.detail.Environment, undefined);
        });

        it("is listed, keeps its tags, and its name cannot be used again", async () => {
            const { TrainingJobSummaries } = await twin.sagemaker.send(
                new ListTrainingJobsCommand({ NameContains: name, StatusEquals: "Completed" }),
            );
            assert.deepEqual(
                TrainingJobSummaries?.map((job) => job.TrainingJobName),
                [name],
            );
            const { Tags } = await twin.sagemaker.send(
                new ListTagsCommand({ ResourceArn: (await describe_()).TrainingJobArn }),
            );
            assert.deepEqual(Tags, [{ Key: "team", Value: "mail" }]);
            await assert.rejects(start(name, "complete"), { name: "ResourceInUse" });
        });
    });

    it("stores the model file by file with CompressionType NONE", async () => {
        await start("uncompressed", "complete", {
            InputDataConfig: [trainChannel],
            OutputDataConfig: { S3OutputPath: `s3://${bucket}/runs/`, CompressionType: "NONE" },
        });
        const job = await ended(twin, "uncompressed");
        assert.equal(job.ModelArtifacts?.S3ModelArtifacts, `s3://${bucket}/runs/uncompressed/output/model/`);
        const listed = await twin.s3.send(
            new ListObjectsV2Command({ Bucket: bucket, Prefix: "runs/uncompressed/output/" }),
        );
        assert.deepEqual(
            listed.Contents?.map(({ Key }) => Key),
            ["model/environment.json", "model/weights.txt", "output.tar.gz"].map(
                (key) => `runs/uncompressed/output/${key}`,
            ),
        );
    });

    it("fails with the end of the traceback when the script raises", async () => {
        await start("raises", "raise");
        const job = await ended(twin, "raises");
        assert.equal(job.TrainingJobStatus, "Failed");
        assert.match(job.FailureReason ?? "", /^AlgorithmError: ExecuteUserScriptError:\nExitCode 1/);
        assert.match(job.FailureReason ?? "", /ValueError: the labels are missing", exit code: 1$/);
    });

    it("takes the reason of a failure from the failure file, up to 1,024 characters", async () => {
        await start("writes-failure", "failure-file");
        const reason = (await ended(twin, "writes-failure")).FailureReason ?? "";
        assert.match(reason, /^AlgorithmError: what went wrong x+, exit code: 3$/);
        assert.ok(reason.length <= 1024 && reason.length > 1000, `${reason.length} characters`);
    });

    it("keeps the checkpoints of a job that failed, and gives them to the next one", async () => {
        const CheckpointConfig = { S3Uri: `s3://${bucket}/checkpoints` };
        await start("first-half", "checkpoint", { CheckpointConfig });
        assert.match((await ended(twin, "first-half")).FailureReason ?? "", /exit code: 4$/);
        assert.equal((await twin.get("checkpoints/epochs/1.txt")).toString(), "half");
        await start("second-half", "checkpoint", { CheckpointConfig });
        const job = await ended(twin, "second-half");
        assert.equal(job.TrainingJobStatus, "Completed", job.FailureReason);
    });

    it("says that memory ran out when the process was killed", async () => {
        await start("killed", "out-of-memory");
        assert.match((await ended(twin, "killed")).FailureReason ?? "", /exit code: 137\..*out of memory/);
    });

    it("stops at the maximum run time, and keeps the model so far", async () => {
        await start("too-long", "stoppable", { StoppingCondition: { MaxRuntimeInSeconds: 1 } });
        const job = await ended(twin, "too-long");
        assert.equal(job.TrainingJobStatus, "Stopped");
        assert.equal(job.SecondaryStatus, "MaxRuntimeExceeded");
        assert.equal((await unpacked("runs/too-long/output/model.tar.gz"))("checkpoint.txt"), "so far");
    });

    it("kills a script that ignores SIGTERM when it is stopped", async () => {
        await start("stubborn", "stubborn");
        await jobWhere(twin, "stubborn", () => twin.logged(log).at(-1) === "waiting");
        await twin.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: "stubborn" }));
        const job = await ended(twin, "stubborn");
        assert.equal(job.TrainingJobStatus, "Stopped");
        assert.equal(job.SecondaryStatus, "Stopped");
        await assert.rejects(twin.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: "stubborn" })), {
            name: "ValidationException",
            message: /rejected because the training job is in status Stopped/,
        });
    });

    it("reads its data with the permissions of its role only", async () => {
        const weak = await role(twin, "weak", []);
        await start("forbidden", "complete", { RoleArn: weak, InputDataConfig: [trainChannel] });
        const job = await ended(twin, "forbidden");
        assert.equal(job.TrainingJobStatus, "Failed");
        assert.match(job.FailureReason ?? "", /^ClientError: Data download failed: .*not authorized.*s3:ListBucket/);
    });

    it("takes the script from a channel, as a job without a network does, and from nowhere else", async () => {
        await twin.put("code/source.tar.gz", await archive({ "train.py": "print('from a channel')" }));
        const run = async (name: string, sagemaker_submit_directory: string) => {
            const DataSource = {
                S3DataSource: { S3DataType: "S3Prefix" as const, S3Uri: `s3://${bucket}/code/` },
            };
            await start(name, "complete", {
                InputDataConfig: [{ ChannelName: "code", DataSource }],
                HyperParameters: { sagemaker_program: "train.py", sagemaker_submit_directory },
            });
            return ended(twin, name);
        };
        const job = await run("code-of-channel", "/opt/ml/input/data/code/source.tar.gz");
        assert.equal(job.TrainingJobStatus, "Completed", job.FailureReason);
        const stray = await run("code-astray", "/opt/ml/input/data/code/../../../source.tar.gz");
        assert.match(stray.FailureReason ?? "", /it is in no channel/);
    });

    it("refuses a requirements.txt that the environment does not satisfy, and names what is missing", async () => {
        const source = await archive({
            "train.py": "print('started')",
            "requirements.txt": "numpy>=1\n# why\nno-such-package==1.0\n",
        });
        await twin.put("requirements/source.tar.gz", source);
        await start("requires", "complete", {
            HyperParameters: {
                sagemaker_program: "train.py",
                sagemaker_submit_directory: `s3://${bucket}/requirements/source.tar.gz`,
            },
        });
        assert.match(
            (await ended(twin, "requires")).FailureReason ?? "",
            /requirements\.txt .*the twin installs nothing when a job runs: no-such-package==1\.0, exit code: 1/,
        );
    });

    it("names all that is wrong with a request at once", async () => {
        await assert.rejects(
            start("no_underscores", "complete", {
                InputDataConfig: Array.from({ length: 21 }, (_, index) => ({
                    ...trainChannel,
                    ChannelName: `c${index}`,
                })),
                OutputDataConfig: { S3OutputPath: "/tmp" },
            }),
            (error: Error) => {
                assert.equal(error.name, "ValidationException");
                assert.match(error.message, /^3 validation errors detected: /);
                for (const member of ["trainingJobName", "inputDataConfig", "outputDataConfig.s3OutputPath"]) {
                    assert.ok(error.message.includes(`'${member}'`), error.message);
                }
                return true;
            },
        );
    });

    it("names the images that it has when asked for another one", async () => {
        const AlgorithmSpecification = { TrainingImage: "example.com/huggingface:1", TrainingInputMode: "File" };
        await assert.rejects(start("other-image", "complete", { AlgorithmSpecification }), {
            name: "ValidationException",
            message: /no image 'example\.com\/huggingface:1'.*sagemaker-scikit-learn/,
        });
    });

    it("refuses a role that SageMaker may not assume", async () => {
        await assert.rejects(start("no-role", "complete", { RoleArn: "arn:aws:iam::000000000000:role/missing" }), {
            name: "ValidationException",
            message: /^Could not assume role .*role\/missing/,
        });
    });

    it("ends the whole process tree with the twin, and fails the job when the twin is back", async () => {
        await start("interrupted", "child");
        let processes: number[] = [];
        await jobWhere(twin, "interrupted", () => {
            const line = twin.logged(log).findLast((message) => message.startsWith("processes"));
            processes = (line?.split(" ").slice(1) ?? []).map(Number);
            return processes.length === 2;
        });
        twin = await twin.restart();
        for (const pid of processes) await processEnd(pid);
        const job = await ended(twin, "interrupted");
        assert.equal(job.TrainingJobStatus, "Failed");
        assert.match(job.FailureReason ?? "", /the local twin stopped while the job ran/);
        assert.equal(twin.events.at(-1)?.detail.TrainingJobStatus, "Failed");
    });
});
