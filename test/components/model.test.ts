import assert from "node:assert/strict";
import { z } from "zod";
import {
    EventStream,
    instances,
    ModelEndpoint,
    type ModelEndpointArgs,
    runTimeSide,
    serverless,
} from "../../components";
import { type Deployment, mockDeployment, resolved } from "./deployment";

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

    it("decrypts models with the key that their training encrypts them with", async () => {
        const encryption = "arn:aws:kms:eu-central-1:123456789012:key/1234";
        await endpoint({ encryption });
        assert.deepEqual(deployment.statements("classifier-policy").at(-1), {
            Effect: "Allow",
            Action: ["kms:Decrypt"],
            Resource: [encryption],
        });
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
