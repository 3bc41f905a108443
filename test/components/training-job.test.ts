import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ModelRegistry, TrainingJob, type TrainingJobArgs } from "../../components";
import { type Deployment, mockDeployment, resolved, urnOf } from "./deployment";
import { warnings } from "./warnings";

const SCIKIT_LEARN = "492215442770.dkr.ecr.eu-central-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3";
const KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234";
const NETWORK = { subnetIds: ["subnet-1", "subnet-2"], securityGroupIds: ["sg-1"] };
const CHAMPION = {
    package: "arn:aws:sagemaker:eu-central-1:123456789012:model-package/shop-dev-models/3",
    artefact: "s3://elsewhere/jobs/a/output/model.tar.gz",
};
const BERT = {
    algorithm: "bert",
    instances: { type: "ml.g6.xlarge" },
    baseModel: "bert-base-uncased",
} satisfies Partial<TrainingJobArgs>;

describe("a training job", () => {
    let deployment: Deployment;
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sortline-training-"));
    before(async () => {
        deployment = await mockDeployment();
    });
    beforeEach(() => deployment.clear());
    after(() => fs.rmSync(folder, { recursive: true }));

    const training = async (
        args: Partial<TrainingJobArgs>,
        registry: ConstructorParameters<typeof ModelRegistry>[1] = {},
        options: pulumi.ComponentResourceOptions = {},
    ) => {
        const models = new ModelRegistry("models", registry);
        await deployment.settled();
        deployment.clear();
        const made = new TrainingJob(
            "train",
            {
                registry: models,
                algorithm: "linear",
                instances: { type: "ml.m5.large" },
                cleaning: "1",
                ...args,
            },
            options,
        );
        await deployment.settled();
        return made;
    };
    const template = () => JSON.parse(String(deployment.named("train-template").inputs.content));
    const writes = () =>
        deployment
            .statements("train-policy")
            .filter(({ Action }) => Action.includes("s3:PutObject"))
            .map(({ Effect, Resource }) => [Effect, Resource]);
    const wrong = async (args: Partial<TrainingJobArgs>, problem: string) =>
        assert.rejects(training(args), ({ message }: Error) => {
            assert.ok(message.includes(problem), `${problem} in ${message}`);
            return true;
        });
    const source = (files: Readonly<Record<string, string>>) => {
        const made = fs.mkdtempSync(path.join(folder, "source-"));
        const all = { "train.py": "", "evaluate.py": "", "inference.py": "", ...files };
        for (const [file, content] of Object.entries(all)) {
            fs.mkdirSync(path.dirname(path.join(made, file)), { recursive: true });
            fs.writeFileSync(path.join(made, file), content);
        }
        return made;
    };

    it("defines a run and runs nothing", async () => {
        await training({});
        assert.deepEqual(deployment.counts(), {
            "sortline:index:TrainingJob": 1,
            "aws:s3/bucket:Bucket": 1,
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": 1,
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": 1,
            "aws:s3/bucketVersioning:BucketVersioning": 1,
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": 1,
            "aws:s3/bucketObjectv2:BucketObjectv2": 2,
            "aws:iam/role:Role": 2,
            "aws:iam/rolePolicy:RolePolicy": 2,
            "aws:cloudwatch/logGroup:LogGroup": 1,
            "aws:lambda/function:Function": 1,
            "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": 1,
            "aws:lambda/permission:Permission": 1,
            "aws:cloudwatch/eventRule:EventRule": 1,
            "aws:cloudwatch/eventTarget:EventTarget": 1,
        });
    });

    it("writes a request template that a run completes", async () => {
        const made = await training({ maxRunHours: 2, hyperparameters: { seed: 7 } });
        assert.equal(await resolved(made.templateKey), "templates/train.json");
        const key = String(deployment.named("train-source").inputs.key);
        assert.match(key, /^source\/[0-9a-f]{24}\.tar\.gz$/);
        const { AlgorithmSpecification, ...request } = template().training;
        assert.equal(AlgorithmSpecification.TrainingImage, SCIKIT_LEARN);
        assert.equal(template().namePrefix, "shop-dev-train");
        assert.equal(template().outputPath, "s3://train-artifacts/jobs");
        assert.deepEqual(request, {
            RoleArn: "arn:aws:iam:eu-central-1:123456789012:train-role",
            HyperParameters: {
                seed: "7",
                algorithm: '"linear"',
                cleaning: '"1"',
                sagemaker_program: '"train.py"',
                sagemaker_submit_directory: `"s3://train-artifacts/${key}"`,
                sagemaker_region: '"eu-central-1"',
            },
            ResourceConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 30 },
            StoppingCondition: { MaxRuntimeInSeconds: 7200 },
            Environment: { SORTLINE_JOB_PREFIX: "shop-dev-train" },
        });
    });

    it("trains a BERT in Hugging Face's image, from a model by name, with checkpoints", async () => {
        await training({
            ...BERT,
            instances: { type: "ml.g6.12xlarge", count: 2, volumeGigabytes: 200 },
            distribution: { processesPerHost: 4 },
            hyperparameters: { "learning-rate": 5e-5, "class-weights": "balanced", compile: true },
        });
        const request = template().training;
        assert.equal(
            request.AlgorithmSpecification.TrainingImage,
            "763104351884.dkr.ecr.eu-central-1.amazonaws.com/huggingface-pytorch-training:2.9.0-transformers5.3.0-gpu-py312-cu130-ubuntu22.04",
        );
        assert.equal(request.HyperParameters["base-model"], '"bert-base-uncased"');
        assert.equal(request.HyperParameters.sagemaker_toolkit_native_launcher_enabled, "true");
        assert.equal(request.HyperParameters["processes-per-host"], "4");
        assert.equal(request.HyperParameters["learning-rate"], "0.00005");
        assert.equal(request.HyperParameters.compile, "true");
        assert.deepEqual(request.ResourceConfig, {
            InstanceType: "ml.g6.12xlarge",
            InstanceCount: 2,
            VolumeSizeInGB: 200,
        });
        assert.deepEqual(request.CheckpointConfig, { S3Uri: "s3://train-artifacts/checkpoints/" });
        assert.equal(request.InputDataConfig, undefined);
        const [, , kept] = deployment.named("train-artifacts-lifecycle").inputs.rules as object[];
        assert.deepEqual(kept, {
            id: "expire-checkpoints",
            status: "Enabled",
            filter: { prefix: "checkpoints/" },
            expiration: { days: 30 },
            noncurrentVersionExpiration: { noncurrentDays: 1 },
        });
    });

    it("brings a base model in S3 to the container as a channel, and lets the role read that and no more", async () => {
        await training({ ...BERT, baseModel: pulumi.output("s3://models/bert/base/") });
        const request = template().training;
        assert.equal(request.HyperParameters["base-model"], undefined);
        assert.deepEqual(request.InputDataConfig, [
            {
                ChannelName: "base-model",
                InputMode: "File",
                DataSource: {
                    S3DataSource: {
                        S3DataType: "S3Prefix",
                        S3Uri: "s3://models/bert/base/",
                        S3DataDistributionType: "FullyReplicated",
                    },
                },
            },
        ]);
        const granted = deployment.statements("train-policy").slice(-2);
        assert.deepEqual(granted, [
            { Effect: "Allow", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::models/bert/base/*"] },
            {
                Effect: "Allow",
                Action: ["s3:ListBucket"],
                Resource: ["arn:aws:s3:::models"],
                Condition: { StringLike: { "s3:prefix": "bert/base/*" } },
            },
        ]);
    });

    it("waits for spot capacity where it is asked for, twice as long as it may run or as it is told", async () => {
        await training({ ...BERT, instances: { type: "ml.g6.xlarge", spot: true } });
        assert.equal(template().training.EnableManagedSpotTraining, true);
        assert.deepEqual(template().training.StoppingCondition, {
            MaxRuntimeInSeconds: 14_400,
            MaxWaitTimeInSeconds: 28_800,
        });
        await training({ ...BERT, instances: { type: "ml.g6.xlarge", spot: true, maxWaitHours: 24 } });
        assert.equal(template().training.StoppingCondition.MaxWaitTimeInSeconds, 86_400);
    });

    it("runs in a VPC, with a role that may join it", async () => {
        await training({ network: NETWORK });
        const request = template().training;
        assert.deepEqual(request.VpcConfig, { Subnets: NETWORK.subnetIds, SecurityGroupIds: NETWORK.securityGroupIds });
        assert.equal(request.EnableNetworkIsolation, undefined);
        const [creates, , describes] = deployment.statements("train-policy").slice(-3);
        const ec2 = "arn:aws:ec2:eu-central-1:123456789012";
        assert.deepEqual(creates?.Resource, [
            `${ec2}:network-interface/*`,
            `${ec2}:subnet/subnet-1`,
            `${ec2}:subnet/subnet-2`,
            `${ec2}:security-group/sg-1`,
        ]);
        assert.ok(describes?.Action.every((action) => action.startsWith("ec2:Describe")));
    });

    it("without a network has its code brought in as a channel, which the container could not fetch", async () => {
        await training({ ...BERT, baseModel: "s3://models/bert/", network: { ...NETWORK, isolated: true } });
        const request = template().training;
        const key = String(deployment.named("train-source").inputs.key);
        assert.equal(request.EnableNetworkIsolation, true);
        assert.deepEqual(
            request.InputDataConfig.map((channel: { ChannelName: string; DataSource: { S3DataSource: object } }) => [
                channel.ChannelName,
                channel.DataSource.S3DataSource,
            ]).map(([name, place]: [string, { S3Uri: string }]) => [name, place.S3Uri]),
            [
                ["code", `s3://train-artifacts/${key}`],
                ["base-model", "s3://models/bert/"],
            ],
        );
        assert.equal(
            request.HyperParameters.sagemaker_submit_directory,
            `"/opt/ml/input/data/code/${path.basename(key)}"`,
        );
    });

    it("encrypts bucket, volumes and what jobs write with one key, which its role may use", async () => {
        await training({ encryption: KEY });
        assert.deepEqual(deployment.named("train-artifacts-encryption").inputs.rules, [
            {
                applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: KEY },
                bucketKeyEnabled: true,
            },
        ]);
        assert.equal(template().training.ResourceConfig.VolumeKmsKeyId, KEY);
        assert.deepEqual(template().training.OutputDataConfig, { KmsKeyId: KEY });
        for (const role of ["train-policy", "train-judge-policy"]) {
            const granted = deployment.statements(role).filter(({ Resource }) => Resource.includes(KEY));
            assert.ok(
                granted.some(({ Action }) => Action.includes("kms:Decrypt")),
                role,
            );
            assert.deepEqual(granted.find(({ Action }) => Action.includes("kms:CreateGrant"))?.Condition, {
                Bool: { "kms:GrantIsForAWSResource": "true" },
            });
        }
    });

    it("writes nothing to the bucket before that has its key, with which it would not be encrypted", async () => {
        const waitsFor = new Map<string, readonly string[]>();
        const dependencies = async ({ name, opts: { dependsOn } }: pulumi.ResourceTransformationArgs) => {
            const resources = await resolved(pulumi.output(dependsOn ?? []));
            const urns = await Promise.all([resources].flat().map((each) => urnOf(each as pulumi.Resource)));
            waitsFor.set(name, urns);
        };
        const found: Promise<void>[] = [];
        await training(
            { encryption: KEY },
            {},
            {
                transformations: [
                    (made) => {
                        if (["train-source", "train-template"].includes(made.name)) found.push(dependencies(made));
                        return undefined;
                    },
                ],
            },
        );
        await Promise.all(found);
        for (const name of ["train-source", "train-template"]) {
            const urns = waitsFor.get(name) ?? [];
            assert.ok(
                urns.some((urn) => urn.endsWith("::train-artifacts-encryption")),
                `${name}: ${urns}`,
            );
        }
    });

    it("lets its jobs write what they make, and neither data sets nor code", async () => {
        await training(BERT);
        const bucket = "arn:aws:s3:eu-central-1:123456789012:train-artifacts";
        assert.deepEqual(writes(), [
            ["Deny", [`${bucket}/datasets/*/jobs/*`, `${bucket}/*/datasets/*/jobs/*`]],
            ["Allow", [`${bucket}/jobs/*`, `${bucket}/*/jobs/*`, `${bucket}/checkpoints/*`]],
        ]);
    });

    it("puts what runs make into another place where it is given, which jobs and judge may use as far as they need", async () => {
        for (const artifacts of ["s3://lake/team=mail", pulumi.output("s3://lake/team=mail/")]) {
            await training({ ...BERT, artifacts });
            assert.equal(template().outputPath, "s3://lake/team=mail/jobs");
            assert.deepEqual(template().training.CheckpointConfig, { S3Uri: "s3://train-artifacts/checkpoints/" });
            const own = "arn:aws:s3:eu-central-1:123456789012:train-artifacts";
            const lake = "arn:aws:s3:::lake/team=mail";
            assert.deepEqual(writes()[1], [
                "Allow",
                [`${own}/jobs/*`, `${own}/*/jobs/*`, `${lake}/jobs/*`, `${lake}/*/jobs/*`, `${own}/checkpoints/*`],
            ]);
            const elsewhere = (policy: string) =>
                deployment
                    .statements(policy)
                    .filter(
                        ({ Action, Resource }) => !Action.includes("s3:PutObject") && /lake/.test(String(Resource)),
                    );
            assert.deepEqual(elsewhere("train-policy"), [
                { Effect: "Allow", Action: ["s3:GetObject"], Resource: [`${lake}/*`] },
                {
                    Effect: "Allow",
                    Action: ["s3:ListBucket"],
                    Resource: ["arn:aws:s3:::lake"],
                    Condition: { StringLike: { "s3:prefix": "team=mail/*" } },
                },
            ]);
            assert.deepEqual(elsewhere("train-judge-policy"), [
                {
                    Effect: "Allow",
                    Action: ["s3:GetObject"],
                    Resource: [`${own}/jobs/*`, `${own}/*/jobs/*`, `${lake}/jobs/*`, `${lake}/*/jobs/*`],
                },
            ]);
        }
        await training({ artifacts: "s3://lake" });
        assert.equal(template().outputPath, "s3://lake/jobs");
    });

    it("takes no place whose address a policy or the registry would take for another one", async () => {
        for (const artifacts of [
            "lake/team",
            "S3://lake/team",
            "s3://Lake/team",
            "s3://la..ke/",
            "s3:///team/",
            "s3://lake//team",
            "s3://lake/../team/",
            "s3://lake/te*m/",
            "s3://lake/t?am/",
            "s3://lake/team mail/",
            `s3://lake/${"x".repeat(200)}/`,
        ]) {
            await wrong({ artifacts, maxRunHours: 0 }, "artifacts is ");
            await wrong({ artifacts, maxRunHours: 0 }, "it must be an S3 address such as s3://bucket/folder/");
            await wrong({ artifacts, maxRunHours: 0 }, "maxRunHours is 0");
        }
    });

    it("leaves the volume's key out where the instance stores on disks of its own, which SageMaker would refuse", async () => {
        for (const type of [
            "ml.g6.xlarge",
            "ml.g5.2xlarge",
            "ml.p4d.24xlarge",
            "ml.m5d.large",
            "ml.p6-b200.48xlarge",
        ]) {
            await training({ ...BERT, encryption: KEY, instances: { type } });
            assert.equal(template().training.ResourceConfig.VolumeKmsKeyId, undefined, type);
        }
        for (const type of ["ml.p3.2xlarge", "ml.c5.xlarge"]) {
            await training({ ...BERT, encryption: KEY, instances: { type } });
            assert.equal(template().training.ResourceConfig.VolumeKmsKeyId, KEY, type);
        }
    });

    it("tags its jobs, which its judge may then do as well", async () => {
        await training({ tags: { team: "mail", ...JSON.parse('{"other":null}', () => undefined) } });
        assert.deepEqual(template().training.Tags, [{ Key: "team", Value: "mail" }]);
        const [judges] = deployment.statements("train-judge-policy").slice(1);
        assert.ok(judges?.Action.includes("sagemaker:AddTags"));
    });

    it("takes the tags that SageMaker takes", async () => {
        const tags = { "Cost Centre": "4711", "team/ä:b=c+d-e@f.g_h": "", ["k".repeat(128)]: "v".repeat(256) };
        await training({ tags });
        assert.equal(template().training.Tags.length, 3);
        const keys = "keys must be 1 to 128 letters, digits, spaces and _.:/=+-@";
        const cases: readonly (readonly [Record<string, string>, string])[] = [
            [{ "": "x" }, `tags has the key ""; ${keys}`],
            [{ "a*b": "x" }, `tags has the key "a*b"; ${keys}`],
            [{ ["k".repeat(129)]: "x" }, keys],
            [{ "aws:team": "x" }, 'tags has the key "aws:team"; keys must not begin with aws:'],
            [{ "AWS:team": "x" }, 'tags has the key "AWS:team"; keys must not begin with aws:'],
            [{ team: "a,b" }, 'tags.team is "a,b"; it must be a text of at most 256 letters, digits, spaces and'],
            [{ team: "v".repeat(257) }, "it must be a text of at most 256 letters"],
        ];
        for (const [given, problem] of cases) await wrong({ tags: given }, problem);
    });

    it("reads a metric's value from what the scripts print", async () => {
        await training(BERT);
        const { training: request } = template();
        const definitions: { Name: string; Regex: string }[] = request.AlgorithmSpecification.MetricDefinitions;
        assert.ok(definitions.some(({ Name }) => Name === "validation:macro_f1"));
        for (const { Name, Regex } of definitions) {
            assert.equal(new RegExp(Regex).exec(`${Name}=0.25;`)?.[1], "0.25");
        }
    });

    it("calls its judge for its own jobs that have ended, which may judge and no more", async () => {
        await training({});
        assert.deepEqual(JSON.parse(String(deployment.named("train-rule").inputs.eventPattern)), {
            source: ["aws.sagemaker"],
            "detail-type": ["SageMaker Training Job State Change"],
            detail: {
                TrainingJobName: [{ prefix: "shop-dev-train-" }],
                TrainingJobStatus: ["Completed", "Failed", "Stopped"],
            },
        });
        assert.deepEqual(deployment.named("train-judge-invoke").inputs, {
            functionName: "train-judge-function",
            maximumRetryAttempts: 2,
            maximumEventAgeInSeconds: 21_600,
            destinationConfig: { onFailure: { destination: "arn:aws:s3:eu-central-1:123456789012:train-artifacts" } },
        });
        assert.deepEqual(deployment.named("train-judge-permission").inputs, {
            action: "lambda:InvokeFunction",
            function: "train-judge-function",
            principal: "events.amazonaws.com",
            sourceArn: "arn:aws:cloudwatch:eu-central-1:123456789012:train-rule",
        });
        const granted = deployment.statements("train-judge-policy").slice(1);
        assert.deepEqual(
            granted.map(({ Action, Resource, Condition }) => [Action, Resource, Condition]),
            [
                [
                    ["sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob"],
                    ["arn:aws:sagemaker:eu-central-1:123456789012:training-job/shop-dev-train-*"],
                    undefined,
                ],
                [
                    ["sagemaker:CreateModelPackage"],
                    [
                        "arn:aws:sagemaker:eu-central-1:123456789012:models-group",
                        "arn:aws:sagemaker:eu-central-1:123456789012:model-package/shop-dev-models/*",
                    ],
                    undefined,
                ],
                [["sagemaker:ListModelPackages"], ["*"], undefined],
                [
                    ["iam:PassRole"],
                    ["arn:aws:iam:eu-central-1:123456789012:train-role"],
                    { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
                ],
                [
                    ["s3:GetObject"],
                    [
                        "arn:aws:s3:eu-central-1:123456789012:train-artifacts/jobs/*",
                        "arn:aws:s3:eu-central-1:123456789012:train-artifacts/*/jobs/*",
                    ],
                    undefined,
                ],
                [
                    ["s3:PutObject"],
                    ["arn:aws:s3:eu-central-1:123456789012:train-artifacts/aws/lambda/async/*"],
                    undefined,
                ],
                [["s3:ListBucket"], ["arn:aws:s3:eu-central-1:123456789012:train-artifacts"], undefined],
                [
                    ["ecr:BatchGetImage", "ecr:DescribeImages"],
                    ["arn:aws:ecr:eu-central-1:*:repository/sagemaker-scikit-learn"],
                    undefined,
                ],
            ],
        );
    });

    it("tells its judge which model is in service, and lets evaluations read that one", async () => {
        await training({ champion: CHAMPION });
        const { environment } = deployment.named("train-judge-function").inputs as {
            environment: { variables: Record<string, string> };
        };
        assert.equal(environment.variables.SORTLINE_CHAMPION_PACKAGE, CHAMPION.package);
        assert.equal(environment.variables.SORTLINE_CHAMPION_ARTEFACT, CHAMPION.artefact);
        assert.deepEqual(deployment.statements("train-policy").at(-2)?.Resource, [
            "arn:aws:s3:::elsewhere/jobs/a/output/model.tar.gz*",
        ]);
        await training({ champion: {} });
        assert.ok(!JSON.stringify(deployment.named("train-judge-function").inputs).includes("CHAMPION"));
    });

    it("lets the judge decide about models where the registry has a policy, and read the labels of the one in service", async () => {
        await training({ champion: CHAMPION }, { policy: () => "leave" });
        const granted = deployment.statements("train-judge-policy");
        assert.deepEqual(
            granted.filter(({ Action }) => Action.some((each) => each.endsWith("ModelPackage"))).slice(1),
            [
                {
                    Effect: "Allow",
                    Action: ["sagemaker:DescribeModelPackage", "sagemaker:UpdateModelPackage"],
                    Resource: ["arn:aws:sagemaker:eu-central-1:123456789012:model-package/shop-dev-models/*"],
                },
                {
                    Effect: "Allow",
                    Action: ["sagemaker:DescribeModelPackage"],
                    Resource: [CHAMPION.package],
                },
            ],
        );
    });

    it("registers in another account's group by its ARN", async () => {
        const group = "arn:aws:sagemaker:eu-central-1:222222222222:model-package-group/shared";
        const made = await training({}, { group });
        assert.equal(await resolved(made.modelPackageGroupName), group);
        assert.deepEqual(
            deployment
                .statements("train-judge-policy")
                .find(({ Action }) => Action.includes("sagemaker:CreateModelPackage"))?.Resource,
            [group, "arn:aws:sagemaker:eu-central-1:222222222222:model-package/shared/*"],
        );
    });

    it("registers the image that serves: of the algorithm, for the processor", async () => {
        const image = async (args: Partial<TrainingJobArgs>) => {
            await training(args);
            const { environment } = deployment.named("train-judge-function").inputs as {
                environment: { variables: Record<string, string> };
            };
            return environment.variables.SORTLINE_INFERENCE_IMAGE;
        };
        assert.equal(await image({}), SCIKIT_LEARN);
        const huggingFace = "763104351884.dkr.ecr.eu-central-1.amazonaws.com/huggingface-pytorch-inference";
        assert.equal(await image(BERT), `${huggingFace}:2.6.0-transformers5.5.3-cpu-py312-ubuntu22.04`);
        assert.equal(
            await image({ ...BERT, inference: "gpu" }),
            `${huggingFace}:2.6.0-transformers5.5.3-gpu-py312-cu124-ubuntu22.04`,
        );
    });

    it("takes wheels and requirements along in the source, for a container that has no network", async () => {
        const complete = source({ "requirements.txt": "--no-index\n--find-links wheels\nnumpy\n", "wheels/n.whl": "" });
        await training({ source: complete, network: { ...NETWORK, isolated: true } });
        const lacking = source({ "requirements.txt": "numpy\n" });
        await training({ source: lacking });
        await wrong(
            { source: lacking, network: { ...NETWORK, isolated: true } },
            "source has a requirements.txt, which a container without a network cannot install; give it the lines --no-index and --find-links wheels",
        );
    });

    it("packs no symbolic links, and says which there are", async () => {
        const linked = source({ "lib/real.py": "", "tests/x.py": "" });
        fs.symlinkSync("real.py", path.join(linked, "lib", "model.py"));
        fs.symlinkSync("/nowhere/shared", path.join(linked, "shared"));
        fs.symlinkSync("..", path.join(linked, "tests", "all"));
        await wrong(
            { source: linked },
            `source is ${linked}, which has symbolic links, and these are not packed: lib/model.py -> real.py, shared -> /nowhere/shared; put the files themselves there`,
        );
    });

    it("tells of requirements that the archive does not hold, and doubts those that need the internet in a VPC", async () => {
        const lacking = source({ "requirements.txt": "-r requirements-gpu.txt\n--find-links wheels\n" });
        await wrong({ source: lacking }, "-r requirements-gpu.txt, which is not packed");
        await wrong({ source: lacking }, "--find-links wheels, where no wheel (.whl) is");
        const online = source({ "requirements.txt": "numpy\n" });
        const told = await warnings(async () => {
            await training({ source: online });
            await training({ source: online, network: NETWORK });
        });
        assert.equal(told.length, 1);
        assert.match(told[0] ?? "", /pip installs from the internet/);
    });

    it("leaves the hyperparameters of the program's own code to that code", async () => {
        await training({ source: source({}), hyperparameters: { c: 0.5, mode: "fast" } });
        assert.equal(template().training.HyperParameters.mode, '"fast"');
        await wrong({ hyperparameters: { c: 0.5 } }, "hyperparameters.c is no option; there are seed");
        await wrong({ ...BERT, hyperparameters: { "batch-sise": 8 } }, "the closest is batch-size");
        await wrong(
            { ...BERT, hyperparameters: { epochs: 0 } },
            "hyperparameters.epochs is 0; it must be a whole number from 1 to 1000",
        );
    });

    it("tells what does not fit together", async () => {
        const cases: readonly (readonly [Partial<TrainingJobArgs>, string])[] = [
            [{ instances: { type: "ml.m5.large", maxWaitHours: 9 } }, "instances.maxWaitHours is for spot capacity"],
            [
                { instances: { type: "ml.m5.large", spot: true, maxWaitHours: 3 } },
                "instances.maxWaitHours is 3, below maxRunHours (4)",
            ],
            [{ instances: { type: "ml.m5.large", count: 2 } }, "instances.count is 2; it must be 1 for algorithm"],
            [{ baseModel: "bert-base-uncased" }, 'baseModel is for algorithm "bert"; leave it out'],
            [{ distribution: { processesPerHost: 2 } }, 'distribution is for algorithm "bert"; leave it out'],
            [{ inference: "gpu" }, 'inference is "gpu"; it must be "cpu" for algorithm "linear"'],
            [{ ...BERT, baseModel: undefined }, "baseModel is missing"],
            [{ ...BERT, baseModel: "s3://models" }, 'baseModel is "s3://models"; it must be a model\'s name at'],
            [{ ...BERT, checkpoints: false }, "checkpoints is false; leave it out"],
            [
                { ...BERT, network: { ...NETWORK, isolated: true } },
                'baseModel is "bert-base-uncased", which a container without a network cannot fetch',
            ],
            [
                { ...BERT, hyperparameters: { "base-model": "x" } },
                "hyperparameters has base-model; give it as baseModel",
            ],
        ];
        for (const [args, problem] of cases) await wrong(args, problem);
    });

    it("warns of a BERT without a GPU, and trains it all the same", async () => {
        const told = await warnings(async () => {
            await training({ ...BERT, instances: { type: "ml.m5.xlarge" } });
            await training(BERT);
        });
        assert.equal(told.length, 1);
        assert.match(told[0] ?? "", /ml\.m5\.xlarge, which has no GPU/);
    });

    it("tells all wrong arguments at once", async () => {
        const empty = path.join(__dirname, "runtime");
        await assert.rejects(
            training({
                source: empty,
                instances: { type: "m5", count: 21 },
                maxRunHours: 0,
                cleaning: "",
                hyperparameters: { sagemaker_program: "x.py" },
            }),
            (error: Error) => {
                for (const problem of [
                    'instances.type is "m5"',
                    "instances.count is 21",
                    "maxRunHours is 0",
                    'cleaning is ""; it must be the version of the text cleaning',
                    "hyperparameters has sagemaker_program, which the component sets itself",
                    `source is ${empty}, which has no train.py, evaluate.py, inference.py`,
                ]) {
                    assert.ok(error.message.includes(problem), `${problem} in ${error.message}`);
                }
                return true;
            },
        );
    });
});
