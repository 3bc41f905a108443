import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { GetRecordsCommand, GetShardIteratorCommand, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { connectTo, type TwinConnection } from "../../automation/connection";
import { comparePermissions } from "../../automation/permissions";
import { until } from "../../automation/until";
import type { EngineEvent } from "../../local/pulumi";
import { type Local, startLocal } from "../../testing";

const first = "correct horse battery";
const second = "staple of another kind";
const salted = (text: string) => createHash("sha256").update(`salt ${text}`).digest("hex");

/** The files below a folder that hold a text. */
function filesWith(text: string, folder: string): string[] {
    const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries
        .filter((each) => each.isFile())
        .map((each) => path.join(each.parentPath, each.name))
        .filter((file) => fs.readFileSync(file).includes(text));
}

describe("outputs that stages read", function () {
    this.timeout(180_000);
    const events: EngineEvent[] = [];
    let local: Local;
    let connection: TwinConnection;
    let outputs: { questionStream: string; answerStream: string; archiveBucket: string };
    before(async () => {
        local = await startLocal({
            project: path.join(__dirname, "..", "fixtures", "programs", "outputs"),
            config: { "outputs:password": first, "outputs:size": 100 },
            onEvent: (event) => void events.push(event),
        });
        connection = connectTo(local.twin.file);
        outputs = local.deployed.outputs as unknown as typeof outputs;
    });
    after(async () => {
        connection?.close();
        await local?.close();
    });

    /** Asks all stages and returns what each answered. */
    async function ask(id: string): Promise<Record<string, string>> {
        const { kinesis } = connection.clients;
        const Data = Buffer.from(
            JSON.stringify({ specversion: "1.0", id, source: "/test", type: "questions", data: { id } }),
        );
        await kinesis.send(new PutRecordCommand({ StreamName: outputs.questionStream, PartitionKey: id, Data }));
        return until(
            `the answers to ${id}`,
            async () => {
                const { ShardIterator } = await kinesis.send(
                    new GetShardIteratorCommand({
                        StreamName: outputs.answerStream,
                        ShardId: "shardId-000000000000",
                        ShardIteratorType: "TRIM_HORIZON",
                    }),
                );
                const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
                const answers = Records.map(
                    (each) =>
                        (JSON.parse(Buffer.from(each.Data ?? []).toString()) as { data: Record<string, string> }).data,
                ).filter((answer) => answer.id === id);
                if (answers.length < 4) return undefined;
                return Object.fromEntries(answers.map(({ stage = "", answer = "" }) => [stage, answer]));
            },
            { seconds: 60 },
        );
    }

    const parameters = async () =>
        (await connection.exportStack()).resources
            .filter(({ type }) => type === "aws:ssm/parameter:Parameter")
            .map(({ name }) => name)
            .sort();

    it("are right in each handler, from the environment and from an encrypted parameter", async () => {
        assert.deepEqual(await parameters(), ["large-secrets", "secret-secrets"]);
        const answers = await ask("q1");
        assert.equal(answers.plain, outputs.archiveBucket);
        assert.equal(answers.secret, salted(first));
        assert.equal(answers.large, `100 ${outputs.archiveBucket} ${salted(first)}`);
    });

    it("that are secret reach running functions when they change, and stand nowhere in clear", async () => {
        local.twin.stack.setConfig("outputs:password", second);
        await local.twin.stack.up((event) => void events.push(event));
        const answers = await ask("q2");
        assert.equal(answers.secret, salted(second));
        for (const secret of [first, second]) {
            const files = filesWith(secret, local.home).map((file) => path.relative(local.home, file));
            // The person's own setting, which is not declared secret, is where the person put it.
            assert.deepEqual(
                files.filter((file) => !/config/.test(file)),
                [],
            );
            assert.ok(!JSON.stringify(events).includes(secret));
        }
    });

    it("move to a parameter when they no longer fit, and back, without another artefact", async () => {
        const codeOf = async () =>
            (await connection.exportStack()).resources.find(({ name }) => name === "large-function")?.outputs
                .codeSha256;
        const before = await codeOf();
        local.twin.stack.setConfig("outputs:size", 4000);
        await local.twin.stack.up(() => {});
        assert.deepEqual(await parameters(), ["large-outputs", "large-secrets", "secret-secrets"]);
        assert.equal((await ask("q3")).large, `4000 ${outputs.archiveBucket} ${salted(second)}`);
        assert.equal(await codeOf(), before);
        local.twin.stack.setConfig("outputs:size", 50);
        await local.twin.stack.up(() => {});
        assert.deepEqual(await parameters(), ["large-secrets", "secret-secrets"]);
        assert.equal((await ask("q4")).large, `50 ${outputs.archiveBucket} ${salted(second)}`);
    });

    it("are refused when not even a parameter holds them, with the sizes and without the values", async () => {
        local.twin.stack.setConfig("outputs:size", 9000);
        await assert.rejects(
            local.twin.stack.up(() => {}),
            /"large" reads outputs of \d+ bytes together, and at most 8192 fit into a parameter \(the largest: OUTPUT_LARGE 9000, /,
        );
        local.twin.stack.setConfig("outputs:size", 50);
        await local.twin.stack.up(() => {});
    });

    it("warn where nothing is allowed on what they belong to, and what was used and denied is told", async () => {
        const warned = events.map((event) => JSON.stringify(event)).filter((event) => event.includes("it reads"));
        const ofStore = warned.filter((event) => event.includes('stage \\"store\\"'));
        assert.ok(ofStore.length >= 1);
        for (const event of ofStore)
            assert.match(event, /"locked\.bucket\\" of aws:s3\/bucket:Bucket, on which it is allowed/);
        assert.equal((await ask("q5")).store, "AccessDenied");
        const compared = comparePermissions(await connection.exportStack(), await connection.usedPermissions());
        const store = compared.filter(({ stage, action }) => stage === "store" && action === "s3:PutObject");
        const [kept] = store.filter(({ resource }) => resource.endsWith("/letters/*"));
        assert.ok(kept?.granted && kept.allowed >= 5 && kept.denied === 0, JSON.stringify(kept));
        assert.match(kept.at.join(), /^index\.ts:\d+:\d+$/);
        const [never] = store.filter(({ granted }) => !granted);
        assert.ok(never !== undefined && never.denied >= 5 && never.allowed === 0, JSON.stringify(store));
        const reads = compared.filter(({ stage, action }) => stage === "secret" && action === "ssm:GetParameters");
        assert.ok((reads[0]?.allowed ?? 0) >= 1);
    });
});
