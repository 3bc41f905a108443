import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pythonEnvironment } from "../../local/python/environment";
import { findPython } from "../../local/python/interpreter";

describe("Python environments", function () {
    this.timeout(120_000);
    const variables = ["XDG_CACHE_HOME", "PATH", "SORTLINE_PYTHON", "PIP_NO_INDEX", "PIP_FIND_LINKS"] as const;
    const saved = Object.fromEntries(variables.map((name) => [name, process.env[name]]));
    let folder: string;
    let cache: string;
    let requirements: string;

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "sortline-python-"));
        cache = join(folder, "cache");
        requirements = join(folder, "requirements.txt");
        process.env.XDG_CACHE_HOME = cache;
        // What these tests install needs no index: nothing, or what cannot be found.
        process.env.PIP_NO_INDEX = "1";
        delete process.env.PIP_FIND_LINKS;
        delete process.env.SORTLINE_PYTHON;
        writeFileSync(requirements, "# nothing\n");
    });
    afterEach(() => {
        for (const name of variables) {
            if (saved[name] === undefined) delete process.env[name];
            else process.env[name] = saved[name];
        }
        rmSync(folder, { recursive: true });
    });

    const built = () => readdirSync(join(cache, "sortline", "python"));

    it("are built once, and taken from the cache from then on", async () => {
        const lines: string[] = [];
        const onProgress = (line: string) => void lines.push(line);
        const { python } = await pythonEnvironment(requirements, { onProgress });
        assert.ok(lines.length > 0);
        assert.ok(python.startsWith(cache));
        const prefix = execFileSync(python, ["-c", "import sys; print(sys.prefix != sys.base_prefix)"], {
            encoding: "utf8",
        });
        assert.equal(prefix.trim(), "True");
        execFileSync(python, ["-m", "pip", "--version"]);
        lines.length = 0;
        assert.deepEqual(await pythonEnvironment(requirements, { onProgress }), { python });
        assert.deepEqual(lines, []);
        writeFileSync(requirements, "# other requirements\n");
        assert.notDeepEqual(await pythonEnvironment(requirements), { python });
    });

    it("are one for all who ask at the same time, and what was left half built goes", async () => {
        const ended = execFileSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }).trim();
        mkdirSync(join(cache, "sortline", "python", `.building-${ended}-abc`, "bin"), { recursive: true });
        const [one, two] = await Promise.all([pythonEnvironment(requirements), pythonEnvironment(requirements)]);
        assert.deepEqual(one, two);
        assert.equal(built().length, 1);
    });

    it("say what pip said last when it fails, what to do, and leave nothing behind", async () => {
        writeFileSync(requirements, `no-such-package==1.0 --hash=sha256:${"0".repeat(64)}\n`);
        await assert.rejects(pythonEnvironment(requirements), {
            name: "PythonError",
            message:
                /requirements\.txt could not be installed.*network connection[\s\S]*No matching distribution found for no-such-package/,
        });
        assert.deepEqual(built(), []);
    });

    it("refuse a package whose content is not the one that was pinned", async () => {
        const wheel = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr("tiny.py", "")
    wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n")
    wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr("tiny-1.0.dist-info/RECORD", "")`;
        const { executable } = await findPython();
        execFileSync(executable, ["-c", wheel, join(folder, "tiny-1.0-py3-none-any.whl")]);
        process.env.PIP_FIND_LINKS = folder;
        writeFileSync(requirements, `tiny==1.0 --hash=sha256:${"0".repeat(64)}\n`);
        await assert.rejects(pythonEnvironment(requirements), { message: /DO NOT MATCH THE HASHES/ });
    });

    it("can be given up while they are built", async () => {
        const abort = new AbortController();
        const building = pythonEnvironment(requirements, { signal: abort.signal, onProgress: () => abort.abort() });
        await assert.rejects(building, { name: "AbortError" });
        assert.deepEqual(built(), []);
    });

    describe("of a Python that is missing or unfit", () => {
        function pretend(name: string, answer: object): void {
            const file = join(folder, name);
            writeFileSync(file, `#!/bin/sh\necho '${JSON.stringify(answer)}'\n`);
            chmodSync(file, 0o755);
        }
        const fit = { executable: "/opt/python", version: "3.12.1", minor: [3, 12], platform: "test", missing: [] };

        it("say where it was looked for and what to install", async () => {
            process.env.PATH = folder;
            await assert.rejects(pythonEnvironment(requirements), {
                name: "PythonError",
                message: /^Python 3\.11 or newer is needed and was not found\. Looked for python3, .*SORTLINE_PYTHON/,
            });
        });

        it("say which one is too old", async () => {
            pretend("python3", { ...fit, version: "3.9.2", minor: [3, 9] });
            process.env.PATH = folder;
            await assert.rejects(pythonEnvironment(requirements), { message: /\/opt\/python is 3\.9\.2: too old/ });
        });

        it("name the package of a missing venv module", async () => {
            pretend("python3", { ...fit, missing: ["ensurepip"] });
            process.env.PATH = folder;
            const hint = process.platform === "linux" ? /apt install python3\.12-venv/ : /python\.org/;
            await assert.rejects(findPython(), (error: Error) => {
                assert.match(error.message, /module ensurepip is missing/);
                assert.match(error.message, hint);
                return true;
            });
        });

        it("take another one on the PATH that is fit", async () => {
            pretend("python3", { ...fit, missing: ["ensurepip"] });
            pretend("python3.13", { ...fit, executable: "/opt/other" });
            process.env.PATH = folder;
            assert.equal((await findPython()).executable, "/opt/other");
        });

        it("say that SORTLINE_PYTHON is no Python", async () => {
            process.env.SORTLINE_PYTHON = join(folder, "nothing");
            await assert.rejects(findPython(), { message: /^SORTLINE_PYTHON is '.*nothing', which cannot be run/ });
        });
    });
});
