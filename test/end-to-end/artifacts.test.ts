import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { PutObjectCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { DescribeTrainingJobCommand, ListTrainingJobsCommand } from "@aws-sdk/client-sagemaker";
import { type Connection, connectTo } from "../../automation/connection";
import { type Local, startLocal } from "../../testing";
import { labelled } from "../automation/labelled";
import { jsonLines, root, sortline, temporaryFolder } from "./command";

describe("data sets and models in a bucket of one's own", function () {
    // The first training on a machine makes the Python environment.
    this.timeout(300_000);
    const { folder, remove } = temporaryFolder();
    let local: Local;
    let connection: Connection;
    let shared: string;
    let artifacts: string;

    before(async () => {
        local = await startLocal({ project: path.join(root, "test", "fixtures", "programs", "elsewhere") });
        connection = connectTo(local.twin.file);
        shared = String(local.deployed.outputs.sharedBucket);
        artifacts = String(local.deployed.outputs.artifacts);
    });
    after(async () => {
        connection?.close();
        await local?.close();
        remove();
    });

    const train = async (...args: string[]) => {
        const { code, stdout, stderr } = await sortline(["train", "--json", ...args], { home: local.home });
        assert.equal(code, 0, stderr);
        return jsonLines(stdout)[0] ?? assert.fail("no JSON");
    };
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

    it("lie where --artifacts says: the data set, the model and its evaluation", async () => {
        const earlier = await keys(artifacts);
        const place = `s3://${shared}/team`;
        const { job, model, evaluation, version } = await train("--data", data(), "--artifacts", place);
        assert.equal(version, 1);
        assert.ok(String(model).startsWith(`${place}/jobs/${job}/`), String(model));
        assert.ok(String(evaluation).startsWith(`${place}/jobs/${job}-eval/`), String(evaluation));
        const { InputDataConfig = [] } = await connection.clients.sagemaker.send(
            new DescribeTrainingJobCommand({ TrainingJobName: String(job) }),
        );
        const address = InputDataConfig[0]?.DataSource?.S3DataSource?.S3Uri ?? "";
        assert.match(address, new RegExp(`^${place}/datasets/[0-9a-f]+/train/$`));
        const left = (await keys(artifacts)).filter((key) => !earlier.includes(key));
        assert.deepEqual(
            left.filter((key) => /^(datasets\/(?!latest)|jobs\/)/.test(key)),
            [],
        );
    });

    it("are told by --dry-run of such a data set, which is not copied to where jobs would read it", async () => {
        const before = await traces();
        const [manifest = ""] = before.shared.filter((key) => key.endsWith("/dataset.json"));
        const { sources } = await train("--dry-run", "--data", `s3://${shared}/${path.dirname(manifest)}`);
        assert.deepEqual(sources, [{ name: path.join(folder, "labels.csv") }]);
        assert.deepEqual(await traces(), before);
    });
});
