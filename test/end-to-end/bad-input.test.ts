import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { sortline, temporaryFolder } from "./command";

describe("the command, given what it cannot use", () => {
    const { folder, remove } = temporaryFolder();
    const home = path.join(folder, "home");
    after(remove);
    const file = (name: string, content: string) => {
        fs.writeFileSync(path.join(folder, name), content);
        return path.join(folder, name);
    };

    for (const command of [
        ["status"],
        ["results"],
        ["models"],
        ["up"],
        ["promote"],
        ["approve", "1"],
        ["logs"],
        ["send", "."],
    ]) {
        it(`ends with 3 and the command to type where no twin runs: ${command[0]}`, async () => {
            const { code, stderr } = await sortline(command, { home });
            assert.equal(code, 3);
            assert.match(stderr, /No twin is running in .*\nStart one with: npx sortline start/);
        });
    }

    it("recognises the file of a twin that was killed", async () => {
        fs.mkdirSync(home, { recursive: true });
        const stale = { address: "http://127.0.0.1:1", pid: process.pid, token: "x", project: folder, startedAt: "" };
        fs.writeFileSync(path.join(home, "twin.json"), JSON.stringify(stale));
        assert.equal((await sortline(["status"], { home })).code, 3);
    });

    it("ends with 2 for unknown commands and options", async () => {
        assert.equal((await sortline(["sort"], { home })).code, 2);
        assert.equal((await sortline(["status", "--nonsense"], { home })).code, 2);
        assert.equal((await sortline(["start", "--port", "0"], { home })).code, 2);
        assert.equal((await sortline(["start", "--once", "--watch"], { home })).code, 2);
        const pace = await sortline(["start", "--pace", "slow"], { home });
        assert.equal(pace.code, 2);
        assert.match(pace.stderr, /Allowed choices are fast, aws\./);
        assert.equal((await sortline(["train"], { home })).code, 2);
    });

    it("ends with 2 and all that is wrong with a fault plan, before anything is deployed", async () => {
        const rule = { service: "kinesis", operation: "PutRecrods", fault: "throttle", rate: 2 };
        const plan = file("faults.json", JSON.stringify({ seed: 7, rules: [rule] }));
        const { code, stdout, stderr } = await sortline(["start", "--once", "--faults", plan], {
            home: path.join(folder, "faulty"),
        });
        assert.equal(code, 2);
        assert.match(stderr, /rules\[0\]\.rate is 2; it must be a number above 0, at most 1\./);
        assert.match(stderr, /rules\[0\]\.operation is "PutRecrods"; it must be one of .*PutRecords/);
        assert.equal(stdout, "");
        const missing = await sortline(["start", "--faults", path.join(folder, "none.json")], { home });
        assert.equal(missing.code, 2);
        assert.match(missing.stderr, /The fault plan .*none\.json cannot be read/);
        assert.equal((await sortline(["faults", file("odd.json", "{"), "--off"], { home })).code, 2);
        assert.equal((await sortline(["faults", file("odd.json", "{")], { home })).code, 2);
    });

    it("ends with 0 for help", async () => {
        const { code, stdout } = await sortline(["--help"], { home });
        assert.equal(code, 0);
        assert.match(stdout, /start.*\n(.*\n)*.*reset/);
    });

    it("ends with 2 for a CSV file that cannot be read, before anything is started", async () => {
        const { code, stderr } = await sortline(["train", "--data", file("odd.csv", 'text,category\n"open,a\n')], {
            home,
        });
        assert.equal(code, 2);
        assert.match(stderr, /cannot be read as CSV/);
    });

    it("ends with 2 for a CSV file with one label", async () => {
        const { code, stderr } = await sortline(["train", "--data", file("one.csv", "text,category\nx,a\ny,a\n")], {
            home,
        });
        assert.equal(code, 2);
        assert.match(stderr, /at least two to tell apart/);
    });

    it("ends with 2 outside of a project", async () => {
        const { code, stderr } = await sortline(["start", "--once"], { home, cwd: folder });
        assert.equal(code, 2);
        assert.match(stderr, /no Pulumi\.yaml/);
    });

    it("ends with 1 without Python, saying what is needed, and keeps the mails that came before", async function () {
        this.timeout(120_000);
        const own = path.join(folder, "without-python");
        const environment = { SORTLINE_PYTHON: path.join(folder, "no-python") };
        const { code, stderr } = await sortline(["start", "--once"], { home: own, environment });
        assert.equal(code, 1, stderr);
        assert.match(
            stderr,
            /SORTLINE_PYTHON is '.*no-python', which cannot be run.*Set it to the path of a Python 3\.11 or newer/,
        );
    });

    it("deletes no folder that is not a twin's home", async () => {
        const other = path.join(folder, "other");
        fs.mkdirSync(other);
        fs.writeFileSync(path.join(other, "precious"), "");
        const { code, stderr } = await sortline(["reset"], { home: other });
        assert.equal(code, 2);
        assert.match(stderr, /left alone/);
        assert.ok(fs.existsSync(path.join(other, "precious")));
    });
});
