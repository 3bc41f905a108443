import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { paginateScan } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { CreateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { type Connection, connectTo } from "../../automation/connection";
import { pinKey } from "../../automation/pin";
import { type Local, startLocal } from "../../testing";
import type * as chaos from "../fixtures/programs/chaos";
import { archive, image } from "../local/aws/sagemaker-under-test";
import { root } from "./command";

const letters = 10_000;
const isPoison = (number: number) => number % 100 === 17;

describe("a pipeline in which everything fails now and then", function () {
    // The first model server on a machine makes the Python environment.
    this.timeout(600_000);
    const project = join(root, "test", "fixtures", "programs", "chaos");
    let local: Local<typeof chaos>;
    let connection: Connection;

    before(async () => {
        local = await startLocal<typeof chaos>({ project });
        connection = connectTo(local.twin.observer);
        await bringIntoService();
    });
    after(async () => {
        connection?.close();
        await local?.close();
    });

    async function bringIntoService(): Promise<void> {
        const { bucket, models } = local.deployed.outputs as Record<string, string>;
        const Key = "even-or-odd/output/model.tar.gz";
        const script = readFileSync(join(project, "training", "inference.py"), "utf8");
        const Body = await archive({ "code/inference.py": script });
        await connection.clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
        const ModelDataUrl = `s3://${bucket}/${Key}`;
        const { ModelPackageArn = "" } = await connection.clients.sagemaker.send(
            new CreateModelPackageCommand({
                ModelPackageGroupName: models,
                ModelApprovalStatus: "Approved",
                InferenceSpecification: {
                    Containers: [
                        {
                            Image: image,
                            ModelDataUrl,
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
        local.twin.stack.setConfig(pinKey, { package: ModelPackageArn, artefact: ModelDataUrl });
        await local.up();
    }

    /** Waits for the end, and lets the time pass that Lambda waits between its attempts. */
    async function settle(): Promise<void> {
        const passing = setInterval(() => local.clock.advance({ seconds: 5 }), 50);
        try {
            await local.settle({ seconds: 500 });
        } finally {
            clearInterval(passing);
        }
    }

    async function kept(): Promise<Map<string, string>> {
        const found = new Map<string, string>();
        const TableName = String(local.deployed.outputs.table);
        for await (const page of paginateScan({ client: connection.clients.dynamodb }, { TableName })) {
            for (const { id, label } of page.Items ?? []) found.set(id?.S ?? "", label?.S ?? "");
        }
        return found;
    }

    it("accounts for every record, gives up the poison and nothing else, and has all after the redrive", async () => {
        const all = Array.from({ length: letters }, (_, number) => {
            const text = "x".repeat(number % 7);
            return { id: `letter-${number}`, subject: isPoison(number) ? text : `re: ${text}` };
        });
        const poison = all.filter((_, number) => isPoison(number)).map(({ id }) => id);
        local.faults({
            seed: 20261126,
            rules: [
                { service: "kinesis", operation: "PutRecords", resource: "texts", fault: "throttle", records: 0.2 },
                { service: "kinesis", operation: "PutRecords", resource: "sorted", fault: "throttle", rate: 0.2 },
                { function: "*", fault: "crash", rate: 0.01 },
                { endpoint: "*", fault: "error", rate: 0.05 },
            ],
        });
        await local.put("letters", all);
        await settle();

        const injected = local.injected()?.rules.map((rule) => rule.injected) ?? [];
        assert.ok(injected.length === 4 && injected.every((count) => count > 0), `injected: ${injected.join(", ")}`);
        const failures = await local.failures("parse");
        assert.deepEqual(failures.map(({ id }) => id).sort(), [...poison].sort());
        for (const stage of ["classify", "keep"]) assert.deepEqual(await local.failures(stage), []);
        const before = await kept();
        assert.deepEqual(
            [...before.keys()].sort(),
            all
                .filter(({ id }) => !poison.includes(id))
                .map(({ id }) => id)
                .sort(),
        );

        local.twin.stack.setConfig("sortline:mended", "true");
        await local.up();
        const redriven = await local.redrive("parse");
        assert.equal(redriven.length, poison.length);
        await settle();
        assert.deepEqual(await local.failures("parse"), []);
        const after = await kept();
        assert.deepEqual(
            after,
            new Map(
                all.map(({ id, subject }) => {
                    const text = (subject.split(":")[1] ?? subject).trim();
                    return [id, text.length % 2 === 0 ? "even" : "odd"];
                }),
            ),
        );
    });
});
