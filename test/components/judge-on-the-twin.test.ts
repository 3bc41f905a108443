import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetFunctionCommand, InvokeCommand } from "@aws-sdk/client-lambda";
import {
    DescribeModelPackageCommand,
    DescribeTrainingJobCommand,
    ListTagsCommand,
    ListTrainingJobsCommand,
} from "@aws-sdk/client-sagemaker";
import { type Connection, connectTo } from "../../automation/connection";
import { localSources } from "../../automation/dataset/local-source";
import { type PreparedData, prepareData } from "../../automation/dataset/prepare";
import { componentsOf, outputOf } from "../../automation/deployment";
import { listModels, type RegisteredModel } from "../../automation/registry/models";
import { startTraining, train } from "../../automation/training/train";
import { chosenDefinition, trainingDefinitions } from "../../automation/training/training-definition";
import { until } from "../../automation/until";
import { type Local, startLocal } from "../../testing";
import { labelled } from "../automation/labelled";

describe("a judge on the twin", function () {
    // The first job on a machine makes the Python environment.
    this.timeout(300_000);
    let local: Local;
    let connection: Connection;
    let first: RegisteredModel;
    let data: PreparedData;
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sortline-judge-"));
    before(async () => {
        const file = path.join(folder, "labels.csv");
        fs.writeFileSync(file, labelled({ sales: 20, support: 20 }));
        data = await prepareData(localSources([file]), undefined, { columns: {} });
        local = await startLocal({
            project: path.join(__dirname, "..", "fixtures", "programs", "judged"),
            config: { "judged:accuracy": 0.8 },
        });
        connection = connectTo(local.twin.file);
    });
    after(async () => {
        connection?.close();
        await local?.close();
        fs.rmSync(folder, { recursive: true });
    });

    /** Trains a model, which includes that the policy says what becomes of it. */
    async function trained() {
        const { registered, job } = await train(connection, data, { onLine: () => undefined });
        const decided = await connection.clients.sagemaker.send(
            new DescribeModelPackageCommand({ ModelPackageName: registered.arn }),
        );
        assert.equal(registered.approval, decided.ModelApprovalStatus);
        return { registered, job, decided };
    }
    const describe_ = (TrainingJobName: string) =>
        connection.clients.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));

    it("approves by the policy, and keeps where the model comes from", async () => {
        const { registered, job, decided } = await trained();
        first = registered;
        assert.deepEqual(
            [decided.ModelApprovalStatus, decided.ApprovalDescription],
            ["Approved", "The policy says: approve."],
        );
        assert.deepEqual([registered.decision, registered.registry], ["approve", "models"]);
        const properties = decided.CustomerMetadataProperties ?? {};
        assert.equal(properties.trainingJob, job);
        assert.equal(properties.evaluationJob, `${job}-eval`);
        assert.equal(properties["hyperparameter:accuracy"], "0.8");
        assert.equal(properties["validation:macro_f1"], "0.8");
        assert.match(properties.dataset ?? "", new RegExp(`/datasets/${properties.datasetDigest}/train/$`));
        assert.match(properties.source ?? "", new RegExp(`/source/${properties.sourceDigest}\\.tar\\.gz$`));
    });

    it("evaluates as the job was trained: without a network, with the same key and tags", async () => {
        const [training, evaluation] = [await describe_(first.job), await describe_(`${first.job}-eval`)];
        assert.match(training.CheckpointConfig?.S3Uri ?? "", new RegExp(`/checkpoints/${first.job}/$`));
        assert.equal(evaluation.EnableNetworkIsolation, true);
        const seconds = training.StoppingCondition?.MaxRuntimeInSeconds;
        assert.ok(seconds !== undefined && evaluation.StoppingCondition?.MaxRuntimeInSeconds === seconds);
        assert.deepEqual(evaluation.VpcConfig, { SecurityGroupIds: ["sg-1"], Subnets: ["subnet-1"] });
        assert.match(training.OutputDataConfig?.KmsKeyId ?? "", /^arn:aws:kms:/);
        assert.equal(evaluation.OutputDataConfig?.KmsKeyId, training.OutputDataConfig?.KmsKeyId);
        const { Tags } = await connection.clients.sagemaker.send(
            new ListTagsCommand({ ResourceArn: evaluation.TrainingJobArn }),
        );
        assert.deepEqual(Tags, [{ Key: "team", Value: "mail" }]);
    });

    it("registers a model once and asks the policy once, however often and late events come", async () => {
        const [component] = componentsOf(await connection.exportStack(), "TrainingJob");
        assert.ok(component);
        const { lambda, logs } = connection.clients;
        const FunctionName = outputOf(component, "judgeFunction");
        const { Configuration: { LoggingConfig: { LogGroup: logGroupName } = {} } = {} } = await lambda.send(
            new GetFunctionCommand({ FunctionName }),
        );
        const happened = async () => {
            const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
            const log = events.map(({ message }) => message).join("\n");
            return ["the policy is asked", "model-registered", "model-decided", "evaluation-started"].map(
                (each) => log.split(each).length - 1,
            );
        };
        const before = [await listModels(connection), await happened()];
        assert.deepEqual(before[1], [1, 1, 1, 1]);
        for (const TrainingJobName of [first.job, `${first.job}-eval`]) {
            const Payload = JSON.stringify({ detail: { TrainingJobName } });
            const { FunctionError } = await lambda.send(new InvokeCommand({ FunctionName, Payload }));
            assert.equal(FunctionError, undefined);
        }
        assert.deepEqual([await listModels(connection), await happened()], before);
    });

    it("compares with the model in service on the same texts, and rejects what is not better", async () => {
        const { stack } = local.twin;
        stack.setConfig("judged:champion", { package: first.arn, artefact: first.artefact });
        stack.setConfig("judged:accuracy", 0.75);
        await local.up();
        const { decided } = await trained();
        assert.equal(decided.ModelApprovalStatus, "Rejected");
        const { championPackage, championAccuracy } = decided.CustomerMetadataProperties ?? {};
        assert.deepEqual([championPackage, championAccuracy], [first.arn, "0.8"]);
    });

    it("has the best model of a search evaluated once, compared and registered, and no other trial", async () => {
        const { sagemaker } = connection.clients;
        const all = await trainingDefinitions(connection, await connection.exportStack());
        const name = await startTraining(connection, chosenDefinition(all, { name: "search", tuning: true }), data);
        const found = async () => (await listModels(connection)).filter(({ job }) => job.startsWith(`${name}-`));
        const decided = await until(
            `the model of ${name}`,
            async () => (await found()).find(({ approval }) => approval === "Approved"),
            { seconds: 120 },
        );
        assert.equal((await found()).length, 1);
        assert.equal(decided.accuracy, 0.95);
        const { CustomerMetadataProperties: properties = {} } = await sagemaker.send(
            new DescribeModelPackageCommand({ ModelPackageName: decided.arn }),
        );
        assert.deepEqual(
            [properties.tuningJob, properties.evaluationJob, properties["hyperparameter:accuracy"]],
            [name, `${name}-eval`, "0.95"],
        );
        const { TrainingJobSummaries = [] } = await sagemaker.send(new ListTrainingJobsCommand({ NameContains: name }));
        assert.equal(TrainingJobSummaries.length, 4, "three trials and one evaluation");
    });

    it("leaves to people what the policy leaves, with its reason", async () => {
        local.twin.stack.setConfig("judged:accuracy", 0.25);
        await local.up();
        const { decided } = await trained();
        assert.deepEqual(
            [decided.ModelApprovalStatus, decided.ApprovalDescription],
            ["PendingManualApproval", "less accurate than 0.5"],
        );
    });
});
