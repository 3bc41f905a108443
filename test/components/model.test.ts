import assert from "node:assert/strict";
import * as path from "node:path";
import { z } from "zod";
import {
    EventStream,
    instances,
    ModelEndpoint,
    type ModelEndpointArgs,
    ModelRegistry,
    runTimeSide,
    serverless,
    TrainingJob,
    type TrainingJobArgs,
} from "../../components";
import { type Deployment, mockDeployment, resolved } from "./deployment";

const IMAGE = "492215442770.dkr.ecr.eu-central-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3";
const pin = {
    package: "arn:aws:sagemaker:eu-central-1:123456789012:model-package/shop-dev-models/3",
    artefact: "s3://artifacts/jobs/a/output/model.tar.gz",
};

describe("a model endpoint", () => {
    let deployment: Deployment;
    before(async () => {
        deployment = await mockDeployment();
    });
    beforeEach(() => deployment.clear());

    const endpoint = async (args: Partial<ModelEndpointArgs>) => {
        const made = new ModelEndpoint("classifier", {
            model: pin,
            capacity: serverless({ memory: 2048 }),
            cleaning: "1",
            ...args,
        });
        await deployment.settled();
        return made;
    };

    it("is nothing but a promise without a pin, and needs no permission", async () => {
        for (const model of [undefined, {}]) {
            deployment.clear();
            const made = await endpoint({ model });
            assert.deepEqual(deployment.counts(), { "sortline:index:ModelEndpoint": 1 });
            assert.equal(await resolved(made.endpointName), "");
            assert.deepEqual(made[runTimeSide].methods.classify?.statements, []);
        }
    });

    it("serves the pinned model package, serverless", async () => {
        const made = await endpoint({});
        assert.deepEqual(deployment.counts(), {
            "sortline:index:ModelEndpoint": 1,
            "aws:iam/role:Role": 1,
            "aws:iam/rolePolicy:RolePolicy": 1,
            "aws:sagemaker/model:Model": 1,
            "aws:sagemaker/endpointConfiguration:EndpointConfiguration": 1,
            "aws:sagemaker/endpoint:Endpoint": 1,
        });
        assert.deepEqual(deployment.named("classifier-model").inputs, {
            executionRoleArn: "arn:aws:iam:eu-central-1:123456789012:classifier-role",
            primaryContainer: { modelPackageName: pin.package },
        });
        assert.deepEqual(deployment.named("classifier-configuration").inputs, {
            productionVariants: [
                {
                    variantName: "main",
                    modelName: "classifier-model",
                    initialVariantWeight: 1,
                    serverlessConfig: { memorySizeInMb: 2048, maxConcurrency: 5 },
                },
            ],
        });
        assert.deepEqual(deployment.named("classifier-serverless").inputs, {
            endpointConfigName: "classifier-configuration",
        });
        assert.equal(await resolved(made.endpointName), "classifier-serverless");
    });

    it("reads the models of its own training jobs alone, so that an earlier one still works after a rollback", async () => {
        await endpoint({});
        const [reads] = deployment.statements("classifier-policy");
        assert.deepEqual(reads?.Action, ["s3:GetObject"]);
        assert.deepEqual(reads?.Resource, ["arn:aws:s3:::artifacts/jobs/*/output/model.tar.gz"]);
        const trust = JSON.parse(String(deployment.named("classifier-role").inputs.assumeRolePolicy));
        assert.deepEqual(trust.Statement[0].Condition, { StringEquals: { "aws:SourceAccount": "123456789012" } });
    });

    it("reads one model alone where it does not lie as a training job leaves it", async () => {
        await endpoint({ model: { ...pin, artefact: "s3://artifacts/bought/model.tar.gz" } });
        const [reads] = deployment.statements("classifier-policy");
        assert.deepEqual(reads?.Resource, ["arn:aws:s3:::artifacts/bought/model.tar.gz"]);
    });

    it("starts instances with today's number and leaves it to autoscaling", async () => {
        const capacity = instances({
            type: "ml.g6.xlarge",
            count: 2,
            autoscaling: { min: 1, max: 6, concurrency: 4 },
        });
        await endpoint({ model: { ...pin, instances: 5 }, capacity });
        const [variant] = deployment.named("classifier-configuration").inputs.productionVariants as object[];
        assert.deepEqual(variant, {
            variantName: "main",
            modelName: "classifier-model",
            initialVariantWeight: 1,
            instanceType: "ml.g6.xlarge",
            initialInstanceCount: 5,
        });
        const target = deployment.named("classifier-scaling").inputs;
        assert.deepEqual([target.minCapacity, target.maxCapacity], [1, 6]);
        assert.equal(target.resourceId, "endpoint/classifier-instances/variant/main");
    });

    it("tells all that is wrong with pin and capacity at once", async () => {
        await assert.rejects(
            endpoint({
                model: { package: "models/3", artefact: "model.tar.gz", instances: 0 },
                capacity: instances({ type: "g6.xlarge", count: 0, autoscaling: { min: 3, max: 2, concurrency: 0 } }),
            }),
            (error: Error) => {
                for (const wrong of [
                    'capacity.type is "g6.xlarge"',
                    "capacity.count is 0",
                    "capacity.autoscaling.min is 3; it must be a whole number from 1 to 2",
                    "capacity.autoscaling.concurrency is 0",
                    'model.package is "models/3"',
                    'model.artefact is "model.tar.gz"',
                    "model.instances is 0",
                ]) {
                    assert.ok(error.message.includes(wrong), wrong);
                }
                return true;
            },
        );
        await assert.rejects(
            endpoint({ capacity: serverless({ memory: 1024, maxConcurrency: 201 }) }),
            /capacity.maxConcurrency is 201; it must be a whole number from 1 to 200/,
        );
    });

    it("gives a stage that asks it the right to invoke this endpoint", async () => {
        const classifier = await endpoint({});
        const letters = new EventStream("letters", { schema: z.object({ id: z.string() }) });
        letters.batchStage("ask", {}, async (batch) => {
            await classifier.classify(batch.map(({ id }) => id));
            return batch.map(() => undefined);
        });
        await deployment.settled();
        assert.deepEqual(deployment.statements("ask-policy").at(-1), {
            Effect: "Allow",
            Action: ["sagemaker:InvokeEndpoint"],
            Resource: ["arn:aws:sagemaker:eu-central-1:123456789012:classifier-serverless"],
        });
    });
});

