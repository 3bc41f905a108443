import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { DeleteObjectCommand, GetObjectCommand } from "@aws-sdk/client-s3";
import { CreateTrainingJobCommand, DescribeTrainingJobCommand } from "@aws-sdk/client-sagemaker";
import { parse } from "csv-parse/sync";
import type { Browser } from "playwright-core";
import { type Connection, connectTo } from "../../automation/connection";
import { download } from "../../automation/training/download";
import type { TrainingResult } from "../../automation/training/train";
import { until } from "../../automation/until";
import { type Local, startLocal } from "../../testing";
import { openFile, startBrowser } from "../browser";
import { root, sortline, temporaryFolder } from "./command";

/** Stands for the label `complaint` of the samples. */
const hostile = "</title><script>alert(1)</script><img src=http://127.0.0.1:9/x>";

interface Figures {
    readonly accuracy: number;
    readonly macro_f1: number;
    readonly ece: number;
}

/** `evaluation.json`, as far as it is looked at. */
interface Evaluation extends Figures {
    readonly version: number;
    readonly classes: readonly { readonly support: number }[];
    readonly test: { readonly examples: number; readonly labels: number };
    readonly worst: readonly { readonly id: string; readonly label: string; readonly predicted: string }[];
    readonly unknownLabels: readonly string[];
    readonly champion?: Figures & { readonly model: string; readonly difference: Readonly<Record<string, number>> };
    readonly baseline?: Figures & { readonly algorithm: string };
}

