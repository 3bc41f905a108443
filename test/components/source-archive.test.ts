import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as tar from "tar";
import { sourceArchive, sourceFiles } from "../../components/source-archive";

describe("the archive of training code", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sortline-source-"));
    const cache = process.env.XDG_CACHE_HOME;
    before(() => {
        process.env.XDG_CACHE_HOME = path.join(folder, "cache");
    });
    after(() => {
        if (cache === undefined) delete process.env.XDG_CACHE_HOME;
        else process.env.XDG_CACHE_HOME = cache;
        fs.rmSync(folder, { recursive: true });
    });

    const written = (name: string, files: Record<string, string>) => {
        const source = path.join(folder, name);
        for (const [file, content] of Object.entries(files)) {
            fs.mkdirSync(path.dirname(path.join(source, file)), { recursive: true });
            fs.writeFileSync(path.join(source, file), content);
        }
        return source;
    };
    const bytes = (file: string) => createHash("sha256").update(fs.readFileSync(file)).digest("hex");

    it("holds the code with what the container installs, and leaves out tests, caches and what only developers need", () => {
        const source = written("all", {
            "train.py": "",
            "lib/model.py": "",
            "tests/test_train.py": "",
            "test_lib.py": "",
            "conftest.py": "",
            "requirements.txt": "",
            "requirements-dev.txt": "",
            "requirements.in": "",
            "wheels/package-1.0-py3-none-any.whl": "",
            "__pycache__/train.cpython-312.pyc": "",
            ".venv/x.py": "",
            "pyproject.toml": "",
        });
        const packed = ["lib/model.py", "requirements.txt", "train.py", "wheels/package-1.0-py3-none-any.whl"];
        assert.deepEqual(sourceFiles(source), packed);
        const listed: string[] = [];
        tar.list({
            file: sourceArchive(source).file,
            sync: true,
            onReadEntry: ({ path: each }) => void listed.push(each),
        });
        assert.deepEqual(listed, packed);
    });

    it("is the same, byte by byte, for the same content in another folder at another time", () => {
        const first = written("first", { "train.py": "print(1)", "a/b.py": "" });
        const made = sourceArchive(first);
        const firstBytes = bytes(made.file);
        fs.rmSync(made.file);
        const second = written("second", { "a/b.py": "", "train.py": "print(1)" });
        fs.utimesSync(path.join(second, "train.py"), new Date(1e12), new Date(1e12));
        fs.chmodSync(path.join(second, "train.py"), 0o600);
        const again = sourceArchive(second);
        assert.equal(again.digest, made.digest);
        assert.equal(bytes(again.file), firstBytes);
    });

    it("has another name when the content, or a file's name, changes", () => {
        const contents: Record<string, string>[] = [{ "train.py": "1" }, { "train.py": "2" }, { "train2.py": "1" }];
        const names = contents.map((files, index) => sourceArchive(written(`change${index}`, files)).digest);
        assert.equal(new Set(names).size, 3);
    });
});
