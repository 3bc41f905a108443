import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { readTwinFile } from "../../local/twin-file";
import { processEnd } from "../local/aws/sagemaker-under-test";
import { jsonLines, launch, root, sortline, startSortline, temporaryFolder } from "./command";

describe("the command, when something fails under it", function () {
    this.timeout(120_000);
    const { folder, remove } = temporaryFolder();
    after(remove);
    const waiting = path.join(root, "test", "fixtures", "programs", "waiting");
    const write = (name: string, content: string) => {
        const file = path.join(folder, name);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, content);
        return file;
    };
    /** A project of one file, which imports nothing. */
    const project = (name: string, program: string) => {
        write(`${name}/Pulumi.yaml`, `name: ${name}\nruntime: nodejs\n`);
        write(`${name}/package.json`, "{}");
        return path.dirname(write(`${name}/index.ts`, program));
    };
    const home = (name: string) => path.join(folder, "homes", name);

    it("refuses a home that is a file with 2", async () => {
        const { code, stderr } = await sortline(["start", "--once"], { home: write("file", "") });
        assert.equal(code, 2);
        assert.match(stderr, /cannot be the folder of a twin's state: it is a file, or below one\. Give --home/);
    });

    it("refuses a home that holds other things with 2, and touches none of them", async () => {
        const precious = write("photos/objects/holiday.jpg", "precious");
        const { code, stderr } = await sortline(["start", "--once"], { home: path.join(folder, "photos") });
        assert.equal(code, 2);
        assert.match(stderr, /photos holds other things \(objects\), and a twin needs a folder of its own/);
        assert.deepEqual(fs.readdirSync(path.join(folder, "photos")), ["objects"]);
        assert.equal(fs.readFileSync(precious, "utf8"), "precious");
    });

    it("refuses to train with 2 where no example is left to judge the model by, before anything is started", async () => {
        // By the hash of their ids, all four are to be learnt from.
        const rows = "alpha a letter,a\nbeta an order,a\ngamma the sender,b\ndelta your reply,b\n";
        const data = write("few.csv", `text,category\n${rows}`);
        const { code, stderr } = await sortline(["train", "--data", data], { home: home("few") });
        assert.equal(code, 2);
        assert.match(stderr, /few\.csv has too few examples: none fell into the fifth .*--test FILE/);
        assert.equal(fs.existsSync(home("few")), false);
    });

    it("refuses an output folder that cannot be written with 2, before the training", async () => {
        const output = write("taken", "");
        const data = path.join(root, "samples", "labels.csv");
        const { code, stderr } = await sortline(["train", "--data", data, "--output", output], { home: home("few") });
        assert.equal(code, 2);
        assert.match(stderr, /--output .*taken cannot be written: .*Give a folder/);
    });

    it("ends with 4 for a program that throws, at its line", async () => {
        const cwd = project("throwing", "\nthrow new Error('the program is not ready');\n");
        const { code, stderr } = await sortline(["start", "--once"], { home: home("throwing"), cwd });
        assert.equal(code, 4);
        assert.match(stderr, /the program is not ready\n\s+at .*throwing\/index\.ts:2:/);
        assert.equal(fs.existsSync(path.join(home("throwing"), "twin.json")), false);
    });

    it("ends with 4 for a program that cannot be read, at its line", async () => {
        const cwd = project("unreadable", "const x = ;\n");
        const { code, stderr } = await sortline(["start", "--once"], { home: home("unreadable"), cwd });
        assert.equal(code, 4);
        assert.match(stderr, /unreadable\/index\.ts:1:10: ERROR: Unexpected ";"/);
    });

    it("ends with 4 for settings that cannot be read, and says which file to mend", async () => {
        const cwd = project("settings", "");
        write("homes/settings/config.json", '["sortline:threshold"]');
        const { code, stderr } = await sortline(["start", "--once"], { home: home("settings"), cwd });
        assert.equal(code, 4);
        assert.match(stderr, /config\.json does not hold a JSON object.*: mend it/);
    });

    for (const [how, signal, code] of [
        ["Ctrl-C", "SIGINT", 1],
        ["kill -9", "SIGKILL", null],
    ] as const) {
        it(`leaves no process behind and the home usable when ${how} ends it during a deployment`, async () => {
            const name = signal.toLowerCase();
            const cwd = project(name, "console.log('program', process.pid);\nsetInterval(() => {}, 1000);\n");
            const started = launch(["start", "--once"], { home: home(name), cwd });
            const pid = await new Promise<number>((resolve, reject) => {
                let output = "";
                started.stdout?.on("data", (piece: Buffer) => {
                    output += piece.toString("utf8");
                    const found = /program (\d+)\n/.exec(output);
                    if (found !== null) resolve(Number(found[1]));
                });
                started.once("exit", () => reject(new Error(output)));
            });
            const ended = new Promise((resolve) => started.once("close", resolve));
            started.kill(signal);
            assert.equal(await ended, code);
            await processEnd(pid);
            fs.writeFileSync(path.join(cwd, "index.ts"), "");
            const again = await sortline(["start", "--once"], { home: home(name), cwd });
            assert.equal(again.code, 0, again.stderr);
        });
    }

    describe("with a twin that runs", () => {
        let running: Awaited<ReturnType<typeof startSortline>>;
        const at = home("waiting");
        before(async () => {
            running = await startSortline({ home: at, cwd: waiting });
        });
        after(() => running.kill());

        it("keeps the home and what is in it to its owner", () => {
            assert.equal(fs.statSync(at).mode & 0o077, 0);
            assert.equal(fs.statSync(path.join(at, "twin.json")).mode & 0o077, 0);
        });

        it("refuses to delete the state under it", async () => {
            const { code, stderr } = await sortline(["reset"], { home: at });
            assert.equal(code, 1);
            assert.match(stderr, /A twin is running in .*\(process \d+\): end it with Ctrl-C there first/);
        });

        it("lets any number look at the same time", async () => {
            const looks = await Promise.all([1, 2, 3].map(() => sortline(["status", "--json"], { home: at })));
            for (const { code, stdout } of looks) {
                assert.equal(code, 0);
                assert.equal(jsonLines(stdout)[0]?.received, 30);
            }
        });

        it("ends quietly when whoever reads its output has read enough", async () => {
            const bin = path.join(root, "bin", "sortline.js");
            const reader = spawn("sh", ["-c", `"${process.execPath}" "${bin}" results --json; echo "ended $?" >&2`], {
                env: { ...process.env, NODE_OPTIONS: undefined, SORTLINE_HOME: at },
                stdio: ["ignore", "pipe", "pipe"],
            });
            reader.stdout.destroy();
            let said = "";
            for await (const piece of reader.stderr) said += String(piece);
            assert.equal(said, "ended 0\n");
        });

        it("keeps control characters of file names from the terminal", async () => {
            const mails = path.dirname(write("hostile/\u001b[31mred\u0007.eml", ""));
            const { code, stderr } = await sortline(["send", mails], { home: at });
            assert.equal(code, 2);
            assert.match(stderr, /^\?\[31mred\?\.eml was not sent: it is empty\.\n/);
        });

        it("says that nothing it needs is in the program", async () => {
            const { code, stderr } = await sortline(["models"], { home: at });
            assert.equal(code, 1);
            assert.match(
                stderr,
                /The deployed program has no ModelRegistry\. Add one to it, then run: npx sortline up/,
            );
        });

        it("ends with 4 for a deployment that fails, and the twin goes on", async () => {
            const { address, token } = readTwinFile(at) ?? assert.fail("no twin file");
            const put = (value: unknown) =>
                fetch(`${address}/_sortline/config`, {
                    method: "PUT",
                    headers: { authorization: `Bearer ${token}` },
                    body: JSON.stringify({ key: "waiting:fail", value }),
                });
            await put(true);
            const failed = await sortline(["up"], { home: at });
            assert.equal(failed.code, 4, failed.stdout);
            assert.match(failed.stderr, /told to fail/);
            await put(undefined);
            const { code, stdout } = await sortline(["up"], { home: at });
            assert.equal(code, 0);
            assert.match(stdout, /Deployed in [\d.]+ s: \d+ unchanged\./);
        });

        it("refuses settings that are none, and whoever has not the token", async () => {
            const { address, token } = readTwinFile(at) ?? assert.fail("no twin file");
            const request = (headers: Record<string, string>, body: string) =>
                fetch(`${address}/_sortline/config`, { method: "PUT", headers, body });
            for (const body of ["", "null", "{x", '{"key":"pin"}', '{"key":["a:b"]}']) {
                assert.equal((await request({ authorization: `Bearer ${token}` }, body)).status, 400, body);
            }
            for (const authorization of ["", "Bearer x", `Bearer ${"X".repeat(token.length)}`, token]) {
                const { status, headers } = await request({ authorization }, '{"key":"a:b","value":1}');
                assert.equal(status, 403);
                assert.equal(headers.get("access-control-allow-origin"), null);
            }
            assert.equal(
                fs.existsSync(path.join(at, "config.json")) &&
                    /a:b/.test(fs.readFileSync(path.join(at, "config.json"), "utf8")),
                false,
            );
        });

        it("ends with 3 and the command to type when the twin is killed under it", async () => {
            const mail = write("stays.eml", "From: a@example.com\nSubject: one\n\nhello\n");
            const sending = launch(["send", mail, "--wait"], { home: at });
            let stderr = "";
            sending.stderr?.on("data", (piece: Buffer) => {
                stderr += piece.toString("utf8");
            });
            await new Promise((resolve) => sending.stdout?.once("data", resolve));
            const ended = new Promise((resolve) => sending.once("close", resolve));
            await running.kill();
            assert.equal(await ended, 3);
            assert.match(
                stderr,
                /The twin of .* ended before this was done\..*\nStart one with: npx sortline start\n$/,
            );
        });
    });
});
