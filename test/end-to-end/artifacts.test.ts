import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { HeadObjectCommand, PutObjectCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { DescribeTrainingJobCommand, ListTrainingJobsCommand } from "@aws-sdk/client-sagemaker";
import { type Connection, connectTo } from "../../automation/connection";
import { until } from "../../automation/until";
import { type Local, startLocal } from "../../testing";
import { labelled } from "../automation/labelled";
import { jsonLines, root, sortline, temporaryFolder } from "./command";

// The roles have what the component gives them, and no transform widens them: the twin enforces permissions.
describe("data sets and models in a bucket of one's own", function () {
    // The first training on a machine makes the Python environment.
    this.timeout(300_000);
    const { folder, remove } = temporaryFolder();
    let local: Local;
    let connection: Connection;
    let shared: string;
    let artifacts: string;
    let place: string;

    before(async () => {
        local = await startLocal({ project: path.join(root, "test", "fixtures", "programs", "elsewhere") });
        connection = connectTo(local.twin.file);
        shared = String(local.deployed.outputs.sharedBucket);
        artifacts = String(local.deployed.outputs.artifacts);
        place = `s3://${shared}/datasets/mail/`;
    });
    after(async () => {
        connection?.close();
        await local?.close();
        remove();
    });

    const command = async (...args: string[]) => {
        const { code, stdout, stderr } = await sortline(args, { home: local.home });
        assert.equal(code, 0, stderr);
        return stdout;
    };
    const train = async (...args: string[]) =>
        jsonLines(await command("train", "--json", ...args))[0] ?? assert.fail("no JSON");
    const keys = async (Bucket: string) => {
        const found: string[] = [];
        for await (const page of paginateListObjectsV2({ client: connection.clients.s3 }, { Bucket })) {
            found.push(...(page.Contents ?? []).map(({ Key = "" }) => Key));
        }
        return found;
    };
    /** All that a run would leave. */
    const traces = async () => {
        const { TrainingJobSummaries = [] } = await connection.clients.sagemaker.send(new ListTrainingJobsCommand({}));
        const jobs = TrainingJobSummaries.map(({ TrainingJobName }) => TrainingJobName);
        return { jobs, artifacts: await keys(artifacts), shared: await keys(shared) };
    };
    const data = () => {
        const file = path.join(folder, "labels.csv");
        fs.writeFileSync(file, labelled({ a: 30, b: 30 }));
        return file;
    };
    const describeJob = (name: unknown) =>
        connection.clients.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: String(name) }));
    const trainChannel = async (job: unknown) =>
        (await describeJob(job)).InputDataConfig?.[0]?.DataSource?.S3DataSource?.S3Uri ?? "";
    /** Keys of the component's own bucket that belong elsewhere. */
    const misplaced = async () => (await keys(artifacts)).filter((key) => /^(datasets\/(?!latest)|jobs\/)/.test(key));
    const withoutSlash = () => place.replace(/\/$/, "");

    it("are told by --dry-run of objects in S3, which starts and stores nothing", async () => {
        const Body = fs.readFileSync(data());
        await connection.clients.s3.send(new PutObjectCommand({ Bucket: shared, Key: "raw/labels.csv", Body }));
        const before = await traces();
        const { dropped, sources } = await train("--dry-run", "--data", `s3://${shared}/raw/`);
        assert.equal((sources as { records: number }[])[0]?.records, 60);
        assert.ok(Object.values(dropped as Record<string, number>).every((count) => count === 0));
        assert.deepEqual(await traces(), before);
    });

    it("are told by --dry-run of files here, with what the program has no job for", async () => {
        const before = await traces();
        for (const [options, told] of [
            [["--name", "other"], /has nothing for --name other/],
            [["--jobs", "2"], /--jobs or --parallel, which only a TuningJob has/],
            [["--hours", "200"], /--hours is 200; it must be a number from 0\.05 to 120/],
            [["--artifacts", `s3://${shared}/team*/`], /--artifacts is ".*team\*\/"; it must be an S3 address such as/],
        ] as const) {
            const args = ["train", "--dry-run", "--data", data(), ...options];
            const { code, stderr } = await sortline(args, { home: local.home });
            assert.equal(code, 2);
            assert.match(stderr, told);
        }
        const { read } = await train("--dry-run", "--data", data(), "--name", "training", "--hours", "2");
        assert.deepEqual(read, { train: 60, test: 0 });
        assert.deepEqual(await traces(), before);
    });

    it("lie where the program says, encrypted with the jobs' key: the data set, the model and its evaluation", async () => {
        const output = path.join(folder, "output");
        const { job, model, evaluation, version } = await train("--data", data(), "--output", output);
        assert.equal(version, 1);
        assert.ok(String(model).startsWith(`${place}jobs/${job}/`), String(model));
        assert.ok(String(evaluation).startsWith(`${place}jobs/${job}-eval/`), String(evaluation));
        const address = await trainChannel(job);
        assert.match(address, new RegExp(`^${place}datasets/[0-9a-f]+/train/$`));
        assert.deepEqual(fs.readdirSync(output).sort(), ["evaluation.html", "evaluation.json", "model.tar.gz"]);
        const made = (await keys(shared)).filter((key) => !key.startsWith("raw/"));
        assert.equal(made.filter((key) => key.startsWith("datasets/mail/datasets/")).length, 3);
        for (const Key of made) {
            const { SSEKMSKeyId } = await connection.clients.s3.send(new HeadObjectCommand({ Bucket: shared, Key }));
            assert.equal(SSEKMSKeyId, local.deployed.outputs.keyArn, Key);
        }
        assert.deepEqual(await misplaced(), []);
    });

    it("are told by --dry-run of such a data set, which is not copied to where jobs would read it", async () => {
        const before = await traces();
        const [manifest = ""] = before.shared.filter((key) => key.endsWith("/dataset.json"));
        const { sources } = await train("--dry-run", "--data", `s3://${shared}/${path.dirname(manifest)}`);
        assert.deepEqual(sources, [{ name: path.join(folder, "labels.csv") }]);
        assert.deepEqual(await traces(), before);
    });

    it("are those of the model in service that a new one is judged beside, listed and compared", async () => {
        const [first] = jsonLines(await command("models", "--json"));
        const digest = /\/([0-9a-f]{16})\/train\/$/.exec(await trainChannel(first?.job))?.[1];
        local.twin.stack.setConfig("elsewhere:champion", {
            package: String(first?.arn),
            artefact: String(first?.artefact),
        });
        await local.up();
        const { job, version } = await train("--data", `${place}datasets/${digest}/`);
        assert.equal(await trainChannel(job), await trainChannel(first?.job), "what the jobs may read is not copied");
        const { paired, sameTestSet } = JSON.parse(await command("compare", "1", String(version), "--json"));
        assert.deepEqual([paired.accuracy, sameTestSet], [0, true]);
        await command("approve", String(version), "--reason", "as good");
        assert.deepEqual(await misplaced(), []);
    });

    it("lie in a folder of that place for a run with --artifacts, and nowhere else", async () => {
        const trial = `${place}trial`;
        const { job, model, evaluation } = await train("--data", data(), "--artifacts", trial);
        assert.ok(String(model).startsWith(`${trial}/jobs/${job}/`), String(model));
        assert.ok(String(evaluation).startsWith(`${trial}/jobs/${job}-eval/`), String(evaluation));
        assert.match(await trainChannel(job), new RegExp(`^${trial}/datasets/[0-9a-f]+/train/$`));
        const before = await traces();
        for (const [other, told] of [
            [`s3://${shared}/`, `it must be ${place} or a folder below it`],
            [`${withoutSlash()}er/`, "set the option artifacts of that TrainingJob in the program"],
            [`s3://${artifacts}/`, `what the jobs of "training" may use`],
            [`${place}datasets/more/`, "among the data sets, where no job may write"],
        ] as const) {
            const args = ["train", "--data", data(), "--artifacts", other];
            const { code, stderr } = await sortline(args, { home: local.home });
            assert.equal(code, 2, stderr);
            assert.ok(stderr.includes(told), `${told} in ${stderr}`);
        }
        assert.deepEqual(await traces(), before);
    });

    it("lie there too for a run that a handler starts, which takes the latest data set from there", async () => {
        const latest = await train("--data", data());
        await local.put("ticks", { id: "1" });
        const answers = async () => (await local.records("answers")) as { started: boolean; job: string }[];
        const { started, job } = await until("the answer", async () => (await answers())[0]);
        assert.equal(started, true);
        assert.equal(await trainChannel(job), await trainChannel(latest.job));
        const models = async () => jsonLines(await command("models", "--json"));
        const model = await until("its model", async () => (await models()).find((each) => each.job === job), {
            seconds: 120,
        });
        assert.ok(String(model.artefact).startsWith(`${place}jobs/${job}/`), String(model.artefact));
        assert.deepEqual(await misplaced(), []);
    });

    it("are not given to a run of a handler's that may no longer read them, which starts nothing", async () => {
        local.twin.stack.setConfig("elsewhere:folder", "datasets/letters");
        await local.up();
        const { jobs } = await traces();
        const [outcome] = await local.invoke("retrain", [{ id: "2" }]);
        assert.equal(outcome?.kind, "failed");
        assert.deepEqual((await traces()).jobs, jobs);
    });

    it("are copied to where the jobs may read them, with their key", async () => {
        const [manifest = ""] = (await keys(shared)).filter((key) =>
            /^datasets\/mail\/datasets\/.*dataset\.json$/.test(key),
        );
        const { job } = await train("--data", `s3://${shared}/${path.dirname(manifest)}/`);
        const copied = `s3://${shared}/datasets/letters/datasets/`;
        assert.ok((await trainChannel(job)).startsWith(copied), await trainChannel(job));
        const [Key = ""] = (await keys(shared)).filter((key) => key.startsWith("datasets/letters/datasets/"));
        const { SSEKMSKeyId } = await connection.clients.s3.send(new HeadObjectCommand({ Bucket: shared, Key }));
        assert.equal(SSEKMSKeyId, local.deployed.outputs.keyArn);
    });

    it("are refused by the deployment where the component's own bucket would delete them", async () => {
        local.twin.stack.setConfig("elsewhere:bucket", artifacts);
        for (const [folder, days] of [
            ["checkpoints/trial", 30],
            ["aws/lambda/async", 90],
        ] as const) {
            local.twin.stack.setConfig("elsewhere:folder", folder);
            await assert.rejects(
                local.up(),
                new RegExp(
                    `artifacts is s3://${artifacts}/${folder}/; all below .* is deleted after ${days} days\\. Give`,
                ),
            );
        }
    });
});