describe("a training job", () => {
    let deployment: Deployment;
    before(async () => {
        deployment = await mockDeployment();
    });
    beforeEach(() => deployment.clear());

    const training = async (args: Partial<TrainingJobArgs>) => {
        const registry = new ModelRegistry("models");
        await deployment.settled();
        deployment.clear();
        const made = new TrainingJob("train", {
            registry,
            algorithm: "linear",
            instances: { type: "ml.m5.large" },
            cleaning: "1",
            ...args,
        });
        await deployment.settled();
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
            "aws:lambda/permission:Permission": 1,
            "aws:cloudwatch/eventRule:EventRule": 1,
            "aws:cloudwatch/eventTarget:EventTarget": 1,
        });
    });

    it("writes a request template that a run completes", async () => {
        const made = await training({ maxRunHours: 2, hyperparameters: { c: 0.5, mode: "fast" } });
        assert.equal(await resolved(made.templateKey), "templates/train.json");
        const template = JSON.parse(String(deployment.named("train-template").inputs.content));
        const source = String(deployment.named("train-source").inputs.key);
        assert.match(source, /^source\/[0-9a-f]{24}\.tar\.gz$/);
        assert.equal(template.namePrefix, "shop-dev-train");
        assert.equal(template.outputPath, "s3://train-artifacts/jobs");
        assert.equal(template.training.AlgorithmSpecification.TrainingImage, IMAGE);
        assert.equal(template.training.RoleArn, "arn:aws:iam:eu-central-1:123456789012:train-role");
        assert.deepEqual(template.training.HyperParameters, {
            c: "0.5",
            mode: '"fast"',
            algorithm: '"linear"',
            cleaning: '"1"',
            sagemaker_program: '"train.py"',
            sagemaker_submit_directory: `"s3://train-artifacts/${source}"`,
            sagemaker_region: '"eu-central-1"',
        });
        assert.deepEqual(template.training.StoppingCondition, { MaxRuntimeInSeconds: 7200 });
        assert.deepEqual(template.training.ResourceConfig, {
            InstanceType: "ml.m5.large",
            InstanceCount: 1,
            VolumeSizeInGB: 30,
        });
        assert.deepEqual(template.training.Environment, { SORTLINE_JOB_PREFIX: "shop-dev-train" });
    });

    it("waits for spot capacity where it is asked for", async () => {
        await training({ instances: { type: "ml.g6.xlarge", count: 2, spot: true } });
        const { training: request } = JSON.parse(String(deployment.named("train-template").inputs.content));
        assert.equal(request.EnableManagedSpotTraining, true);
        assert.deepEqual(request.StoppingCondition, { MaxRuntimeInSeconds: 14_400, MaxWaitTimeInSeconds: 28_800 });
    });

    it("reads a metric's value from what the scripts print", async () => {
        await training({});
        const { training: request } = JSON.parse(String(deployment.named("train-template").inputs.content));
        for (const { Name, Regex } of request.AlgorithmSpecification.MetricDefinitions) {
            assert.equal(new RegExp(Regex).exec(`${Name}=0.25`)?.[1], "0.25");
        }
    });

    it("calls its judge for its own completed jobs, which may judge and no more", async () => {
        await training({});
        assert.deepEqual(JSON.parse(String(deployment.named("train-rule").inputs.eventPattern)), {
            source: ["aws.sagemaker"],
            "detail-type": ["SageMaker Training Job State Change"],
            detail: { TrainingJobName: [{ prefix: "shop-dev-train-" }], TrainingJobStatus: ["Completed"] },
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
                [
                    ["iam:PassRole"],
                    ["arn:aws:iam:eu-central-1:123456789012:train-role"],
                    { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
                ],
                [["s3:GetObject"], ["arn:aws:s3:eu-central-1:123456789012:train-artifacts/*"], undefined],
                [["s3:ListBucket"], ["arn:aws:s3:eu-central-1:123456789012:train-artifacts"], undefined],
                [
                    ["ecr:BatchGetImage", "ecr:DescribeImages"],
                    ["arn:aws:ecr:eu-central-1:*:repository/sagemaker-scikit-learn"],
                    undefined,
                ],
            ],
        );
    });

    it("tells all wrong arguments at once", async () => {
        const source = path.join(__dirname, "runtime");
        await assert.rejects(
            training({
                source,
                instances: { type: "m5", count: 21 },
                maxRunHours: 0,
                cleaning: "",
                hyperparameters: { sagemaker_program: "x.py" },
            }),
            (error: Error) => {
                for (const wrong of [
                    'instances.type is "m5"',
                    "instances.count is 21",
                    "maxRunHours is 0",
                    'cleaning is ""; it must be the version of the text cleaning',
                    "hyperparameters has sagemaker_program, which the component sets itself",
                    `source is ${source}, which has no train.py, evaluate.py, inference.py`,
                ]) {
                    assert.ok(error.message.includes(wrong), `${wrong} in ${error.message}`);
                }
                return true;
            },
        );
    });
});
