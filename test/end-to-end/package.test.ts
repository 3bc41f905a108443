import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { root, temporaryFolder } from "./command";

describe("the package's tarball, installed in a project", () => {
    const { folder, remove } = temporaryFolder();
    after(remove);
    const npm = (args: string[], cwd: string) =>
        execFileSync("npm", [...args, "--no-audit", "--no-fund", "--prefer-offline"], {
            cwd,
            encoding: "utf8",
            stdio: ["ignore", "pipe", "pipe"],
        });

    before(function () {
        this.timeout(300_000);
        const [packed] = JSON.parse(npm(["pack", "--json", "--silent", "--pack-destination", folder], root)) as {
            filename: string;
        }[];
        fs.writeFileSync(
            path.join(folder, "package.json"),
            JSON.stringify({ name: "team", private: true, version: "1.0.0" }),
        );
        npm(["install", path.join(folder, packed?.filename ?? "")], folder);
        const write = (name: string, content: string) => fs.writeFileSync(path.join(folder, name), content);
        write("Pulumi.yaml", "name: team\nruntime: nodejs\n");
        write(
            "index.ts",
            `import { EventStream, WorkQueue } from "sortline";
import { z } from "zod";
const Note = z.object({ id: z.string(), text: z.string() });
const notes = new EventStream("notes", { schema: Note });
const shouting = new EventStream("shouting", { schema: Note });
const queue = new WorkQueue("queue");
notes.stage("shout", { into: shouting }, async (note) => ({ ...note, text: note.text.toUpperCase() }));
shouting.stage("enqueue", {}, async (note) => queue.send(note));
export const streamName = notes.streamName;
export const queueUrl = queue.queueUrl;
`,
        );
        write(
            "run.cjs",
            `const { startLocal } = require("sortline/testing");
const { KinesisClient, PutRecordCommand } = require("@aws-sdk/client-kinesis");
const { SQSClient, ReceiveMessageCommand } = require("@aws-sdk/client-sqs");
(async () => {
    const local = await startLocal({ project: __dirname });
    try {
        const { streamName, queueUrl } = local.twin.stack.export().outputs;
        const envelope = { specversion: "1.0", id: "n1", source: "test", type: "note", data: { id: "n1", text: "hello" } };
        await new KinesisClient(local.client).send(new PutRecordCommand({ StreamName: streamName, PartitionKey: "n1", Data: Buffer.from(JSON.stringify(envelope)) }));
        const sqs = new SQSClient(local.client);
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 20 }));
        console.log(JSON.stringify(Messages.map((message) => JSON.parse(message.Body))));
    } finally {
        await local.close();
    }
    process.exit(0);
})().catch((error) => { console.error(error); process.exit(1); });
`,
        );
    });

    const run = (args: string[]) => {
        const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
        assert.equal(status, 0, stdout + stderr);
        return stdout;
    };

    it("runs a team's own program on a twin", function () {
        this.timeout(120_000);
        assert.match(run(["run.cjs"]), /"text":"HELLO"/);
    });

    it("brings the documentation that its messages name", () => {
        for (const name of ["runs", "faults", "pace", "judging"])
            assert.ok(fs.existsSync(path.join(folder, "node_modules", "sortline", "docs", `${name}.md`)), name);
    });

    it("is one module, however it is loaded", () => {
        const script = `import * as esm from "sortline"; import { createRequire } from "node:module";
const cjs = createRequire(import.meta.url)("sortline");
for (const name of Object.keys(esm)) if (name !== "default" && esm[name] !== cjs[name]) throw new Error(name);
for (const name of Object.keys(cjs)) if (!(name in esm)) throw new Error("not in the ES module: " + name);
console.log("same");`;
        assert.match(run(["--input-type=module", "-e", script]), /same/);
    });

    it("brings types that a program compiles against", function () {
        this.timeout(120_000);
        const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
        const flags = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2023"];
        run([tsc, ...flags, "index.ts"]);
    });

    it("brings the command", () => {
        assert.match(run([path.join("node_modules", "sortline", "bin", "sortline.js"), "--help"]), /promote/);
    });

    it("brings the plugin that leads the real Pulumi command to a twin", () => {
        const plugin = path.join(folder, "node_modules/sortline/local/project/plugin/pulumi-resource-aws");
        const { status, stderr } = spawnSync(plugin, ["127.0.0.1:9"], { cwd: folder, encoding: "utf8" });
        assert.equal(status, 1);
        assert.match(stderr, /^No twin is running in /);
    });

    it("holds no test, no cache and no file of a person's own machine", () => {
        const files = fs.readdirSync(path.join(folder, "node_modules", "sortline"), {
            recursive: true,
            encoding: "utf8",
        });
        const odd = files.filter((file) =>
            /\.test\.|__pycache__|\.sortline|\.state|Pulumi\.\w+\.yaml|training\/tests|node_modules/.test(file),
        );
        assert.deepEqual(odd, []);
        assert.ok(
            files.includes("samples/labels.csv") && files.includes("training/train.py"),
            "samples or training are missing",
        );
    });
});
