import assert from "node:assert/strict";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { CreateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { connectTo, type TwinConnection } from "../../automation/connection";
import { componentsOf, onlyComponent, outputOf } from "../../automation/deployment";
import { CommandError } from "../../automation/exit";
import { readMails, sendMails } from "../../automation/mails";
import { pinKey } from "../../automation/registry/pin";
import { promote } from "../../automation/registry/promotion";
import { servedModel } from "../../automation/registry/served-model";
import { replay as replayRecords } from "../../automation/replay";
import { ResultsReader } from "../../automation/results";
import { sampleMails } from "../../automation/samples";
import { stageNamed } from "../../automation/stages";
import { until } from "../../automation/until";
import { type Local, startLocal } from "../../testing";
import { archive, fixture, image } from "../local/aws/sagemaker-under-test";
import { jsonLines, root, sortline } from "./command";

interface Sorted {
    readonly id: string;
    readonly model: string | null;
}

describe("a replay with a model of one's choice, of the reference program", function () {
    // The first model server on a machine makes the Python environment.
    this.timeout(300_000);
    let local: Local;
    let connection: TwinConnection;
    let sqs: SQSClient;
    /** What the mails came to before any replay. */
    let first: readonly Sorted[];
    let decided: unknown;
    const began = new Date().toISOString();

    before(async () => {
        local = await startLocal({ project: root });
        connection = connectTo(local.twin.file);
        sqs = new SQSClient(local.client);
        for (const model of ["first", "second"]) await register(model);
    });
    after(async () => {
        sqs?.destroy();
        connection?.close();
        await local?.close();
    });

    async function register(model: string): Promise<void> {
        const stack = await connection.exportStack();
        const bucket = outputOf(onlyComponent(stack, "TrainingJob"), "artifactBucket");
        const Key = `${model}/output/model.tar.gz`;
        const Body = await archive({ "answer.txt": model, "code/inference.py": fixture("classifier.py") });
        await connection.clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
        const container = {
            Image: image,
            ModelDataUrl: `s3://${bucket}/${Key}`,
            Environment: {
                SAGEMAKER_PROGRAM: "inference.py",
                SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code",
            },
        };
        await connection.clients.sagemaker.send(
            new CreateModelPackageCommand({
                ModelPackageGroupName: outputOf(onlyComponent(stack, "ModelRegistry"), "modelPackageGroupName"),
                ModelApprovalStatus: "PendingManualApproval",
                CustomerMetadataProperties: { trainingJob: model },
                InferenceSpecification: {
                    Containers: [container],
                    SupportedContentTypes: ["application/json"],
                    SupportedResponseMIMETypes: ["application/json"],
                },
            }),
        );
    }

    const sorted = async () => (await local.records("sorted")) as Sorted[];

    /** What the sinks have: a row a mail, and how many there are in each queue. */
    async function decisions(): Promise<unknown> {
        const queues = componentsOf(await connection.exportStack(), "WorkQueue").map(async (queue) => {
            const { Attributes } = await sqs.send(
                new GetQueueAttributesCommand({
                    QueueUrl: outputOf(queue, "queueUrl"),
                    AttributeNames: ["ApproximateNumberOfMessages"],
                }),
            );
            return [queue.name, Attributes?.ApproximateNumberOfMessages];
        });
        return { rows: await new ResultsReader(connection).read(), queues: await Promise.all(queues) };
    }

    const replay = (...args: string[]) =>
        sortline(["replay", "messages", "classify", "--from", began, ...args], { home: local.home });
    const idsByModel = (records: readonly Sorted[]) =>
        records.filter(({ model }) => model !== null).map(({ id }) => id);

    it("gives nothing to the stage while none is in service, and says how to promote it", async () => {
        const { code, stderr } = await replay("--model", "1");
        assert.equal(code, 2);
        assert.match(stderr, /^No model is in service that the stage "classify" could ask\. Promote it first: npx /);
        await promote(connection, "1", () => undefined);
        await sendMails(connection, readMails([sampleMails()]));
        await local.settle();
        first = await sorted();
        decided = await decisions();
    });

    it("gives nothing to the stage while another one is in service, and says how to promote it", async () => {
        assert.ok(idsByModel(first).length > 5);
        assert.deepEqual(new Set(first.map(({ model }) => model)), new Set(["first", null]));
        for (const args of [
            ["--model", "2"],
            ["--model", "second", "--dry-run"],
        ]) {
            const { code, stdout, stderr } = await replay(...args);
            assert.equal(code, 2, stdout);
            assert.match(
                stderr,
                /^The endpoint \S+, which the stage "classify" asks, serves model 1 \(first\), not model 2\. Promote it first: npx sortline promote 2\n$/,
            );
        }
        const unknown = await replay("--model", "7");
        assert.equal(unknown.code, 2);
        assert.match(unknown.stderr, /There is no model "7"\. Registered: 2 \(second\), 1 \(first\)/);
        const asksNone = await sortline(["replay", "mail", "parse", "--from", began, "--model", "1"], {
            home: local.home,
        });
        assert.equal(asksNone.code, 2);
        assert.match(asksNone.stderr, /^The stage "parse" asks no model endpoint: leave --model out\.\n$/);
        assert.deepEqual(await sorted(), first);
    });

    it("waits for its promotion, and then has all records decided by it, with the ids that they had", async () => {
        const promoting = promote(connection, "2", () => undefined);
        await until("the pin", async () => {
            const pin = (await connection.config())[pinKey] as { package?: string } | undefined;
            return pin?.package?.endsWith("/2") === true ? true : undefined;
        });
        const { code, stdout, stderr } = await replay("--model", "2", "--json");
        assert.equal(code, 0, stderr);
        const counts = jsonLines(stdout).at(-1);
        assert.deepEqual([counts?.model, counts?.done], [2, first.length]);
        await promoting;
        await local.settle();
        const again = (await sorted()).slice(first.length);
        assert.deepEqual(again.map(({ id }) => id).sort(), first.map(({ id }) => id).sort());
        assert.deepEqual(idsByModel(again).sort(), idsByModel(first).sort());
        assert.deepEqual(new Set(again.map(({ model }) => model)), new Set(["second", null]));
    });

    it("leaves no mail twice behind the sinks, which know it by its id", async () => {
        assert.deepEqual(await decisions(), decided);
    });

    it("ends when another one comes into service meanwhile, before the next call", async () => {
        const stage = stageNamed(await connection.exportStack(), "classify");
        const { model, stillServed } = await servedModel(connection, stage, "second", () => undefined);
        assert.equal(model.version, 2);
        let asked = 0;
        const replayed: unknown[] = [];
        const replaying = replayRecords(connection, stage, {
            from: new Date(began),
            to: new Date(),
            replayed: (record) => replayed.push(record),
            mayGoOn: async () => {
                if (asked++ === 1) await promote(connection, "1", () => undefined);
                await stillServed();
            },
        });
        await assert.rejects(replaying, (error: unknown) => {
            assert.ok(error instanceof CommandError);
            assert.equal(error.exitCode, 4);
            assert.match(error.message, /was given another model during the replay.*npx sortline promote 2/);
            return true;
        });
        assert.equal(asked, 2);
        assert.notEqual(replayed.length, 0);
    });
});
