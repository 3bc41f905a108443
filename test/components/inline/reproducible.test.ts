import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { otherNode } from "../../other-node";

const root = resolve(__dirname, "..", "..", "..");
/** The oldest minor version of Node that package.json allows. */
const OLD_NODE = "22.13.1";

type Built = Record<string, { artefact: string; files: Record<string, string> }>;

describe("The artefacts of the reference program", () => {
    const folder = mkdtempSync(join(tmpdir(), "inline-reproducible-"));
    const copy = join(folder, "another folder", "sortline");
    let reference: Built;

    async function build(place: string, node: string): Promise<Built> {
        // Each with a cache of its own: what is compared was built, not found.
        const cache = mkdtempSync(join(folder, "cache-"));
        const { stdout } = await promisify(execFile)(
            node,
            ["--import", "tsx", "test/components/inline/fixtures/build-program.ts"],
            { cwd: place, env: { ...process.env, XDG_CACHE_HOME: cache, NODE_OPTIONS: "" }, maxBuffer: 64 << 20 },
        );
        return JSON.parse(stdout) as Built;
    }

    /** Compares function by function, so that a difference is told by its name and not by a megabyte of code. */
    function assertSame(built: Built): void {
        assert.deepEqual(Object.keys(built).sort(), Object.keys(reference).sort());
        for (const [name, { artefact, files }] of Object.entries(reference)) {
            assert.deepEqual(Object.keys(built[name]?.files ?? {}), Object.keys(files), name);
            for (const file of Object.keys(files)) {
                assert.ok(built[name]?.files[file] === files[file], `${file} of ${name} differs`);
            }
            assert.equal(built[name]?.artefact, artefact, name);
        }
    }

    before(async () => {
        const listed = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        const files = execFileSync("git", listed, { cwd: root, encoding: "utf8" }).split("\0");
        // What is deleted and not yet committed is listed, too.
        for (const file of files.filter((each) => each !== "" && existsSync(join(root, each)))) {
            cpSync(join(root, file), join(copy, file));
        }
        symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
        reference = await build(root, process.execPath);
    });
    after(() => rmSync(folder, { recursive: true }));

    it("are code and a source map for each function", () => {
        const functions = ["classify-function", "intake-function", "parse-function", "route-function"];
        for (const name of functions) assert.ok(name in reference, `${name} among ${Object.keys(reference)}`);
        for (const { artefact, files } of Object.values(reference)) {
            assert.deepEqual(Object.keys(files), ["index.js", "index.js.map"], artefact);
        }
    });

    it("are the same bytes in another folder", async () => {
        assertSame(await build(copy, process.execPath));
    });

    it(`are the same bytes with Node ${OLD_NODE}`, async function () {
        assertSame(await build(root, await otherNode(this, OLD_NODE)));
    });

    it(`are the same bytes in another folder with Node ${OLD_NODE}`, async function () {
        assertSame(await build(copy, await otherNode(this, OLD_NODE)));
    });
});
