import assert from "node:assert/strict";
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { type JobEvent, type JudgeOptions, judge } from "../../../components/runtime/judge";
import { labelsDigest } from "../../../components/runtime/labels-digest";
import type { Decision, ModelPolicy } from "../../../components/runtime/verdict";
import { type Answer, type AwsServer, awsServer, type Call, input } from "../aws-server";

const evaluation = {
    version: 1,
    accuracy: 0.93,
    macro_f1: 0.9,
    classes: [{ label: "b" }, { label: "a" }],
};

const champion = {
    package: "arn:aws:sagemaker:eu-central-1:123456789012:model-package/shop-dev-models/3",
    artefact: "s3://bucket/jobs/earlier/output/model.tar.gz",
};
const compared = {
    model: "earlier",
    accuracy: 0.9,
    macro_f1: 0.88,
    ece: 0.02,
    difference: { accuracy: 0.03, low: 0.01, high: 0.05 },
};

describe("the judge of a training job", () => {
    let sagemaker: AwsServer;
    let s3: AwsServer;
    let answerCreate: (call: Call) => Answer;
    let report: unknown;
    let clients: { sagemaker: SageMakerClient; s3: S3Client };
    /** The judge, with as much time as it has when it is called. */
    type Judge = (event: JobEvent, milliseconds?: number) => Promise<void>;
    let handler: Judge;
    let judging: (options?: Partial<JudgeOptions>) => Judge;
    let packages: Record<string, Record<string, unknown>>;
    /** What the group lists. */
    let registered: Record<string, unknown>[];
    const { info, warn, error } = console;
    const jobs: Record<string, Record<string, unknown>> = {};
    const tunings: Record<string, Record<string, unknown>> = {};
    /** Of a search, those that completed, the best one first. */
    let trials: readonly object[] = [];

    before(async () => {
        for (const name of ["info", "warn", "error"] as const) console[name] = () => undefined;
        sagemaker = await awsServer("http1", (call: Call) => {
            if (call.operation === "DescribeTrainingJob") {
                const job = jobs[String(input(call).TrainingJobName)];
                return job === undefined ? { status: 400, body: { __type: "ValidationException" } } : { body: job };
            }
            if (call.operation === "DescribeHyperParameterTuningJob") {
                return { body: tunings[String(input(call).HyperParameterTuningJobName)] };
            }
            if (call.operation === "ListTrainingJobsForHyperParameterTuningJob") {
                return { body: { TrainingJobSummaries: trials } };
            }
            if (call.operation === "ListModelPackages") return { body: { ModelPackageSummaryList: registered } };
            if (call.operation === "DescribeModelPackage") {
                const found = packages[String(input(call).ModelPackageName)] ?? { __type: "ValidationException" };
                return { status: "__type" in found ? 400 : 200, body: found };
            }
            return answerCreate(call);
        });
        s3 = await awsServer("http1", () => ({ body: report }));
        clients = { sagemaker: new SageMakerClient(sagemaker.client), s3: new S3Client(s3.client) };
        judging = (options = {}) => {
            const judged = judge({
                jobPrefix: "shop-dev-train",
                follows: "training",
                modelPackageGroupName: "shop-dev-models",
                inferenceImage: "image:1",
                evaluation: {
                    instanceType: "ml.m5.large",
                    volumeGigabytes: 30,
                    maxRunSeconds: 3600,
                    baseline: false,
                    tags: [],
                },
                champion: undefined,
                policy: undefined,
                ...clients,
                ...options,
            });
            return (event, milliseconds = 60_000) => judged(event, { getRemainingTimeInMillis: () => milliseconds });
        };
        handler = judging();
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
        packages = { arn: { ModelApprovalStatus: "PendingManualApproval" } };
        registered = [];
        answerCreate = () => ({ body: { TrainingJobArn: "arn", ModelPackageArn: "arn" } });
        jobs["shop-dev-train-1"] = {
            TrainingJobName: "shop-dev-train-1",
            TrainingJobStatus: "Completed",
            RoleArn: "arn:role",
            AlgorithmSpecification: { TrainingImage: "image:1", TrainingInputMode: "File" },
            HyperParameters: {
                cleaning: '"1"',
                algorithm: '"linear"',
                epochs: "3",
                "class-weights": '"balanced"',
                _tuning_objective_metric: "validation:macro_f1",
                sagemaker_program: '"train.py"',
                sagemaker_submit_directory: '"s3://bucket/source/abc.tar.gz"',
                sagemaker_toolkit_native_launcher_enabled: "true",
            },
            FinalMetricDataList: [
                { MetricName: "validation:macro_f1", Value: 0.91, Timestamp: 1 },
                { MetricName: "train:loss", Value: 0.1, Timestamp: 1 },
            ],
            InputDataConfig: [channel("train", "s3://bucket/datasets/d1/train/")],
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
                    sagemaker_submit_directory: '"s3://bucket/source/abc.tar.gz"',
                    sagemaker_toolkit_native_launcher_enabled: "true",
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

    describe("whose evaluation was started before", () => {
        const first = "shop-dev-train-1-eval";
        beforeEach(() => {
            answerCreate = (call) =>
                jobs[String(input(call).TrainingJobName)] === undefined
                    ? { body: { TrainingJobArn: "arn", ModelPackageArn: "arn" } }
                    : { status: 400, body: { __type: "ResourceInUse", message: "exists" } };
        });
        afterEach(() => {
            for (const name of Object.keys(jobs)) if (/-eval\d$/.test(name)) delete jobs[name];
        });
        const started = () =>
            created("CreateTrainingJob").filter(({ TrainingJobName }) => jobs[String(TrainingJobName)] === undefined);
        const ends = (name: string, TrainingJobStatus: string, more: object = {}) => {
            jobs[name] = {
                ...jobs[first],
                TrainingJobName: name,
                TrainingJobStatus,
                InputDataConfig: [
                    channel("model", "s3://bucket/jobs/x/output/model.tar.gz"),
                    channel("champion", champion.artefact),
                ],
                ...more,
            };
        };
        const channels = (request: Record<string, unknown> = {}) =>
            (request.InputDataConfig as { ChannelName: string }[]).map(({ ChannelName }) => ChannelName);

        it("lets it run", async () => {
            ends(first, "InProgress");
            await handler(about("shop-dev-train-1"));
            assert.deepEqual([...started(), ...created("CreateModelPackage")], []);
        });

        it("registers the model where it has completed, as its own event does", async () => {
            await handler(about("shop-dev-train-1"));
            await handler(about(first));
            const [one, other] = created("CreateModelPackage");
            assert.deepEqual(one, other);
            assert.deepEqual(started(), []);
        });

        it("starts another one where it has failed or was stopped, and no more than five", async () => {
            for (let attempt = 1; attempt < 5; attempt++) {
                ends(attempt === 1 ? first : `${first}${attempt}`, attempt % 2 === 0 ? "Stopped" : "Failed");
                await judging({ champion })(about("shop-dev-train-1"));
                assert.equal(started().at(-1)?.TrainingJobName, `${first}${attempt + 1}`);
            }
            ends(`${first}5`, "Failed");
            await assert.rejects(handler(about("shop-dev-train-1")), /5 evaluations of shop-dev-train-1 have failed/);
        });

        it("compares again where it failed beside the model in service for another reason, and once only", async () => {
            ends(first, "Failed", { FailureReason: "no space left" });
            await judging({ champion })(about("shop-dev-train-1"));
            assert.deepEqual(channels(started()[0]), ["model", "test", "champion"]);
            ends(`${first}2`, "Failed", { FailureReason: "no space left" });
            await judging({ champion })(about("shop-dev-train-1"));
            assert.deepEqual(channels(started()[0]), ["model", "test"]);
        });

        it("has it done without the model in service where that is what failed, and says why", async () => {
            for (const FailureReason of [
                "ExecuteUserScriptError: channel 'champion': no model.tar.gz",
                `ClientError: No S3 objects found under S3 URL "${champion.artefact}"`,
            ]) {
                sagemaker.calls.length = 0;
                ends(first, "Failed", { FailureReason });
                // As soon as it has failed, and as often as its event comes.
                await judging({ champion })(about(first));
                const [request, ...others] = started();
                assert.equal(others.length, 0);
                assert.equal(request?.TrainingJobName, `${first}2`);
                assert.deepEqual(channels(request), ["model", "test"]);
                assert.deepEqual(request?.Environment, {
                    SORTLINE_JOB_PREFIX: "shop-dev-train",
                    SORTLINE_EVALUATED_JOB: "shop-dev-train-1",
                    SORTLINE_CHAMPION_PACKAGE: champion.package,
                    SORTLINE_CHAMPION_LEFT_OUT: `${first} failed with it`,
                });
                ends(`${first}2`, "InProgress");
                await judging({ champion })(about(first));
                assert.deepEqual(started(), []);
                delete jobs[`${first}2`];
            }
        });

        it("compares with another model that has come into service since", async () => {
            ends(first, "Failed", { FailureReason: "channel 'champion': no model.tar.gz" });
            await judging({ champion: { ...champion, artefact: "s3://bucket/mended/model.tar.gz" } })(
                about("shop-dev-train-1"),
            );
            assert.deepEqual(channels(started()[0]), ["model", "test", "champion"]);
        });

        it("starts nothing by itself where an evaluation failed for another reason, or was stopped", async () => {
            ends(first, "Failed", { FailureReason: "no space left" });
            await judging({ champion })(about(first));
            ends(first, "Stopped");
            await judging({ champion })(about(first));
            assert.deepEqual([...started(), ...created("CreateModelPackage")], []);
        });

        it("tells in the model's properties why it was not compared, and leaves it to a person", async () => {
            Object.assign(jobs[first] ?? {}, {
                Environment: {
                    SORTLINE_JOB_PREFIX: "shop-dev-train",
                    SORTLINE_EVALUATED_JOB: "shop-dev-train-1",
                    SORTLINE_CHAMPION_PACKAGE: champion.package,
                    SORTLINE_CHAMPION_LEFT_OUT: "it failed",
                },
            });
            packages[champion.package] = {};
            await judging({ policy: () => "approve" })(about(first));
            const [properties] = created("CreateModelPackage").map((each) => each.CustomerMetadataProperties);
            assert.equal((properties as Record<string, string>).championLeftOut, "it failed");
            assert.match(String(created("UpdateModelPackage")[0]?.ApprovalDescription), /does not compare it/);
        });
    });

    it("fails where an evaluation cannot be started, so that Lambda tries again", async () => {
        answerCreate = () => ({ status: 400, body: { __type: "ValidationException", message: "wrong" } });
        await assert.rejects(handler(about("shop-dev-train-1")), /wrong/);
    });

    it("registers the evaluated model, pending approval, with where it comes from and what the evaluation says", async () => {
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
                algorithm: "linear",
                evaluationJob: "shop-dev-train-1-eval",
                dataset: "s3://bucket/datasets/d1/train/",
                datasetDigest: "d1",
                testSet: "s3://bucket/test",
                source: "s3://bucket/source/abc.tar.gz",
                sourceDigest: "abc",
                trainingImage: "image:1",
                "validation:macro_f1": "0.91",
                "hyperparameter:class-weights": "balanced",
                "hyperparameter:epochs": "3",
            },
        });
    });

    it("asks with the same token for the same job, however often its event comes", async () => {
        await handler(about("shop-dev-train-1-eval"));
        await handler(about("shop-dev-train-1-eval"));
        const [first, second] = created("CreateModelPackage").map(({ ClientToken }) => ClientToken);
        assert.equal(first, second);
    });

    it("registers a model once, also where SageMaker has forgotten the token when an event comes again", async () => {
        await handler(about("shop-dev-train-1-eval"));
        assert.deepEqual(
            created("ListModelPackages").map(({ ModelPackageGroupName }) => ModelPackageGroupName),
            ["shop-dev-models"],
        );
        const [{ ModelPackageDescription } = {}] = created("CreateModelPackage");
        registered = [
            { ModelPackageArn: "other", ModelPackageDescription: "Trained by shop-dev-train-11" },
            { ModelPackageArn: "arn", ModelPackageDescription },
        ];
        answerCreate = ({ operation }) =>
            operation === "CreateTrainingJob"
                ? { status: 400, body: { __type: "ResourceInUse", message: "exists" } }
                : { body: { ModelPackageArn: "second" } };
        for (const name of ["shop-dev-train-1-eval", "shop-dev-train-1"]) await handler(about(name));
        assert.equal(created("CreateModelPackage").length, 1);
    });

    it("registers nothing when the evaluation cannot be read", async () => {
        report = { accuracy: 1 };
        await assert.rejects(handler(about("shop-dev-train-1-eval")), /is no evaluation/);
        assert.deepEqual(created("CreateModelPackage"), []);
    });

    it("reads the evaluation by its key, whatever characters that has", async () => {
        Object.assign(jobs["shop-dev-train-1-eval"] ?? {}, {
            ModelArtifacts: { S3ModelArtifacts: "s3://bucket/100% #1?/%41/output/model/" },
        });
        await handler(about("shop-dev-train-1-eval"));
        const path = s3.calls[0]?.path.replace(/\?.*$/, "");
        assert.equal(decodeURIComponent(path ?? ""), "/bucket/100% #1?/%41/output/model/evaluation.json");
        assert.equal(created("CreateModelPackage").length, 1);
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
        await assert.rejects(handler(about("shop-dev-train-1")), /shop-dev-train-1 has not ended yet/);
    });

    it("gives the evaluation the model in service, the training set where a baseline is wanted, and the job's own surroundings", async () => {
        Object.assign(jobs["shop-dev-train-1"] ?? {}, {
            InputDataConfig: [channel("train", "s3://bucket/train"), channel("code", "s3://bucket/source/abc.tar.gz")],
            VpcConfig: { Subnets: ["subnet-1"], SecurityGroupIds: ["sg-1"] },
            EnableNetworkIsolation: true,
            ResourceConfig: { VolumeKmsKeyId: "key" },
            OutputDataConfig: { S3OutputPath: "s3://bucket/jobs", KmsKeyId: "key" },
        });
        const tags = [{ Key: "team", Value: "mail" }];
        const evaluates = {
            instanceType: "ml.g6.xlarge",
            volumeGigabytes: 100,
            maxRunSeconds: 60,
            baseline: true,
            tags,
        };
        await judging({ champion, evaluation: evaluates })(about("shop-dev-train-1"));
        const [request] = created("CreateTrainingJob");
        assert.deepEqual(request?.InputDataConfig, [
            channel("model", "s3://bucket/jobs/x/output/model.tar.gz"),
            channel("test", "s3://bucket/test"),
            channel("champion", champion.artefact),
            channel("train", "s3://bucket/train"),
            channel("code", "s3://bucket/source/abc.tar.gz"),
        ]);
        assert.deepEqual(request?.Environment, {
            SORTLINE_JOB_PREFIX: "shop-dev-train",
            SORTLINE_EVALUATED_JOB: "shop-dev-train-1",
            SORTLINE_CHAMPION_PACKAGE: champion.package,
        });
        assert.deepEqual(request?.VpcConfig, { Subnets: ["subnet-1"], SecurityGroupIds: ["sg-1"] });
        assert.equal(request?.EnableNetworkIsolation, true);
        assert.deepEqual(request?.OutputDataConfig, {
            S3OutputPath: "s3://bucket/jobs",
            KmsKeyId: "key",
            CompressionType: "NONE",
        });
        assert.deepEqual(request?.ResourceConfig, {
            InstanceType: "ml.g6.xlarge",
            InstanceCount: 1,
            VolumeSizeInGB: 100,
            VolumeKmsKeyId: "key",
        });
        assert.deepEqual(request?.Tags, tags);
    });

    it("leaves out a model in service that the candidate's image cannot load, and says which one it is all the same", async () => {
        packages[champion.package] = { CustomerMetadataProperties: { algorithm: "bert" } };
        await judging({ champion })(about("shop-dev-train-1"));
        const [{ InputDataConfig, Environment } = {}] = created("CreateTrainingJob");
        const names = (InputDataConfig as { ChannelName: string }[]).map(({ ChannelName }) => ChannelName);
        assert.deepEqual(names, ["model", "test"]);
        const { SORTLINE_CHAMPION_PACKAGE: named } = Environment as Record<string, string>;
        assert.equal(named, champion.package, "so that no policy takes it for the first model");
    });

    describe("that follows a search", () => {
        beforeEach(() => {
            handler = judging({ follows: "tuning" });
            tunings["shop-dev-train-7"] = {
                HyperParameterTuningJobName: "shop-dev-train-7",
                HyperParameterTuningJobStatus: "Completed",
                TrainingJobDefinition: { Environment: { SORTLINE_JOB_PREFIX: "shop-dev-train" } },
                BestTrainingJob: { TrainingJobName: "shop-dev-train-1" },
            };
        });
        after(() => {
            handler = judging();
        });
        const ended = (name: string) => ({ detail: { HyperParameterTuningJobName: name } });

        it("has the best model evaluated once, when the search has ended", async () => {
            for (const status of ["Completed", "Stopped"]) {
                Object.assign(tunings["shop-dev-train-7"] ?? {}, { HyperParameterTuningJobStatus: status });
                await handler(ended("shop-dev-train-7"));
            }
            const requests = created("CreateTrainingJob");
            for (const request of requests) {
                assert.equal(request.TrainingJobName, "shop-dev-train-7-eval");
                assert.deepEqual(request.Environment, {
                    SORTLINE_JOB_PREFIX: "shop-dev-train",
                    SORTLINE_EVALUATED_JOB: "shop-dev-train-1",
                    SORTLINE_TUNING_JOB: "shop-dev-train-7",
                });
            }
            assert.equal(requests.length, 2);
            jobs["shop-dev-train-7-eval"] = { TrainingJobStatus: "InProgress" };
            answerCreate = () => ({ status: 400, body: { __type: "ResourceInUse", message: "exists" } });
            await handler(ended("shop-dev-train-7"));
        });

        it("takes the best of those that completed where SageMaker's best was stopped, and has no model it may be", async () => {
            Object.assign(tunings["shop-dev-train-7"] ?? {}, {
                HyperParameterTuningJobStatus: "Stopped",
                HyperParameterTuningJobConfig: { HyperParameterTuningJobObjective: { Type: "Minimize" } },
                BestTrainingJob: { TrainingJobName: "shop-dev-train-stopped", TrainingJobStatus: "Stopped" },
            });
            jobs["shop-dev-train-stopped"] = { ...jobs["shop-dev-train-1"], TrainingJobName: "shop-dev-train-stopped" };
            const evaluated = () =>
                created("CreateTrainingJob").map(({ Environment }) => Object.values(Environment as object)[1]);
            trials = [{ TrainingJobName: "shop-dev-train-1" }];
            await handler(ended("shop-dev-train-7"));
            const [asked] = created("ListTrainingJobsForHyperParameterTuningJob");
            assert.deepEqual(
                [asked?.StatusEquals, asked?.SortBy, asked?.SortOrder],
                ["Completed", "FinalObjectiveMetricValue", "Ascending"],
            );
            trials = [];
            await handler(ended("shop-dev-train-7"));
            delete jobs["shop-dev-train-stopped"];
            assert.deepEqual(evaluated(), ["shop-dev-train-1", "shop-dev-train-stopped"]);
        });

        it("never evaluates a trial", async () => {
            await handler(about("shop-dev-train-1"));
            assert.deepEqual(created("CreateTrainingJob"), []);
        });

        it("registers the best model with the search that it comes from", async () => {
            Object.assign(jobs["shop-dev-train-1-eval"] ?? {}, {
                Environment: {
                    SORTLINE_JOB_PREFIX: "shop-dev-train",
                    SORTLINE_EVALUATED_JOB: "shop-dev-train-1",
                    SORTLINE_TUNING_JOB: "shop-dev-train-7",
                },
            });
            await handler(about("shop-dev-train-1-eval"));
            const [properties] = created("CreateModelPackage").map((each) => each.CustomerMetadataProperties);
            const { tuningJob, trainingJob } = properties as Record<string, string>;
            assert.deepEqual([tuningJob, trainingJob], ["shop-dev-train-7", "shop-dev-train-1"]);
        });

        it("leaves other searches, failed ones and those without a best model alone, and waits for the end", async () => {
            tunings.other = {
                ...tunings["shop-dev-train-7"],
                TrainingJobDefinition: { Environment: { SORTLINE_JOB_PREFIX: "shop-dev-other" } },
            };
            tunings.failed = { ...tunings["shop-dev-train-7"], HyperParameterTuningJobStatus: "Failed" };
            tunings.none = { ...tunings["shop-dev-train-7"], BestTrainingJob: undefined };
            for (const name of ["other", "failed", "none"]) await handler(ended(name));
            await judging()(ended("shop-dev-train-7"));
            assert.deepEqual(created("CreateTrainingJob"), []);
            tunings.early = { ...tunings["shop-dev-train-7"], HyperParameterTuningJobStatus: "InProgress" };
            await assert.rejects(handler(ended("early")), /early has not ended yet/);
        });
    });

    describe("with a policy", () => {
        const approves: ModelPolicy = (own, its) =>
            own.accuracy > (its?.accuracy ?? 0) ? { decision: "approve", reason: "more accurate" } : "reject";
        const updates = () => created("UpdateModelPackage");
        beforeEach(() => {
            handler = judging({ policy: approves });
            packages[champion.package] = {
                CustomerMetadataProperties: { labelsDigest: labelsDigest(["a", "b"]) },
            };
        });
        after(() => {
            handler = judging();
        });
        const comparedWithChampion = (figures: object = compared) => {
            report = { ...evaluation, champion: figures };
            Object.assign(jobs["shop-dev-train-1-eval"] ?? {}, {
                Environment: {
                    SORTLINE_JOB_PREFIX: "shop-dev-train",
                    SORTLINE_EVALUATED_JOB: "shop-dev-train-1",
                    SORTLINE_CHAMPION_PACKAGE: champion.package,
                },
            });
        };

        it("approves what the policy approves, with its reason", async () => {
            comparedWithChampion();
            await handler(about("shop-dev-train-1-eval"));
            assert.deepEqual(updates(), [
                {
                    ModelPackageArn: "arn",
                    ModelApprovalStatus: "Approved",
                    ApprovalDescription: "more accurate",
                    CustomerMetadataProperties: { decision: "approve" },
                },
            ]);
        });

        it("keeps how the model in service did with the new model", async () => {
            comparedWithChampion();
            await handler(about("shop-dev-train-1-eval"));
            const [properties] = created("CreateModelPackage").map((each) => each.CustomerMetadataProperties);
            const { championPackage, championAccuracy, accuracyDifferenceLow } = properties as Record<string, string>;
            assert.deepEqual(
                [championPackage, championAccuracy, accuracyDifferenceLow],
                [champion.package, "0.9", "0.01"],
            );
        });

        it("rejects what the policy rejects", async () => {
            comparedWithChampion({ ...compared, accuracy: 0.99 });
            await handler(about("shop-dev-train-1-eval"));
            assert.deepEqual(
                updates().map(({ ModelApprovalStatus, ApprovalDescription }) => [
                    ModelApprovalStatus,
                    ApprovalDescription,
                ]),
                [["Rejected", "The policy says: reject."]],
            );
        });

        it("leaves a model with other labels to a person, whatever the policy says", async () => {
            comparedWithChampion();
            packages[champion.package] = { CustomerMetadataProperties: { labelsDigest: labelsDigest(["a", "c"]) } };
            await handler(about("shop-dev-train-1-eval"));
            assert.equal(updates()[0]?.ModelApprovalStatus, "PendingManualApproval");
            assert.match(String(updates()[0]?.ApprovalDescription), /other labels than the model in service/);
        });

        it("says at registration that the policy is still to decide", async () => {
            comparedWithChampion();
            await handler(about("shop-dev-train-1-eval"));
            const [properties] = created("CreateModelPackage").map((each) => each.CustomerMetadataProperties);
            assert.equal((properties as Record<string, string>).decision, "pending");
        });

        it("leaves alone what a person decides while the policy is thinking", async () => {
            comparedWithChampion();
            const asked = Promise.withResolvers<void>();
            const answer = Promise.withResolvers<Decision>();
            const judged = judging({
                policy: () => {
                    asked.resolve();
                    return answer.promise;
                },
            })(about("shop-dev-train-1-eval"));
            await asked.promise;
            packages.arn = {
                ModelApprovalStatus: "Approved",
                CustomerMetadataProperties: { decision: "pending" },
            };
            answer.resolve("reject");
            await judged;
            assert.deepEqual(updates(), []);
        });

        it("leaves to a person, and says so, what the policy has not decided before the judge's time is up", async () => {
            comparedWithChampion();
            await judging({ policy: () => new Promise(() => undefined) })(about("shop-dev-train-1-eval"), 10_000);
            assert.deepEqual(
                updates().map(({ ModelApprovalStatus, ApprovalDescription, CustomerMetadataProperties }) => [
                    ModelApprovalStatus,
                    ApprovalDescription,
                    CustomerMetadataProperties,
                ]),
                [
                    [
                        "PendingManualApproval",
                        "Left to a person: the policy said nothing before the judge's time was up.",
                        { decision: "leave" },
                    ],
                ],
            );
        });

        it("decides at the next event where the judge ended before the policy had decided", async () => {
            comparedWithChampion();
            packages.arn = {
                ModelApprovalStatus: "PendingManualApproval",
                CustomerMetadataProperties: { decision: "pending" },
            };
            await handler(about("shop-dev-train-1-eval"));
            assert.equal(updates()[0]?.ModelApprovalStatus, "Approved");
        });

        it("leaves a model to a person where the package of the one in service was deleted", async () => {
            comparedWithChampion();
            delete packages[champion.package];
            await handler(about("shop-dev-train-1-eval"));
            assert.match(String(updates()[0]?.ApprovalDescription), /does not say which labels/);
        });

        it("leaves a model to a person where the judge may not read the package of the one in service", async () => {
            comparedWithChampion();
            packages[champion.package] = { __type: "AccessDeniedException" };
            await handler(about("shop-dev-train-1-eval"));
            assert.match(String(updates()[0]?.ApprovalDescription), /does not say which labels/);
        });

        it("asks the policy once, however often and late events come", async () => {
            let asked = 0;
            handler = judging({
                policy: () => {
                    asked++;
                    return "leave";
                },
            });
            answerCreate = ({ operation, body }) => {
                const request = JSON.parse(body.toString("utf8"));
                if (operation === "CreateTrainingJob") {
                    return { status: 400, body: { __type: "ResourceInUse", message: "exists" } };
                }
                const arn = operation === "CreateModelPackage" ? `arn-${registered.length}` : request.ModelPackageArn;
                if (operation === "CreateModelPackage") registered.push({ ...request, ModelPackageArn: arn });
                packages[arn] = {
                    ...packages[arn],
                    ModelApprovalStatus: request.ModelApprovalStatus,
                    CustomerMetadataProperties: request.CustomerMetadataProperties,
                };
                return { body: { ModelPackageArn: arn } };
            };
            for (const name of ["shop-dev-train-1-eval", "shop-dev-train-1-eval", "shop-dev-train-1"]) {
                await handler(about(name));
            }
            assert.deepEqual([asked, registered.length, updates().length], [1, 1, 1]);
        });

        it("decides once: neither again nor over a person", async () => {
            packages.arn = { ModelApprovalStatus: "Rejected" };
            await handler(about("shop-dev-train-1-eval"));
            packages.arn = {
                ModelApprovalStatus: "PendingManualApproval",
                CustomerMetadataProperties: { decision: "leave" },
            };
            await handler(about("shop-dev-train-1-eval"));
            assert.deepEqual(updates(), []);
        });
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
