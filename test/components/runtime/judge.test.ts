import assert from "node:assert/strict";
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { judge, labelsDigest } from "../../../components/runtime/judge";
import { type Answer, type AwsServer, awsServer, type Call, input } from "../aws-server";

const evaluation = {
    version: 1,
    accuracy: 0.93,
    macro_f1: 0.9,
    classes: [{ label: "b" }, { label: "a" }],
};

describe("the judge of a training job", () => {
    let sagemaker: AwsServer;
    let s3: AwsServer;
    let answerCreate: () => Answer;
    let report: unknown;
    let clients: { sagemaker: SageMakerClient; s3: S3Client };
    let handler: ReturnType<typeof judge>;
    const { info, warn, error } = console;
    const jobs: Record<string, Record<string, unknown>> = {};

    before(async () => {
        for (const name of ["info", "warn", "error"] as const) console[name] = () => undefined;
        sagemaker = await awsServer("http1", (call: Call) => {
            if (call.operation === "DescribeTrainingJob") {
                const job = jobs[String(input(call).TrainingJobName)];
                return job === undefined ? { status: 400, body: { __type: "ValidationException" } } : { body: job };
            }
            return answerCreate();
        });
        s3 = await awsServer("http1", () => ({ body: report }));
        clients = { sagemaker: new SageMakerClient(sagemaker.client), s3: new S3Client(s3.client) };
        handler = judge({
            jobPrefix: "shop-dev-train",
            modelPackageGroupName: "shop-dev-models",
            inferenceImage: "image:1",
            evaluation: { instanceType: "ml.m5.large", volumeGigabytes: 30, maxRunSeconds: 3600 },
            ...clients,
        });
    });
    after(async () => {
        Object.assign(console, { info, warn, error });
        clients.sagemaker.destroy();
        clients.s3.destroy();
        await sagemaker.close();
        await s3.close();
    });
    beforeEach(() => {
        sagemaker.calls.length = 0;
        s3.calls.length = 0;
        report = evaluation;
        answerCreate = () => ({ body: { TrainingJobArn: "arn", ModelPackageArn: "arn" } });
        jobs["shop-dev-train-1"] = {
            TrainingJobName: "shop-dev-train-1",
            TrainingJobStatus: "Completed",
            RoleArn: "arn:role",
            AlgorithmSpecification: { TrainingImage: "image:1", TrainingInputMode: "File" },
            HyperParameters: {
                cleaning: '"1"',
                epochs: "3",
                sagemaker_program: '"train.py"',
                sagemaker_submit_directory: '"s3://bucket/source.tar.gz"',
            },
            Environment: { SORTLINE_JOB_PREFIX: "shop-dev-train", SORTLINE_TEST_S3_URI: "s3://bucket/test" },
            ModelArtifacts: { S3ModelArtifacts: "s3://bucket/jobs/x/output/model.tar.gz" },
            OutputDataConfig: { S3OutputPath: "s3://bucket/jobs" },
        };
        jobs["shop-dev-train-1-eval"] = {
            TrainingJobName: "shop-dev-train-1-eval",
            TrainingJobStatus: "Completed",
            Environment: { SORTLINE_JOB_PREFIX: "shop-dev-train", SORTLINE_EVALUATED_JOB: "shop-dev-train-1" },
            ModelArtifacts: { S3ModelArtifacts: "s3://bucket/jobs/shop-dev-train-1-eval/output/model/" },
        };
    });
    const about = (name: string) => ({ detail: { TrainingJobName: name } });
    const created = (operation: string) => sagemaker.calls.filter((call) => call.operation === operation).map(input);

    it("has the model of a completed job evaluated on its test set, by the same code and role", async () => {
        await handler(about("shop-dev-train-1"));
        assert.deepEqual(created("CreateTrainingJob"), [
            {
                TrainingJobName: "shop-dev-train-1-eval",
                AlgorithmSpecification: { TrainingImage: "image:1", TrainingInputMode: "File" },
                RoleArn: "arn:role",
                HyperParameters: {
                    cleaning: '"1"',
                    sagemaker_submit_directory: '"s3://bucket/source.tar.gz"',
                    sagemaker_program: '"evaluate.py"',
                },
                Environment: { SORTLINE_JOB_PREFIX: "shop-dev-train", SORTLINE_EVALUATED_JOB: "shop-dev-train-1" },
                InputDataConfig: [
                    channel("model", "s3://bucket/jobs/x/output/model.tar.gz"),
                    channel("test", "s3://bucket/test"),
                ],
                OutputDataConfig: { S3OutputPath: "s3://bucket/jobs", CompressionType: "NONE" },
                ResourceConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 30 },
                StoppingCondition: { MaxRuntimeInSeconds: 3600 },
            },
        ]);
    });

    it("takes an evaluation that was started before for done", async () => {
        answerCreate = () => ({ status: 400, body: { __type: "ResourceInUse", message: "exists" } });
        await handler(about("shop-dev-train-1"));
        answerCreate = () => ({ status: 400, body: { __type: "ValidationException", message: "wrong" } });
        await assert.rejects(handler(about("shop-dev-train-1")), /wrong/);
    });

    it("registers the evaluated model, pending approval, with what the evaluation says", async () => {
        await handler(about("shop-dev-train-1-eval"));
        assert.equal(
            s3.calls[0]?.path.split("?")[0],
            "/bucket/jobs/shop-dev-train-1-eval/output/model/evaluation.json",
        );
        const [model, ...others] = created("CreateModelPackage");
        assert.equal(others.length, 0);
        const { ClientToken, ...request } = model ?? {};
        assert.match(String(ClientToken), /^[a-zA-Z0-9-]{1,36}$/);
        assert.deepEqual(request, {
            ModelPackageGroupName: "shop-dev-models",
            ModelPackageDescription: "Trained by shop-dev-train-1",
            ModelApprovalStatus: "PendingManualApproval",
            InferenceSpecification: {
                Containers: [
                    {
                        Image: "image:1",
                        ModelDataUrl: "s3://bucket/jobs/x/output/model.tar.gz",
                        Environment: {
                            SAGEMAKER_PROGRAM: "inference.py",
                            SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code",
                            PYTHONPATH: "/opt/ml/model/code",
                        },
                    },
                ],
                SupportedContentTypes: ["application/json"],
                SupportedResponseMIMETypes: ["application/json"],
            },
            ModelMetrics: {
                ModelQuality: {
                    Statistics: {
                        ContentType: "application/json",
                        S3Uri: "s3://bucket/jobs/shop-dev-train-1-eval/output/model/evaluation.json",
                    },
                },
            },
            CustomerMetadataProperties: {
                trainingJob: "shop-dev-train-1",
                accuracy: "0.93",
                macroF1: "0.9",
                labels: "2",
                labelsDigest: labelsDigest(["a", "b"]),
                cleaning: "1",
            },
        });
    });

    it("asks with the same token for the same job, however often its event comes", async () => {
        await handler(about("shop-dev-train-1-eval"));
        await handler(about("shop-dev-train-1-eval"));
        const [first, second] = created("CreateModelPackage").map(({ ClientToken }) => ClientToken);
        assert.equal(first, second);
    });

    it("registers nothing when the evaluation cannot be read", async () => {
        report = { accuracy: 1 };
        await assert.rejects(handler(about("shop-dev-train-1-eval")), /is no evaluation/);
        assert.deepEqual(created("CreateModelPackage"), []);
    });

    it("leaves other jobs and unfinished ones alone", async () => {
        jobs.other = {
            ...jobs["shop-dev-train-1"],
            Environment: { SORTLINE_JOB_PREFIX: "shop-dev-train-2", SORTLINE_TEST_S3_URI: "s3://bucket/test" },
        };
        Object.assign(jobs["shop-dev-train-1"] ?? {}, { TrainingJobStatus: "Failed" });
        await handler(about("other"));
        await handler(about("shop-dev-train-1"));
        assert.deepEqual([...created("CreateTrainingJob"), ...created("CreateModelPackage")], []);
    });

    it("fails for a job that is not seen as completed yet, so that Lambda tries again", async () => {
        Object.assign(jobs["shop-dev-train-1"] ?? {}, { TrainingJobStatus: "InProgress" });
        await assert.rejects(handler(about("shop-dev-train-1")), /shop-dev-train-1 is not completed yet/);
    });

    it("digests labels whatever their order", () => {
        assert.equal(labelsDigest(["b", "a"]), labelsDigest(["a", "b"]));
        assert.match(labelsDigest(["a"]), /^[0-9a-f]{16}$/);
        assert.notEqual(labelsDigest(["a", "b"]), labelsDigest(["a", "c"]));
    });
});

function channel(name: string, uri: string) {
    return {
        ChannelName: name,
        DataSource: {
            S3DataSource: { S3DataType: "S3Prefix", S3Uri: uri, S3DataDistributionType: "FullyReplicated" },
        },
        InputMode: "File",
    };
}
