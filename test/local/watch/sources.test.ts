import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { localPackages } from "../../../local/watch/local-packages";
import { changedFiles, takeSnapshot } from "../../../local/watch/snapshot";
import { type Sources, watchSources } from "../../../local/watch/sources";

describe("the sources of a program that is watched", () => {
    let folder: string;
    let project: string;
    let home: string;
    let sources: Sources;
    let changes = 0;
    let awaited: (() => void) | undefined;
    const troubles: string[] = [];

    const at = (...names: string[]) => path.join(project, ...names);
    function write(file: string, content = `${Math.random()}`): void {
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, content);
    }
    /** Does something and waits for the change that it is. */
    async function isSeen(what: () => void): Promise<void> {
        await new Promise((resolve) => setImmediate(resolve));
        changes = 0;
        const seen = new Promise<void>((resolve) => {
            awaited = resolve;
        });
        what();
        if (changes === 0) await seen;
    }

    beforeEach(() => {
        folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "sortline-watch-")));
        project = path.join(folder, "project");
        home = at("state");
        fs.mkdirSync(home, { recursive: true });
        write(at("index.ts"));
        write(at("lib", "deep", "part.ts"));
        sources = watchSources({
            project,
            home,
            onChange() {
                changes++;
                awaited?.();
            },
            onTrouble: (message) => void troubles.push(message),
        });
    });
    afterEach(() => {
        sources.close();
        fs.rmSync(folder, { recursive: true });
        assert.deepEqual(troubles, []);
    });

    it("are seen when they are written, written by renaming, made and deleted, in folders that come later, too", async () => {
        await isSeen(() => write(at("index.ts")));
        await isSeen(() => {
            write(path.join(folder, "new"));
            fs.renameSync(path.join(folder, "new"), at("index.ts"));
        });
        await isSeen(() => write(at("index.ts")));
        await isSeen(() => write(at("lib", "deep", "part.ts")));
        await isSeen(() => fs.rmSync(at("lib", "deep", "part.ts")));
        await isSeen(() => fs.rmSync(at("lib"), { recursive: true }));
        await isSeen(() => write(at("lib", "deep", "part.ts")));
        assert.ok(sources.files().includes(at("lib", "deep", "part.ts")));
        await isSeen(() => write(at("lib", "deep", "part.ts")));
        await isSeen(() => {
            fs.renameSync(at("lib"), path.join(folder, "old"));
            write(at("lib", "other.ts"));
        });
        await isSeen(() => write(at("lib", "other.ts")));
        await isSeen(() => write(at(".env")));
    });

    it("are not what is installed, built, kept by tools or half saved", async () => {
        changes = 0;
        for (const name of [
            "node_modules/a/index.js",
            "dist/index.js",
            ".git/HEAD",
            ".cache/x",
            "lib/__pycache__/x.pyc",
        ]) {
            write(at(name));
        }
        for (const name of ["index.ts~", ".index.ts.swp", "#index.ts#", "4913", "index.ts.tmp", ".DS_Store"]) {
            write(at(name));
            assert.ok(!sources.files().includes(at(name)), name);
        }
        write(path.join(home, "store.sqlite"));
        // Changes are seen in their order, so that what was seen before this one would have been counted by now.
        fs.rmSync(at("index.ts"));
        while (changes === 0) await new Promise((resolve) => setImmediate(resolve));
        assert.equal(changes, 1);
        assert.deepEqual(sources.files(), [at("lib", "deep", "part.ts")]);
    });

    it("are files elsewhere that the program loads, and only those", async () => {
        const outside = path.join(folder, "shared.ts");
        write(outside);
        assert.deepEqual(sources.extend([outside, at("index.ts")]), [outside]);
        assert.deepEqual(sources.extend([outside]), []);
        await isSeen(() => {
            write(path.join(folder, "unrelated.ts"));
            write(outside);
        });
        await isSeen(() => {
            write(path.join(folder, "next"));
            fs.renameSync(path.join(folder, "next"), outside);
        });
    });

    it("are the packages that a workspace links, with those that they link, but not what contains the project", async () => {
        const link = (from: string, target: string) => {
            fs.mkdirSync(path.dirname(from), { recursive: true });
            fs.symlinkSync(target, from);
        };
        const first = path.join(folder, "packages", "first");
        const second = path.join(folder, "packages", "second");
        write(path.join(first, "index.ts"));
        write(path.join(second, "index.ts"));
        write(path.join(folder, "node_modules", "installed", "index.js"));
        link(at("node_modules", "@team", "first"), first);
        link(path.join(first, "node_modules", "second"), second);
        link(path.join(folder, "node_modules", "all"), folder);
        link(path.join(folder, "node_modules", "alias"), path.join(folder, "node_modules", "installed"));
        link(path.join(folder, "node_modules", "broken"), path.join(folder, "none"));
        assert.deepEqual(localPackages(project), [first, second]);
        sources.extend([]);
        await isSeen(() => write(path.join(second, "index.ts")));
    });

    it("have changed where their content has, and not where the same was saved again", () => {
        write(at("index.ts"), "a");
        write(at("large.bin"), "x".repeat(200_000));
        const files = [at("index.ts"), at("large.bin")];
        const before = takeSnapshot(files);
        write(at("index.ts"), "a");
        assert.deepEqual(changedFiles(before, takeSnapshot(files, before)), []);
        write(at("index.ts"), "b");
        write(at("large.bin"), "y".repeat(200_000));
        write(at("new.ts"));
        const after = takeSnapshot([...files, at("new.ts")], before);
        assert.deepEqual(changedFiles(before, after), [...files, at("new.ts")]);
        fs.rmSync(at("index.ts"));
        assert.deepEqual(changedFiles(after, takeSnapshot([...files, at("new.ts")], after)), [at("index.ts")]);
    });
});
