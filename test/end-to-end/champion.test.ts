import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { DescribeModelPackageCommand, DescribeTrainingJobCommand } from "@aws-sdk/client-sagemaker";
import { parse } from "csv-parse/sync";
import { connectTo, type TwinConnection } from "../../automation/connection";
import { localSources } from "../../automation/dataset/local-source";
import { prepareData } from "../../automation/dataset/prepare";
import { storeDataSet } from "../../automation/dataset/stored";
import { listModels, type RegisteredModel } from "../../automation/registry/models";
import { promote } from "../../automation/registry/promotion";
import { s3Address } from "../../automation/s3-address";
import { cleaningOf, startTraining } from "../../automation/training/train";
import { chosenDefinition, trainingDefinitions } from "../../automation/training/training-definition";
import { type Local, startLocal } from "../../testing";
import { root, sortline, temporaryFolder } from "./command";

describe("a model that is trained while another one is in service", function () {
    // The first training on a machine makes the Python environment.
    this.timeout(300_000);
    const { folder, remove } = temporaryFolder();
    const home = path.join(folder, "home");
    let local: Local;
    let connection: TwinConnection;
    before(async () => {
        local = await startLocal({ project: root, home });
        connection = connectTo(local.twin.file);
    });
    after(async () => {
        connection?.close();
        await local?.close();
        remove();
    });

    const samples = path.join(root, "samples", "labels.csv");

    async function command(...args: string[]): Promise<string> {
        const { code, stdout, stderr } = await sortline(args, { home });
        assert.equal(code, 0, stderr);
        return stdout;
    }

    async function trained(data = samples, ...more: string[]): Promise<RegisteredModel> {
        await command("train", "--data", data, ...more, "--json");
        const [newest] = await listModels(connection);
        return newest ?? assert.fail("no model");
    }

    const objectAt = (address: string) => {
        const { bucket, key } = s3Address(address);
        return { Bucket: bucket, Key: key };
    };
    async function read(address: string): Promise<Uint8Array> {
        const { Body } = await connection.clients.s3.send(new GetObjectCommand(objectAt(address)));
        return (await Body?.transformToByteArray()) ?? assert.fail(address);
    }
    const put = (address: string, Body: Uint8Array | string) =>
        connection.clients.s3.send(new PutObjectCommand({ ...objectAt(address), Body }));

    async function evaluationOf({ evaluation = "" }: RegisteredModel) {
        return JSON.parse(Buffer.from(await read(evaluation)).toString("utf8"));
    }

    async function propertiesOf(model: RegisteredModel): Promise<Record<string, string>> {
        const { CustomerMetadataProperties = {} } = await connection.clients.sagemaker.send(
            new DescribeModelPackageCommand({ ModelPackageName: model.arn }),
        );
        return CustomerMetadataProperties;
    }

    it("is compared with that one on the same texts", async () => {
        const first = await trained();
        assert.equal((await evaluationOf(first)).champion, undefined);
        await promote(connection, String(first.version), () => undefined);
        const { champion, accuracy } = await evaluationOf(await trained());
        assert.equal(champion?.model, first.job);
        assert.equal(champion.accuracy, accuracy, "the same data and seed make the same model");
        assert.equal(champion.difference.accuracy, 0);
        assert.equal(champion.learntFrom, 0, "records stay on their side");
    });

    it("is shown beside that one by compare, with what the difference would be on other texts", async () => {
        const rows: { text: string; category: string }[] = parse(fs.readFileSync(samples), { columns: true });
        const labels = [...new Set(rows.map(({ category }) => category))];
        const next = (label: string) => labels[(labels.indexOf(label) + 1) % labels.length] ?? label;
        const file = (name: string, part: typeof rows) => {
            const lines = part.map((row) => `${JSON.stringify(row)}\n`);
            fs.writeFileSync(path.join(folder, name), lines.join(""));
            return path.join(folder, name);
        };
        const test = rows.filter((_, index) => index % 3 === 0);
        // Taught to be wrong, it is less accurate for sure.
        const wrong = rows.filter((_, index) => index % 3 > 0).map((row) => ({ ...row, category: next(row.category) }));
        const worse = await trained(file("wrong.jsonl", wrong), "--test", file("test.jsonl", test));
        const { champion } = await evaluationOf(worse);
        assert.ok(champion.difference.high < 0, JSON.stringify(champion));
        const compared = (a: string, b: string) => command("compare", a, b, "--json").then(JSON.parse);
        const { accuracy, low, high } = champion.difference;
        const { paired, flattered, sameTestSet } = await compared("1", String(worse.version));
        assert.deepEqual([paired, sameTestSet], [{ accuracy, low, high }, false]);
        // Most of that test set is what the first model has learnt from.
        const { learntFrom, differenceWithout } = champion;
        assert.ok(learntFrom > test.length / 2 && learntFrom < test.length, String(learntFrom));
        assert.deepEqual(flattered, { model: "a", examples: learntFrom, without: differenceWithout });
        const reversed = await compared(String(worse.version), "1");
        assert.deepEqual(reversed.paired, { accuracy: -accuracy, low: -high, high: -low });
        const shown = await command("compare", "1", String(worse.version));
        assert.match(shown, /judged by different test sets/);
        const difference = "accuracy −0\\.\\d+ \\(95 % of resamples between −0\\.\\d+ and −0\\.\\d+\\)\\.\n";
        assert.ok(
            shown.includes(`Model 1 has learnt from ${learntFrom} of these examples, which flatters it; without`),
        );
        assert.match(shown, new RegExp(`Side by side on one test set, example by example: ${difference}`));
    });

    it("is evaluated without that one where its artefact is broken, and registered with the reason", async () => {
        const champion = (await listModels(connection)).find(({ live }) => live) ?? assert.fail("none in service");
        const whole = await read(champion.artefact);
        await put(champion.artefact, "broken");
        try {
            const { code, stderr } = await sortline(["train", "--data", samples, "--json"], { home });
            assert.equal(code, 0, stderr);
            const [model = assert.fail("no model")] = await listModels(connection);
            assert.ok(
                stderr.includes(
                    " The model in service seems to be the cause, and is left out of another evaluation.\n",
                ),
                stderr,
            );
            assert.match(
                stderr,
                new RegExp(`${model.job}-eval failed: .*champion/model\\.tar\\.gz: cannot be unpacked`),
            );
            const { evaluationJob, championPackage, championLeftOut, championAccuracy } = await propertiesOf(model);
            assert.deepEqual(
                [evaluationJob, championPackage, championLeftOut, championAccuracy],
                [`${model.job}-eval2`, champion.arn, `${model.job}-eval failed with it`, undefined],
            );
            assert.equal((await evaluationOf(model)).champion, undefined);
        } finally {
            await put(champion.artefact, whole);
        }
    });

    it("is registered by judge, and compared, where its evaluation failed for good and the cause is mended", async () => {
        const { s3, sagemaker } = connection.clients;
        const definition = chosenDefinition(await trainingDefinitions(connection, await connection.exportStack()), {
            tuning: false,
        });
        const prepared = await prepareData(localSources([samples]), undefined, { columns: {} });
        const stored = await storeDataSet(s3, definition.artifacts, prepared, cleaningOf(definition));
        const test = `${stored.test}test.csv`;
        const whole = await read(test);
        await s3.send(new DeleteObjectCommand(objectAt(test)));
        const job = await startTraining(connection, definition, stored);
        const failed = await sortline(["train", "--follow", job], { home });
        assert.equal(failed.code, 4, failed.stderr);
        assert.match(
            failed.stderr,
            new RegExp(`${job}-eval failed: .*No S3 objects found[^]*to evaluate it again: .*judge ${job}\n`),
        );
        assert.ok((await listModels(connection)).every((model) => model.job !== job));

        await put(test, whole);
        const judged = JSON.parse(await command("judge", job, "--json"));
        const [model = assert.fail("no model")] = await listModels(connection);
        assert.deepEqual([judged.job, judged.version, model.job], [job, model.version, job]);
        const { evaluationJob, championAccuracy } = await propertiesOf(model);
        assert.equal(evaluationJob, `${job}-eval2`);
        assert.equal(championAccuracy, String(model.accuracy), "the same data and seed make the same model");

        assert.deepEqual(JSON.parse(await command("judge", job, "--json")), judged, "what is done stays as it is");
        assert.equal((await listModels(connection)).filter((each) => each.job === job).length, 1);
        await assert.rejects(
            sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: `${job}-eval3` })),
            /not found/i,
        );
    });
});
