import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import type { WatchEvent } from "../../local/watch";
import { type Local, startLocal } from "../../testing";
import { launch, root, temporaryFolder } from "./command";

const program = `import { EventStream } from "sortline";
import { z } from "zod";
import { greet } from "./greet";

const Text = z.object({ id: z.string(), text: z.string() });
const texts = new EventStream("texts", { schema: Text });
const answers = new EventStream("answers", { schema: Text });
const shown = new EventStream("shown", { schema: Text });

texts.stage("answer", { into: answers }, async ({ id, text }) => ({ id, text: greet(text) }));
answers.stage("show", { into: shown }, async (answer) => answer);

export const streams = { texts: texts.streamName, shown: shown.streamName };
`;
const greeting = (word: string) => `export const greet = (text: string) => \`${word} \${text}\`;\n`;

/** A project in a folder of its own, which finds this package and what it needs. */
function writeProject(folder: string): void {
    // Installed, not linked: a change in the repository is none of the project.
    const installed = path.join(folder, "node_modules", "sortline");
    fs.mkdirSync(installed, { recursive: true });
    for (const name of ["package.json", "dist", "components", "functions", "local", "node_modules", "training"]) {
        fs.symlinkSync(path.join(root, name), path.join(installed, name));
    }
    fs.symlinkSync(path.join(root, "node_modules", "zod"), path.join(folder, "node_modules", "zod"));
    fs.writeFileSync(path.join(folder, "Pulumi.yaml"), "name: watched\nruntime: nodejs\nmain: index.ts\n");
    fs.writeFileSync(path.join(folder, "index.ts"), program);
    fs.writeFileSync(path.join(folder, "greet.ts"), greeting("old"));
}

