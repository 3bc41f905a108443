import assert from "node:assert/strict";
import { once } from "node:events";
import * as fs from "node:fs";
import * as path from "node:path";
import { CopyObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import {
    DescribeHyperParameterTuningJobCommand,
    DescribeTrainingJobCommand,
    paginateListTrainingJobs,
    StopHyperParameterTuningJobCommand,
    StopTrainingJobCommand,
} from "@aws-sdk/client-sagemaker";
import { parse } from "csv-parse/sync";
import { type Connection, connectTo } from "../../automation/connection";
import { CLEANING_METADATA } from "../../automation/dataset/manifest";
import { until } from "../../automation/until";
import { type Local, startLocal } from "../../testing";
import { labelled, someText } from "../automation/labelled";
import { type Finished, jsonLines, launch, root, sortline, temporaryFolder } from "./command";

describe("training on the command line", function () {
    // The first training on a machine makes the Python environment.
    this.timeout(300_000);
    const { folder, remove } = temporaryFolder();
    let local: Local;
    let connection: Connection;
    let outputs: Readonly<Record<string, string>>;

    before(async () => {
        local = await startLocal({ project: path.join(root, "test", "fixtures", "programs", "retrained") });
        connection = connectTo(local.twin.file);
        outputs = local.deployed.outputs as Record<string, string>;
    });
    after(async () => {
        connection?.close();
        await local?.close();
        remove();
    });

    const file = (name: string, content: string) => {
        fs.writeFileSync(path.join(folder, name), content);
        return path.join(folder, name);
    };
    const command = (...args: string[]) => sortline(args, { home: local.home });
    const json = (finished: Finished): Record<string, unknown> => {
        assert.equal(finished.code, 0, finished.stderr);
        return jsonLines(finished.stdout)[0] ?? assert.fail("no JSON");
    };
    const describeJob = (TrainingJobName: string) =>
        connection.clients.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
    const stop = async (job: string) => {
        await connection.clients.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: job }));
        await until(`the end of ${job}`, async () =>
            (await describeJob(job)).TrainingJobStatus === "Stopped" ? true : undefined,
        );
    };
    const jobs = async () => {
        const names: string[] = [];
        for await (const page of paginateListTrainingJobs({ client: connection.clients.sagemaker }, {})) {
            names.push(...(page.TrainingJobSummaries ?? []).map(({ TrainingJobName = "" }) => TrainingJobName));
        }
        return names;
    };
    const put = (Key: string, Body: string, cleaning?: string) =>
        connection.clients.s3.send(
            new PutObjectCommand({
                Bucket: outputs.artifacts,
                Key,
                Body,
                ...(cleaning === undefined ? {} : { Metadata: { [CLEANING_METADATA]: cleaning } }),
            }),
        );
    const objectAt = async (uri: string) => {
        const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
        const object = await connection.clients.s3.send(new GetObjectCommand({ Bucket, Key }));
        return { text: (await object.Body?.transformToString("utf8")) ?? "", metadata: object.Metadata };
    };

    const endless = labelled({ endless: 20, other: 20 });
    const twoLabels = labelled({ a: 30, b: 30 });

    it("shows what was recognised and what is left out, and with --dry-run starts and stores nothing", async () => {
        const rows = `${twoLabels}${someText(1)},a\n\u200b,a\n`.replaceAll(",", ";");
        const data = file("export.csv", `${rows}${someText(2)};only one\n`);
        const { code, stdout, stderr } = await command("train", "--data", data, "--dry-run");
        assert.equal(code, 0, stderr);
        assert.match(stdout, /export\.csv: 63 records \(CSV, semicolon, utf-8; text: text, label: category\)/);
        assert.match(stdout, /1: nothing of their text is left after cleaning/);
        assert.match(stdout, /the same text as another record/);
        assert.match(stdout, /Nothing was started \(--dry-run\)\.\n$/);
        assert.deepEqual(await jobs(), []);
        const account = json(await command("train", "--data", data, "--dry-run", "--json"));
        assert.equal((account.dropped as Record<string, number>).emptied, 1);
        assert.equal((account.sources as { encoding: string }[])[0]?.encoding, "utf-8");
    });

    it("trains, judges and registers a linear model, from a data set whose objects say that they are clean", async () => {
        const data = file("labels.csv", labelled({ a: 30, b: 30 }).replaceAll(",b", " beta beta beta,b"));
        const result = json(await command("train", "--name", "training", "--data", data, "--json"));
        assert.equal(result.version, 1);
        assert.ok(typeof result.cost === "number" && result.cost > 0, JSON.stringify(result));
        const job = await describeJob(String(result.job));
        const test = job.Environment?.SORTLINE_TEST_S3_URI ?? "";
        const train = job.InputDataConfig?.[0]?.DataSource?.S3DataSource?.S3Uri ?? "";
        const [learnt, judged] = [await objectAt(`${train}train.csv`), await objectAt(`${test}test.csv`)];
        assert.deepEqual(
            [learnt.metadata, judged.metadata],
            [{ [CLEANING_METADATA]: "1" }, { [CLEANING_METADATA]: "1" }],
        );
        const rows = [learnt, judged].map(({ text }) => parse(text, { columns: true }) as Record<string, string>[]);
        assert.deepEqual(Object.keys(rows[0]?.[0] ?? {}), ["id", "text", "category", "group"]);
        assert.equal(rows.flat().length, 60);
        const manifest = JSON.parse((await objectAt(train.replace("train/", "dataset.json"))).text) as {
            cleaning: string;
            digest: string;
        };
        assert.equal(manifest.cleaning, "1");
        assert.ok(train.includes(`/datasets/${manifest.digest}/`));
        const models = jsonLines((await command("models", "--json")).stdout);
        assert.deepEqual(
            models.map(({ version, approval }) => [version, approval]),
            [[1, "PendingManualApproval"]],
        );
    });

    it("takes a stored data set as it is, with the same files, and refuses one of another cleaning", async () => {
        const [first] = jsonLines((await command("models", "--json")).stdout);
        const before = await describeJob(String(first?.job));
        const uri = (before.Environment?.SORTLINE_TEST_S3_URI ?? "").replace("test/", "");
        const result = json(await command("train", "--name", "training", "--data", uri, "--json"));
        const after = await describeJob(String(result.job));
        assert.deepEqual(after.InputDataConfig, before.InputDataConfig);
        const manifest = { ...JSON.parse((await objectAt(`${uri}dataset.json`)).text), cleaning: "0" };
        await put("old/dataset.json", JSON.stringify(manifest));
        const refused = await command("train", "--name", "training", "--data", `s3://${outputs.artifacts}/old`);
        assert.equal(refused.code, 2);
        assert.match(refused.stderr, /has texts of the cleaning 0, and 1 is needed\. Make it again from the original/);
    });

    it("cleans objects on their way, but not those that say they are clean, and refuses another version", async () => {
        const link = "see https://example.com/x now";
        await put("raw/one.csv", twoLabels.replaceAll(/^(\w+\d+) /gm, `$1 ${link} `));
        await put("raw/two.jsonl", `{"message":"${link} ${someText(900)}","label":"a"}\n`, "1");
        await put("raw/notes.md", "not a record");
        const uri = `s3://${outputs.artifacts}/raw/`;
        const { job } = json(await command("train", "--name", "training", "--data", uri, "--no-follow", "--json"));
        const { Environment, InputDataConfig } = await describeJob(String(job));
        const train = InputDataConfig?.[0]?.DataSource?.S3DataSource?.S3Uri ?? "";
        const texts = [
            await objectAt(`${train}train.csv`),
            await objectAt(`${Environment?.SORTLINE_TEST_S3_URI}test.csv`),
        ].flatMap(({ text }) => (parse(text, { columns: true }) as { text: string }[]).map((row) => row.text));
        assert.equal(texts.length, 61);
        assert.equal(texts.filter((text) => text.includes("see [link] now")).length, 60);
        assert.equal(texts.filter((text) => text.includes(link)).length, 1);
        await put("raw/three.csv", twoLabels, "0");
        const refused = await command("train", "--name", "training", "--data", uri);
        assert.equal(refused.code, 2);
        assert.match(
            refused.stderr,
            /1 of 3 objects have texts of the cleaning 0 .*\n {2}s3:\/\/[^\n]*raw\/three\.csv/,
        );
        const nothing = await command("train", "--name", "training", "--data", `s3://${outputs.artifacts}/nowhere`);
        assert.equal(nothing.code, 2);
        assert.match(nothing.stderr, /nowhere has no objects that end in/);
        await command("train", "--follow", String(job));
    });

    it("refuses a second run while one is under way, starts it with --force, and ends with 4 when it is stopped", async () => {
        const data = file("endless.csv", endless);
        const train = (...args: string[]) =>
            command("train", "--name", "patient", "--data", data, "--no-follow", ...args);
        const { job } = json(await train("--json"));
        const refused = await train();
        assert.equal(refused.code, 5, refused.stderr);
        assert.match(refused.stderr, new RegExp(`${job} is under way.*\n?.*train --follow ${job}\n.*--force`));
        // As a person who gives the home by --home, and for whom another one is the usual one.
        const elsewhere = await sortline(
            ["train", "--name", "patient", "--data", data, "--no-follow", "--home", local.home],
            { home: path.join(folder, "another") },
        );
        assert.match(elsewhere.stderr, new RegExp(`train --follow ${job} --home ${local.home}\n.*--force`));
        const second = json(await train("--force", "--json"));
        await stop(String(second.job));
        const others = await command("train", "--follow", "--name", "training");
        assert.equal(others.code, 2, "the run of another definition is not followed");
        assert.match(others.stderr, /^No run is under way for --name training\. Those that made a model: /m);
        const missing = await command("train", "--follow", "--algorithm", "bert");
        assert.equal(missing.code, 2);
        assert.match(missing.stderr, /The program has nothing for --algorithm bert\. It has: training /);
        const followed = launch(["train", "--follow", "--name", "patient"], { home: local.home });
        const ended = new Promise<number | null>((resolve) => followed.once("close", resolve));
        await once(followed.stdout ?? assert.fail("no output"), "data");
        await stop(String(job));
        assert.equal(await ended, 4);
        const none = await command("train", "--follow");
        assert.equal(none.code, 2);
        assert.match(none.stderr, /^No run is under way\. Those that made a model: npx sortline models$/m);
    });

    it("lets only one of several runs begin that are started at the same time", async () => {
        const data = file("endless.csv", endless);
        const all = await Promise.all(
            [1, 2, 3].map(() => command("train", "--name", "patient", "--data", data, "--no-follow", "--json")),
        );
        assert.deepEqual(all.map(({ code }) => code).sort(), [0, 5, 5]);
        await stop(String(json(all.find(({ code }) => code === 0) ?? assert.fail()).job));
    });

    it("may be left by Ctrl-C and taken up again; its log is there on demand", async () => {
        const child = launch(["train", "--name", "patient", "--data", file("endless.csv", endless)], {
            home: local.home,
        });
        let output = "";
        const job = await new Promise<string>((resolve) => {
            const look = (piece: Buffer) => {
                output += piece.toString("utf8");
                // The script says so itself: the run is being followed.
                if (output.includes("training began")) resolve(/(\S+): \d+ examples to learn/.exec(output)?.[1] ?? "");
            };
            child.stdout?.on("data", look);
            child.stderr?.on("data", look);
        });
        const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
        child.kill("SIGINT");
        assert.equal(await ended, 1);
        assert.match(output, new RegExp(`${job} goes on\\. Follow it again: npx sortline train --follow ${job}`));
        assert.equal((await describeJob(job)).TrainingJobStatus, "InProgress");
        const log = await command("logs", job);
        assert.equal(log.code, 0, log.stderr);
        assert.match(log.stdout, /training began/);
        await stop(job);
        const again = await command("train", "--follow", job);
        assert.equal(again.code, 4);
        assert.match(again.stderr, /was stopped/);
        const unknown = await command("train", "--follow", "nobody-knows-it");
        assert.equal(unknown.code, 2);
        assert.match(
            unknown.stderr,
            /no training or tuning job "nobody-knows-it"\. One that is under way: .*--follow\n/,
        );
    });

    it("begins again by a schedule with the latest data set, and not while a run is under way", async () => {
        const answers = async () => (await local.records("answers")) as { id: string; started: boolean; job: string }[];
        json(await command("train", "--name", "patient", "--data", file("two.csv", twoLabels), "--json"));
        local.clock.advance({ days: 7 });
        const first = await until("the first answer", async () => (await answers())[0]);
        assert.equal(first.started, true);
        await until("the end of the scheduled run", async () =>
            (await describeJob(first.job ?? "")).TrainingJobStatus === "Completed" ? true : undefined,
        );
        const { job } = json(
            await command(
                "train",
                "--name",
                "patient",
                "--data",
                file("endless.csv", endless),
                "--no-follow",
                "--json",
            ),
        );
        local.clock.advance({ days: 7 });
        // A week is longer than the stream keeps the first one.
        const second = await until("the second answer", async () =>
            (await answers()).find(({ id }) => id !== first.id),
        );
        assert.deepEqual([second.started, second.job], [false, job]);
        await stop(String(job));
        assert.deepEqual(await local.failures("retrain"), []);
    });

    it("searches: a line a change of each trial, the best so far, spot interruptions, the cost; logs on demand", async () => {
        const data = file("two.csv", twoLabels);
        local.faults({ seed: 7, rules: [{ trainingJob: "*", fault: "interrupt", seconds: 0, max: 1 }] });
        const search = await command("train", "--data", data, "--jobs", "3", "--parallel", "2", "--json");
        local.faults(undefined);
        const result = json(search);
        const job = String(result.tuningJob);
        assert.match(String(result.job), new RegExp(`^${job}-`));
        assert.ok(typeof result.cost === "number" && result.cost > 0, JSON.stringify(result));
        const ended = search.stderr
            .split("\n")
            .filter((line) => line.includes(`${job}-`) && /Completed.*macro_f1/.test(line));
        const objectives = new Map(
            ended.map((line) => [/\S+(?=:)/.exec(line)?.[0] ?? "", Number(/macro_f1 (\S+?),/.exec(line)?.[1])]),
        );
        assert.equal(objectives.size, 3, search.stderr);
        assert.equal(objectives.get(String(result.job)), Math.max(...objectives.values()));
        assert.ok(ended.every((line) => /depth [1-9]$/.test(line)));
        assert.match(search.stderr, /\(interrupted 1 time\)/);
        assert.match((await command("logs", job)).stdout, new RegExp(`${job}-\\S+ training began`));
        assert.match((await command("logs", String(result.job))).stdout, /^training began/m);
        assert.deepEqual(json(await command("train", "--follow", job, "--json")), result);
        // One that runs until it is stopped, so that the next start is sure to meet it.
        const running = ["train", "--name", "search", "--data", file("endless.csv", endless)];
        const hours = await command(...running, "--jobs", "2", "--hours", "1", "--no-follow", "--json");
        const HyperParameterTuningJobName = String(json(hours).job);
        assert.equal((await command("train", "--data", data, "--name", "search")).code, 5);
        const { sagemaker } = connection.clients;
        await sagemaker.send(new StopHyperParameterTuningJobCommand({ HyperParameterTuningJobName }));
        await until("the end of the search", async () => {
            const { HyperParameterTuningJobStatus } = await sagemaker.send(
                new DescribeHyperParameterTuningJobCommand({ HyperParameterTuningJobName }),
            );
            return HyperParameterTuningJobStatus === "Stopped" ? true : undefined;
        });
    });

    it("tells all options that are wrong at once, and which job to choose, before anything is read", async () => {
        const wrong = await command(
            ..."train --data x.csv --jobs 0 --parallel no --hours 1000 --algorithm deep --encoding klingon --delimiter dot".split(
                " ",
            ),
        );
        assert.equal(wrong.code, 2);
        for (const option of ["jobs", "parallel", "hours", "algorithm", "encoding", "delimiter"]) {
            assert.match(wrong.stderr, new RegExp(`--${option} is "`));
        }
        const data = file("two.csv", twoLabels);
        const which = await command("train", "--data", data);
        assert.equal(which.code, 2);
        assert.match(
            which.stderr,
            /several of them: training \(TrainingJob, linear\), patient \(.*Choose one: --name NAME/,
        );
        const tuning = await command("train", "--data", data, "--jobs", "3", "--name", "patient");
        assert.match(tuning.stderr, /nothing for --name patient, --jobs or --parallel, which only a TuningJob has/);
        const both = await command("train", "--follow", "x", "--data", data);
        assert.match(both.stderr, /--follow x follows a run that was started already, so it takes no --data/);
    });

    it("compares two models by their figures, and rejects one with a reason", async () => {
        const compared = await command("compare", "1", "2");
        assert.equal(compared.code, 0, compared.stderr);
        assert.match(compared.stdout, /model 1\s+model 2\s+difference/);
        assert.match(compared.stdout, /accuracy\s+\d\.\d{3}\s+\d\.\d{3}\s+\+0\.000/);
        assert.match(compared.stdout, /Judged by the same test set, but not side by side/);
        const rejected = await command("reject", "1", "--reason", "too slow");
        assert.equal(rejected.code, 0, rejected.stderr);
        const models = await command("models");
        assert.match(models.stdout, /1\s+rejected .*too slow/);
        assert.equal((await command("reject", "2")).code, 2);
        assert.equal((await command("approve", "2", "--reason", "better")).code, 0);
        assert.match((await command("models")).stdout, /2\s+approved .*better/);
    });

    it("copies a data set of another bucket to where its jobs may read it", async () => {
        const [model] = jsonLines((await command("models", "--json")).stdout).filter(({ version }) => version === 1);
        const { Environment } = await describeJob(String(model?.job));
        const uri = (Environment?.SORTLINE_TEST_S3_URI ?? "").replace("test/", "");
        for (const each of ["dataset.json", "train/train.csv", "test/test.csv"]) {
            await connection.clients.s3.send(
                new CopyObjectCommand({
                    Bucket: outputs.patientArtifacts,
                    Key: `elsewhere/${each}`,
                    CopySource: `${uri.replace("s3://", "")}${each}`,
                }),
            );
        }
        const elsewhere = `s3://${outputs.patientArtifacts}/elsewhere/`;
        const { job } = json(await command("train", "--name", "training", "--data", elsewhere, "--json"));
        const { InputDataConfig } = await describeJob(String(job));
        assert.match(
            InputDataConfig?.[0]?.DataSource?.S3DataSource?.S3Uri ?? "",
            new RegExp(`^s3://${outputs.artifacts}/datasets/`),
        );
    });
});