describe("the evaluation of what the reference program trains", function () {
    // The first training on a machine makes the Python environment.
    this.timeout(300_000);
    const { folder, remove } = temporaryFolder();
    const home = path.join(folder, "home");
    const output = path.join(folder, "output");
    let local: Local | undefined;
    let connection: Connection;
    let browser: Browser | undefined;
    let texts: readonly string[];
    let result: TrainingResult;

    before(async () => {
        local = await startLocal({ project: root, home });
        connection = connectTo(local.twin.file);
        const samples: { readonly text: string; readonly category: string }[] = parse(
            fs.readFileSync(path.join(root, "samples", "labels.csv")),
            { columns: true },
        );
        texts = samples.map(({ text }) => text);
        const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
        const rows = samples.map(
            ({ text, category }) => `${quoted(text)},${quoted(category === "complaint" ? hostile : category)}`,
        );
        const data = path.join(folder, "labels.csv");
        fs.writeFileSync(data, `text,category\n${rows.join("\n")}\n`);
        const { code, stdout, stderr } = await sortline(["train", "--data", data, "--output", output, "--json"], {
            home,
        });
        assert.equal(code, 0, stderr);
        result = JSON.parse(stdout) as TrainingResult;
    });
    after(async () => {
        await browser?.close();
        connection?.close();
        await local?.close();
        remove();
    });

    async function read(uri: string): Promise<string> {
        const { hostname: Bucket, pathname } = new URL(uri);
        const Key = decodeURIComponent(pathname.slice(1));
        const { Body } = await connection.clients.s3.send(new GetObjectCommand({ Bucket, Key }));
        return (await Body?.transformToString("utf8")) ?? "";
    }
    const evaluationAt = async (uri: string) => JSON.parse(await read(uri)) as Evaluation;
    const jobNamed = (TrainingJobName: string) =>
        connection.clients.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
    const channel = (ChannelName: string, S3Uri: string) => ({
        ChannelName,
        DataSource: { S3DataSource: { S3DataType: "S3Prefix" as const, S3Uri } },
    });

    /** Runs the evaluation again, with its model as champion too and with the training data. @returns what it wrote. */
    async function evaluateBesideOthers(): Promise<string> {
        const trained = await jobNamed(result.job);
        const first = await jobNamed(`${result.job}-eval`);
        const addressOf = (job: typeof first, name: string) =>
            job.InputDataConfig?.find(({ ChannelName }) => ChannelName === name)?.DataSource?.S3DataSource?.S3Uri ??
            assert.fail(`no channel ${name}`);
        const TrainingJobName = `${result.job}-all`;
        await connection.clients.sagemaker.send(
            new CreateTrainingJobCommand({
                TrainingJobName,
                AlgorithmSpecification: first.AlgorithmSpecification,
                RoleArn: first.RoleArn,
                HyperParameters: first.HyperParameters,
                InputDataConfig: [
                    channel("model", result.model),
                    channel("test", addressOf(first, "test")),
                    channel("champion", result.model),
                    channel("train", addressOf(trained, "train")),
                ],
                OutputDataConfig: first.OutputDataConfig,
                ResourceConfig: first.ResourceConfig,
                StoppingCondition: first.StoppingCondition,
            }),
        );
        const ended = await until(`the end of ${TrainingJobName}`, async () => {
            const job = await jobNamed(TrainingJobName);
            return job.TrainingJobStatus === "InProgress" ? undefined : job;
        });
        assert.equal(ended.TrainingJobStatus, "Completed", ended.FailureReason);
        return ended.ModelArtifacts?.S3ModelArtifacts?.replace(/\/+$/, "") ?? assert.fail("no artefacts");
    }

    it("has the figures that the registry has, says what the test set was, and names mistakes by id", async () => {
        const evaluation = await evaluationAt(result.evaluation);
        assert.equal(evaluation.version, 2);
        assert.equal(evaluation.accuracy, result.accuracy);
        assert.equal(evaluation.macro_f1, result.macro_f1);
        const examples = evaluation.classes.reduce((sum, { support }) => sum + support, 0);
        assert.deepEqual([evaluation.test.examples, evaluation.unknownLabels], [examples, []]);
        assert.equal(evaluation.champion, undefined);
        assert.ok(evaluation.worst.length > 0);
        for (const { id, label, predicted } of evaluation.worst) {
            assert.match(id, /^[0-9a-f]{16}$/);
            assert.notEqual(label, predicted);
        }
    });

    it("is copied with model and report where a person wants them", async () => {
        assert.deepEqual(fs.readdirSync(output).sort(), ["evaluation.html", "evaluation.json", "model.tar.gz"]);
        const report = result.evaluation.replace("evaluation.json", "evaluation.html");
        assert.equal(fs.readFileSync(path.join(output, "evaluation.html"), "utf8"), await read(report));

        const { hostname: Bucket, pathname } = new URL(report);
        await connection.clients.s3.send(new DeleteObjectCommand({ Bucket, Key: pathname.slice(1) }));
        const files = await download(connection.clients.s3, result, path.join(folder, "without-report"));
        assert.deepEqual(
            files.map((file) => path.basename(file)),
            ["model.tar.gz", "evaluation.json"],
        );
    });

    it("has champion and baseline beside the candidate, in a report that a browser shows from a file", async function () {
        const written = await evaluateBesideOthers();
        const { champion, baseline, accuracy } = await evaluationAt(`${written}/evaluation.json`);
        assert.equal(champion?.model, result.job);
        assert.equal(champion.accuracy, accuracy);
        assert.deepEqual(champion.difference, { accuracy: 0, low: 0, high: 0 });
        assert.equal(baseline?.algorithm, "linear");

        const file = path.join(folder, "evaluation.html");
        const html = await read(`${written}/evaluation.html`);
        fs.writeFileSync(file, html);
        for (const text of texts) assert.ok(!html.includes(text.slice(0, 40)), `the report has the text ${text}`);

        browser = await startBrowser(this);
        const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
        for (const scheme of ["light", "dark"] as const) {
            const { page, console, requests } = await openFile(browser, file, scheme);
            const figures = page.getByRole("row", { name: /^accuracy/ }).getByRole("cell");
            assert.deepEqual(
                await figures.allTextContents(),
                [accuracy, champion.accuracy, baseline.accuracy].map(percent),
            );
            const models = page.getByRole("region", { name: "The models on the same test set" });
            assert.deepEqual(
                await models.evaluate(({ clientWidth, scrollWidth }) => scrollWidth - clientWidth),
                0,
                "figures are pushed out of the window by the models' names",
            );
            for (const name of [/^Reliability diagram/, /^Risk–coverage curves/])
                assert.ok(await page.getByRole("img", { name }).isVisible(), String(name));
            for (const name of ["Accuracy by confidence", "Risk by coverage"]) {
                const numbers = page.getByRole("table", { name });
                assert.equal(await numbers.count(), 0, `${name} is folded at first`);
                await page.locator("figure").filter({ hasText: name }).locator("summary").click();
                assert.ok(await numbers.isVisible(), name);
            }
            assert.ok((await page.getByText(hostile, { exact: true }).count()) > 1, "the label is not shown as text");
            assert.equal(await page.locator("script, main img").count(), 0);
            assert.deepEqual({ console, requests }, { console: [], requests: [] });
            await page.close();
        }
    });
});