describe("a program that is watched", function () {
    this.timeout(240_000);
    const { folder, remove } = temporaryFolder();
    const events: WatchEvent[] = [];
    let local: Local;
    let kinesis: KinesisClient;
    let streams: { texts: string; shown: string };

    const file = (name: string) => path.join(folder, name);
    const put = (id: string) =>
        kinesis.send(
            new PutRecordCommand({
                StreamName: streams.texts,
                PartitionKey: "all",
                Data: Buffer.from(
                    JSON.stringify({ specversion: "1.0", id, source: "test", type: "text", data: { id, text: id } }),
                ),
            }),
        );
    /** The texts in the last stream, in their order. */
    async function shown(): Promise<string[]> {
        const start = { StreamName: streams.shown, ShardId: "shardId-000000000000" };
        const { ShardIterator } = await kinesis.send(
            new GetShardIteratorCommand({ ...start, ShardIteratorType: "TRIM_HORIZON" }),
        );
        const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
        return Records.map(({ Data }) => JSON.parse(Buffer.from(Data ?? []).toString()).data.text as string);
    }
    async function eventually(what: () => boolean | Promise<boolean>): Promise<void> {
        while (!(await what())) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const handled = (count: number) => eventually(async () => (await shown()).length >= count);
    const settled = () => local.watch?.settled() ?? assert.fail("There is no watch.");
    /** Saves, and resolves when the deployment of that has ended. */
    async function saved(name: string, content: string): Promise<readonly WatchEvent[]> {
        const from = events.length;
        fs.writeFileSync(file(name), content);
        await eventually(() => events.slice(from).some(({ kind }) => kind === "deployed" || kind === "failed"));
        await settled();
        return events.slice(from).filter(({ kind }) => kind !== "deployment");
    }
    function processesOf(stage: string): number[] {
        const { resources } = local.twin.stack.export();
        const found = resources.find(({ name }) => name === `${stage}-function`);
        return local.twin.services.lambda.processes(String(found?.id));
    }

    before(async () => {
        writeProject(folder);
        // A machine that is busy with other tests must not make the twin lose its patience.
        const watch = { patience: 120_000, onEvent: (event: WatchEvent) => void events.push(event) };
        local = await startLocal({ project: folder, watch });
        kinesis = new KinesisClient(local.client);
        streams = local.deployed.outputs.streams as typeof streams;
    });
    after(async () => {
        kinesis?.destroy();
        await local?.close();
        remove();
    });

    it("runs the new code for the next record after a save, each record once, and keeps the other functions' processes", async () => {
        await put("first");
        await handled(1);
        const before = processesOf("show");
        assert.equal(before.length, 1);
        const ids: string[] = [];
        const send = async () => {
            const id = `r${ids.length}`;
            ids.push(id);
            await put(id);
        };
        for (let index = 0; index < 10; index++) await send();
        fs.writeFileSync(file("greet.ts"), greeting("new"));
        const lastBefore = ids.length - 1;
        while (!events.some(({ kind }) => kind === "deployed")) await send();
        for (let index = 0; index < 5; index++) await send();
        await handled(ids.length + 1);
        const texts = await shown();
        assert.deepEqual(
            texts.map((text) => text.split(" ")[1]),
            ["first", ...ids],
        );
        for (const [index, id] of ids.entries()) {
            if (index > lastBefore) assert.ok(texts.includes(`new ${id}`), `${id} met the old code`);
        }
        assert.equal(texts[0], "old first");
        assert.deepEqual(processesOf("show"), before);
        const deployed = events.find((event) => event.kind === "deployed");
        assert.deepEqual(deployed?.kind === "deployed" && deployed.functions, ["answer"]);
        assert.deepEqual(
            events.find(({ kind }) => kind === "saved"),
            { kind: "saved", files: ["greet.ts"] },
        );
    });

    it("goes on with the code from before where the program fails, until the next save", async () => {
        const failed = await saved("greet.ts", "export const greet = (text: string) => `broken ${text");
        assert.deepEqual(
            failed.map(({ kind }) => kind),
            ["saved", "failed"],
        );
        const [, failure] = failed;
        assert.match(failure?.kind === "failed" ? failure.message : "", /greet\.ts/);
        const count = (await shown()).length;
        await put("meanwhile");
        await handled(count + 1);
        assert.equal((await shown()).at(-1), "new meanwhile");
        const mended = await saved("greet.ts", greeting("mended"));
        assert.deepEqual(
            mended.map(({ kind }) => kind),
            ["saved", "deployed"],
        );
        await put("after");
        await handled(count + 2);
        assert.equal((await shown()).at(-1), "mended after");
    });

    it("deploys several saves in a row once, and one that changes nothing not at all", async () => {
        const from = events.length;
        for (const word of ["one", "two", "three"]) {
            fs.writeFileSync(file("greet.new"), greeting(word));
            fs.renameSync(file("greet.new"), file("greet.ts"));
        }
        await eventually(() => events.slice(from).some(({ kind }) => kind === "deployed"));
        await settled();
        fs.writeFileSync(file("greet.ts"), greeting("three"));
        await put("again");
        const count = (await shown()).length;
        await eventually(async () => (await shown()).some((text) => text === "three again"));
        await settled();
        assert.ok((await shown()).length >= count);
        assert.deepEqual(
            events.slice(from).flatMap(({ kind }) => (kind === "deployment" ? [] : [kind])),
            ["saved", "deployed"],
        );
    });

    it("deploys what is saved while it deploys", async () => {
        const from = events.length;
        fs.writeFileSync(file("greet.ts"), greeting("soon"));
        await eventually(() => events.slice(from).some(({ kind }) => kind === "saved"));
        fs.writeFileSync(file("greet.ts"), greeting("last"));
        await put("final");
        await eventually(async () => (await shown()).some((text) => text.endsWith(" final")));
        assert.equal((await shown()).at(-1), "last final");
        await settled();
    });

    for (const [what, endless] of Object.entries({
        "that loops": "for (;;);",
        "with an open timer": "setInterval(() => {}, 1000);",
    })) {
        it(`ends a program ${what} when the next one is saved, and runs that`, async () => {
            const from = events.length;
            const since = () => events.slice(from).flatMap(({ kind }) => (kind === "deployment" ? [] : [kind]));
            fs.writeFileSync(file("greet.ts"), `${endless}\n${greeting("endless")}`);
            await eventually(() => since().length > 0);
            fs.writeFileSync(file("greet.ts"), greeting(what));
            await eventually(() => since().includes("deployed"));
            await settled();
            assert.deepEqual(since(), ["saved", "superseded", "saved", "deployed"]);
            await put("next");
            await eventually(async () => (await shown()).at(-1) === `${what} next`);
        });
    }

    it("takes up a file that comes later, and tells what it deploys besides code", async () => {
        fs.mkdirSync(file("lib"));
        fs.writeFileSync(file("lib/words.ts"), "export const word = 'later';\n");
        await saved(
            "greet.ts",
            'import { word } from "./lib/words";\nexport const greet = (text: string) => [word, text].join(" ");\n',
        );
        const changed = await saved("lib/words.ts", "export const word = 'latest';\n");
        assert.deepEqual(changed[0], { kind: "saved", files: ["lib/words.ts"] });
        await put("word");
        await eventually(async () => (await shown()).at(-1) === "latest word");
    });
});

describe("`sortline start --watch`", function () {
    this.timeout(240_000);
    const { folder, remove } = temporaryFolder();
    after(remove);

    it("begins with a program that does not run yet, and says what each save has changed", async () => {
        writeProject(folder);
        fs.writeFileSync(path.join(folder, "greet.ts"), "export const greet = ;\n");
        const child = launch(["start", "--watch", "--pace", "aws"], {
            home: path.join(folder, ".sortline"),
            cwd: folder,
        });
        let output = "";
        const look = (piece: Buffer) => {
            output += piece.toString("utf8");
        };
        child.stdout?.on("data", look);
        child.stderr?.on("data", look);
        const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
        const says = async (pattern: RegExp) => {
            while (!pattern.test(output)) {
                assert.equal(child.exitCode, null, output);
                await new Promise((resolve) => setTimeout(resolve, 20));
            }
        };
        try {
            await says(/It stays up/);
            assert.match(output, /It keeps AWS's intervals and quotas\./);
            assert.match(output, /greet\.ts/);
            fs.writeFileSync(path.join(folder, "greet.ts"), greeting("old"));
            await says(/Saved greet\.ts\n(.*\n)*.*answer: new code, \d+\.\d s\n {2}show: new code, \d+\.\d s\n/);
            output = "";
            fs.writeFileSync(path.join(folder, "greet.ts"), greeting("new"));
            await says(/Saved greet\.ts\n(.*\n)*.*answer: new code, \d+\.\d s\n/);
            assert.doesNotMatch(output, /show: new code/);
        } finally {
            child.kill("SIGINT");
        }
        assert.equal(await ended, 0);
    });
});
