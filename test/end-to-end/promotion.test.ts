import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { CreateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { connectTo, type TwinConnection } from "../../automation/connection";
import { localSources } from "../../automation/dataset/local-source";
import { prepareData } from "../../automation/dataset/prepare";
import { componentsOf, onlyComponent, outputOf } from "../../automation/deployment";
import { CommandError } from "../../automation/exit";
import { listModels } from "../../automation/registry/models";
import { pinKey } from "../../automation/registry/pin";
import { promote } from "../../automation/registry/promotion";
import { train } from "../../automation/training/train";
import { type Local, startLocal } from "../../testing";
import { labelled } from "../automation/labelled";
import { archive, fixture, image } from "../local/aws/sagemaker-under-test";
import { root, temporaryFolder } from "./command";

describe("promotion", function () {
    // The first model server on a machine makes the Python environment.
    this.timeout(300_000);
    let local: Local;
    let connection: TwinConnection;
    let runtime: SageMakerRuntimeClient;
    let lambda: LambdaClient;
    const { folder, remove } = temporaryFolder();
    before(async () => {
        local = await startLocal({ project: path.join(root, "test", "fixtures", "programs", "promoted") });
        connection = connectTo(local.twin.file);
        runtime = new SageMakerRuntimeClient(local.client);
        lambda = new LambdaClient(local.client);
        for (const answer of ["broken", "first"]) await register(answer);
    });
    after(async () => {
        for (const client of [runtime, lambda]) client?.destroy();
        connection?.close();
        await local?.close();
        remove();
    });

    async function register(answer: string): Promise<void> {
        const { bucket, models } = local.deployed.outputs as Record<string, string>;
        const Key = `${answer}/output/model.tar.gz`;
        const Body = await archive({ "answer.txt": answer, "code/inference.py": fixture("inference.py") });
        await connection.clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
        await connection.clients.sagemaker.send(
            new CreateModelPackageCommand({
                ModelPackageGroupName: models,
                ModelApprovalStatus: "PendingManualApproval",
                CustomerMetadataProperties: { trainingJob: answer },
                InferenceSpecification: {
                    Containers: [
                        {
                            Image: image,
                            ModelDataUrl: `s3://${bucket}/${Key}`,
                            Environment: {
                                SAGEMAKER_PROGRAM: "inference.py",
                                SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code",
                            },
                        },
                    ],
                    SupportedContentTypes: ["application/json"],
                    SupportedResponseMIMETypes: ["application/json"],
                },
            }),
        );
    }

    const quietly = () => undefined;

    async function failureOf(name: string): Promise<CommandError> {
        const error = await promote(connection, name, quietly).catch((thrown: unknown) => thrown);
        assert.ok(error instanceof CommandError, String(error));
        return error;
    }

    /** What the endpoint answers; that is, which model serves. */
    async function served(): Promise<unknown> {
        const EndpointName = outputOf(onlyComponent(await connection.exportStack(), "ModelEndpoint"), "endpointName");
        const { Body } = await runtime.send(
            new InvokeEndpointCommand({ EndpointName, ContentType: "application/json", Body: "{}" }),
        );
        return (JSON.parse(Buffer.from(Body ?? []).toString("utf8")) as { answer?: unknown }).answer;
    }

    const pinned = async () => (await connection.config())[pinKey];

    it("of a model that cannot be loaded, where none was in service, removes the pin and says why", async () => {
        const error = await failureOf("broken");
        assert.equal(error.exitCode, 4);
        assert.match(error.message, /Model 1 did not come into service:[\s\S]*the model cannot be loaded/);
        assert.match(error.message, /The pin is removed again; mail goes to people\.$/);
        assert.equal(await pinned(), undefined);
        await connection.up(quietly);
        const [endpoint] = componentsOf(await connection.exportStack(), "ModelEndpoint");
        assert.equal(endpoint?.outputs.endpointName, "");
    });

    it("brings a model into service, pinned and approved, named by version, job or address", async () => {
        await promote(connection, "first", quietly);
        assert.equal(await served(), "first");
        const models = await listModels(connection);
        const live = models.find((model) => model.live);
        assert.equal(live?.job, "first");
        assert.equal(live?.approval, "Approved");
        assert.equal(((await pinned()) as { package?: string }).package, live?.arn);
    });

    it("of a model that cannot be loaded restores the earlier one, which served all the time", async () => {
        const before = await pinned();
        const error = await failureOf("1");
        assert.equal(error.exitCode, 4);
        assert.match(error.message, /the model cannot be loaded/);
        assert.match(error.message, /The earlier model is pinned again and in service\.$/);
        assert.deepEqual(await pinned(), before);
        assert.equal(await served(), "first");
        assert.equal((await connection.up(quietly)).changes.update, 0);
    });

    it("of an unknown model is bad input and lists what there is", async () => {
        const error = await failureOf("99");
        assert.equal(error.exitCode, 2);
        assert.match(error.message, /There is no model "99"\. Registered: 2 \(first\), 1 \(broken\)/);
    });

    it("is not undone by a pin that got lost: that is an error which changes nothing, and the model still serves", async () => {
        const pin = await pinned();
        const [stage] = componentsOf(await connection.exportStack(), "LambdaStage");
        const FunctionName = outputOf(stage ?? assert.fail("no stage"), "functionName");
        const before = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
        await connection.setConfig(pinKey, undefined);
        await assert.rejects(connection.up(quietly), (error: unknown) => {
            assert.ok(error instanceof CommandError);
            assert.equal(error.exitCode, 4);
            assert.match(error.message, /Endpoint "classifier-serverless": could not be deleted: it is protected/);
            return true;
        });
        const after = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
        assert.deepEqual(after.Environment, before.Environment);
        const live = (await listModels(connection)).filter((model) => model.live);
        assert.deepEqual(
            live.map(({ arn }) => arn),
            [(pin as { package?: string }).package],
        );
        await connection.setConfig(pinKey, pin ?? null);
        await connection.up(quietly);
        assert.equal(await served(), "first");
    });

    it("has nothing to promote after a training whose script fails: that ends with 4 and the reason of the script", async () => {
        const file = path.join(folder, "labels.csv");
        fs.writeFileSync(file, labelled({ a: 20, b: 20 }));
        const data = await prepareData(localSources([file]), undefined, { columns: {} });
        const lines: string[] = [];
        await assert.rejects(train(connection, data, { onLine: (line) => lines.push(line) }), (error: unknown) => {
            assert.ok(error instanceof CommandError);
            assert.equal(error.exitCode, 4);
            assert.match(error.message, /training-\S+ failed: AlgorithmError[\s\S]*the labels are upside down/);
            return true;
        });
        assert.ok(
            lines.some((line) => /ValueError: the labels are upside down/.test(line)),
            lines.join("\n"),
        );
    });
});
