import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as tar from "tar";
import { sourceArchive } from "../../components/source-archive";
import { requirementDoubts, requirementProblems } from "../../components/training/source-requirements";
import { findPython } from "../../local/python/interpreter";

/** A wheel is an archive with a few texts: so one is made without any network. */
const MAKE_WHEEL = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr("greeting.py", "WORD = 'hello from a wheel'")
    info = "greeting-1.0.dist-info/"
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: greeting\\nVersion: 1.0\\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "RECORD", "")
`;

describe("the requirements of a source folder", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sortline-requirements-"));
    after(() => fs.rmSync(folder, { recursive: true }));

    const source = (files: Readonly<Record<string, string>>) => {
        const made = fs.mkdtempSync(path.join(folder, "source-"));
        for (const [file, content] of Object.entries(files)) {
            fs.mkdirSync(path.dirname(path.join(made, file)), { recursive: true });
            fs.writeFileSync(path.join(made, file), content);
        }
        return made;
    };
    const problems = (files: Readonly<Record<string, string>>, isolated = false) =>
        requirementProblems(source(files), isolated);
    const doubts = (requirements: string) => requirementDoubts(source({ "requirements.txt": requirements }));

    it("may be none, or ask for what pip finds", () => {
        assert.deepEqual(problems({ "train.py": "" }, true), []);
        assert.deepEqual(problems({ "requirements.txt": "numpy\n" }), []);
        for (const links of ["--find-links wheels", "--find-links=./wheels/", "-f wheels", "-f 'wheels'  # ours"]) {
            const text = `--no-index ${links}\nnumpy\n`;
            assert.deepEqual(problems({ "requirements.txt": text, "wheels/n.whl": "" }, true), [], links);
        }
        const nested = {
            "requirements.txt": "-r parts/base.txt\n-c parts/limits.txt\n--find-links parts/n.whl\n",
            "parts/base.txt": "--find-links wheels\n-r ../requirements.txt\nnumpy\n",
            "parts/limits.txt": "numpy<3\n",
            "parts/n.whl": "",
            "parts/wheels/n.whl": "",
        };
        assert.deepEqual(problems(nested), []);
        const elsewhere = "-r https://example.com/r.txt\n-f https://example.com/wheels\n-f /opt/wheels\n";
        assert.deepEqual(problems({ "requirements.txt": elsewhere }), []);
    });

    it("may name no file that is not packed", () => {
        const found = problems({
            "requirements.txt": "-r requirements-gpu.txt\nnumpy \\\n  --requirement=x\n-cnone.txt\n-r parts/all.txt\n",
            "requirements-gpu.txt": "torch\n",
            "parts/all.txt": "--constraint ../limits.in\n",
        });
        assert.equal(found.length, 3, found.join("\n"));
        assert.match(
            found[0] ?? "",
            /^source has a requirements\.txt with -r requirements-gpu\.txt, which is not packed;/,
        );
        assert.match(found[1] ?? "", /requirements\.txt with -c none\.txt, which is not packed/);
        assert.match(found[2] ?? "", /parts\/all\.txt with --constraint \.\.\/limits\.in, which is not packed/);
    });

    it("may look for wheels where some are", () => {
        const unfit: readonly Readonly<Record<string, string>>[] = [
            {},
            { "wheels/README.txt": "" },
            { "wheels/.n.whl": "" },
            { "wheels/more/n.whl": "" },
        ];
        for (const files of unfit) {
            const found = problems({ "requirements.txt": "--no-index\n--find-links wheels\nnumpy\n", ...files }, true);
            assert.equal(found.length, 1, found.join("\n"));
            assert.match(found[0] ?? "", /with --find-links wheels, where no wheel \(\.whl\) is; put wheels there/);
        }
    });

    it("must not need a network that the containers have not", () => {
        const [found] = problems(
            { "requirements.txt": "#--no-index\n--find-links wheels\nn\n", "wheels/n.whl": "" },
            true,
        );
        assert.match(found ?? "", /a container without a network cannot install; give it the lines --no-index and/);
    });

    it("are doubted in a VPC, which may have no way to the internet, unless they say where packages are", () => {
        assert.match(
            doubts("numpy\n")[0] ?? "",
            /pip installs from the internet: jobs in a VPC without a way there fail/,
        );
        assert.match(doubts("--no-index\nnumpy\npandas\n")[0] ?? "", /lacks one of numpy, pandas\.$/);
        assert.deepEqual(doubts("--index-url https://pypi.example.com/simple\nnumpy\n"), []);
        assert.deepEqual(doubts("--no-index\n--find-links wheels\nnumpy\n"), []);
        assert.deepEqual(doubts("# nothing\n"), []);
    });

    it("are installed by pip from the archive alone, as SageMaker calls it, where wheels lie beside them", async function () {
        this.timeout(120_000);
        const { executable } = await findPython();
        // Nobody listens there: whatever asked an index would fail.
        const nowhere = "http://127.0.0.1:9/simple";
        const env = { PATH: process.env.PATH, PIP_INDEX_URL: nowhere, PIP_RETRIES: "0", PIP_CONFIG_FILE: os.devNull };
        const run = (program: string, args: readonly string[], cwd = folder) =>
            spawnSync(program, args, { cwd, env, encoding: "utf8" });
        const made = source({ "requirements.txt": "--no-index\n--find-links wheels\ngreeting\n", "train.py": "" });
        const wheel = path.join(made, "wheels", "greeting-1.0-py3-none-any.whl");
        fs.mkdirSync(path.dirname(wheel));
        assert.equal(run(executable, ["-c", MAKE_WHEEL, wheel]).status, 0);
        assert.deepEqual([...requirementProblems(made, true), ...requirementDoubts(made)], []);

        const code = path.join(folder, "code");
        fs.mkdirSync(code);
        await tar.extract({ file: sourceArchive(made).file, cwd: code });
        const environment = path.join(folder, "environment");
        assert.equal(run(executable, ["-I", "-m", "venv", environment]).status, 0);
        const python = path.join(environment, "bin", "python");
        const install = (where: string) => run(python, ["-m", "pip", "install", "-r", "requirements.txt"], where);
        const online = source({ "requirements.txt": "greeting\n" });
        assert.notEqual(install(online).status, 0, "there is no index");
        const { status, stderr } = install(code);
        assert.equal(status, 0, stderr);
        assert.equal(run(python, ["-c", "import greeting; print(greeting.WORD)"]).stdout, "hello from a wheel\n");
    });
});
