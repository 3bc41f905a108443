import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { DescribeLogStreamsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import {
    DescribeTrainingJobCommand,
    ListTrainingJobsForHyperParameterTuningJobCommand,
} from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand, type ModelError, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import * as tar from "tar";
import { type Connection, connectTo } from "../../automation/connection";
import { onlyComponent, outputOf } from "../../automation/deployment";
import { listModels } from "../../automation/registry/models";
import type { TrainingResult } from "../../automation/training/train";
import { type Local, startLocal } from "../../testing";
import type * as program from "../fixtures/programs/bert";
import { torchImagePython } from "../python";
import { Random } from "../random";
import { root, sortline, temporaryFolder } from "./command";

const subjects: Readonly<Record<string, string>> = {
    delivery: "parcel order delivery delivered courier still",
    payment: "invoice paid pay account money bill",
    fault: "program error login password screen export",
};

/** Texts of a label's own words among others, all different. */
function textsOf(label: string, count: number): readonly string[] {
    const random = new Random(label.length);
    const own = (subjects[label] ?? assert.fail(label)).split(" ");
    const others = "the a it to of and on in for my was this with please".split(" ");
    const word = () => (random.below(2) === 0 ? random.pick(own) : `${random.pick(others)} ${random.below(1000)}`);
    return Array.from({ length: count }, () => Array.from({ length: 8 }, word).join(" "));
}

describe("BERT on the twin", function () {
    // Each of a dozen processes loads torch, and a machine may be busy.
    this.timeout(1_200_000);
    const { folder, remove } = temporaryFolder();
    const data = path.join(folder, "labels.csv");
    let local: Local<typeof program>;
    let connection: Connection;
    let runtime: SageMakerRuntimeClient;
    let trained: TrainingResult;

    before(async function () {
        const python = await torchImagePython(this);
        const baseModel = path.join(folder, "tiny");
        execFileSync(python, [path.join(root, "training", "tests", "bert", "tiny_bert.py"), baseModel], {
            stdio: "pipe",
        });
        const rows = Object.keys(subjects).flatMap((label) => textsOf(label, 40).map((text) => `${text},${label}\n`));
        fs.writeFileSync(data, `text,category\n${rows.join("")}`);
        const project = path.join(root, "test", "fixtures", "programs", "bert");
        local = await startLocal<typeof program>({ project, config: { "sortline:baseModel": baseModel } });
        connection = connectTo(local.twin.file);
        runtime = new SageMakerRuntimeClient(local.client);
        const Bucket = String(local.deployed.outputs.baseBucket);
        for (const name of fs.readdirSync(baseModel)) {
            const Body = fs.readFileSync(path.join(baseModel, name));
            await connection.clients.s3.send(new PutObjectCommand({ Bucket, Key: `tiny/${name}`, Body }));
        }
    });
    after(async () => {
        runtime?.destroy();
        connection?.close();
        await local?.close();
        remove();
    });

    const command = async (...args: string[]) => {
        const { code, stdout, stderr } = await sortline(args, { home: local.home });
        assert.equal(code, 0, stderr);
        return stdout;
    };
    const train = async (name: string, ...more: string[]) =>
        JSON.parse(await command("train", "--data", data, "--name", name, "--json", ...more)) as TrainingResult;
    const jobNamed = (TrainingJobName: string) =>
        connection.clients.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
    const bytesAt = async (uri: string) => {
        const { hostname: Bucket, pathname } = new URL(uri);
        const { Body } = await connection.clients.s3.send(new GetObjectCommand({ Bucket, Key: pathname.slice(1) }));
        return Buffer.from((await Body?.transformToByteArray()) ?? []);
    };
    /** What a model says about itself. */
    const describedBy = async ({ model }: TrainingResult) => {
        const place = fs.mkdtempSync(path.join(folder, "model-"));
        fs.writeFileSync(path.join(place, "model.tar.gz"), await bytesAt(model));
        await tar.extract({ file: path.join(place, "model.tar.gz"), cwd: place }, ["sortline.json"]);
        return JSON.parse(fs.readFileSync(path.join(place, "sortline.json"), "utf8"));
    };

    it("is trained from a base model in S3, judged beside a linear model of the same data, and registered", async () => {
        const result = await train("training");
        const { InputDataConfig = [] } = await jobNamed(result.job);
        assert.deepEqual(InputDataConfig.map(({ ChannelName }) => ChannelName).sort(), ["base-model", "train"]);
        const evaluation = JSON.parse(String(await bytesAt(result.evaluation)));
        assert.equal(evaluation.algorithm, "bert");
        assert.equal(evaluation.accuracy, result.accuracy);
        assert.ok(evaluation.accuracy > 0.8, JSON.stringify(evaluation));
        assert.equal(evaluation.baseline?.algorithm, "linear");
        assert.ok(evaluation.baseline.accuracy > 0.8, JSON.stringify(evaluation.baseline));
        const report = String(await bytesAt(result.evaluation.replace(/json$/, "html")));
        for (const label of Object.keys(subjects)) assert.ok(report.includes(label), label);
        const { facts } = await describedBy(result);
        assert.deepEqual([facts.baseModel, facts.processes, facts.device], ["base-model", 1, "cpu"]);
        const [model] = await listModels(connection);
        assert.deepEqual([model?.version, model?.job], [result.version, result.job]);
        trained = result;
    });

    it("is served, and sorts what a stage gives it", async () => {
        await command("promote", String(trained.version));
        const [delivery = "", payment = ""] = ["delivery", "payment"].map((label) => textsOf(label, 1)[0]);
        const ask = async (cleaning: string) => {
            const EndpointName = outputOf(
                onlyComponent(await connection.exportStack(), "ModelEndpoint"),
                "endpointName",
            );
            const Body = JSON.stringify({ inputs: [delivery, payment], parameters: { cleaning } });
            const asked = { EndpointName, ContentType: "application/json", Body };
            const answer = await runtime.send(new InvokeEndpointCommand(asked));
            return JSON.parse(Buffer.from(answer.Body ?? []).toString()) as Record<string, unknown>[];
        };
        const answers = await ask("1");
        assert.deepEqual(
            answers.map(({ label, model, cleaning }) => ({ label, model, cleaning })),
            ["delivery", "payment"].map((label) => ({ label, model: trained.job, cleaning: "1" })),
        );
        for (const { probability } of answers) assert.ok(Number(probability) > 1 / 3 && Number(probability) <= 1);
        await assert.rejects(ask("2"), (error: ModelError) => {
            assert.equal(error.OriginalStatusCode, 400);
            assert.match(
                error.OriginalMessage ?? "",
                /cleaned by version '2', but this model was trained on version '1'/,
            );
            return true;
        });
        await local.put("texts", [
            { id: "one", text: payment },
            { id: "two", text: delivery },
        ]);
        await local.settle();
        assert.deepEqual(
            (await local.records("labels")).map(({ id, label, model }) => ({ id, label, model })),
            [
                { id: "one", label: "payment", model: trained.job },
                { id: "two", label: "delivery", model: trained.job },
            ],
        );
    });

    it("is trained by two hosts together", async () => {
        const result = await train("together");
        assert.equal((await describedBy(result)).facts.processes, 2);
        const { logStreams = [] } = await connection.clients.logs.send(
            new DescribeLogStreamsCommand({
                logGroupName: "/aws/sagemaker/TrainingJobs",
                logStreamNamePrefix: `${result.job}/`,
            }),
        );
        const hosts = logStreams.map(({ logStreamName = "" }) => logStreamName.replace(/^.*\/(algo-\d+)-\d+$/, "$1"));
        assert.deepEqual(hosts, ["algo-1", "algo-2"]);
    });

    it("is searched for by trials in parallel, of which the best is registered", async () => {
        const result = await train("search");
        const { TrainingJobSummaries: trials = [] } = await connection.clients.sagemaker.send(
            new ListTrainingJobsForHyperParameterTuningJobCommand({ HyperParameterTuningJobName: result.tuningJob }),
        );
        assert.deepEqual(
            trials.map(({ TrainingJobStatus }) => TrainingJobStatus),
            ["Completed", "Completed"],
        );
        const objectives = trials.map(
            (trial) => trial.FinalHyperParameterTuningJobObjectiveMetric?.Value ?? Number.NaN,
        );
        const best = trials[objectives.indexOf(Math.max(...objectives))];
        assert.equal(result.job, best?.TrainingJobName);
        const { facts } = await describedBy(result);
        assert.equal(facts.baseModel, "tiny");
        assert.equal(
            String(facts.settings.learning_rate),
            String(Number(best?.TunedHyperParameters?.["learning-rate"])),
        );
        const [model] = await listModels(connection);
        assert.deepEqual([model?.version, model?.job], [result.version, result.job]);
    });
});
