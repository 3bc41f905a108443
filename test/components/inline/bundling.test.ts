import assert from "node:assert/strict";
import {
    mkdirSync,
    readdirSync,
    readFileSync,
    rmSync,
    symlinkSync,
    unlinkSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type BundleOptions, type InlineError, type InlineFunction, inline } from "../../../components/inline";
import { targetOf } from "../../../components/inline/bundle-options";
import { warnings } from "../warnings";
import { adapter, call, folderOf, settled } from "./artefact";
import { ownCache } from "./own-cache";

const fixtures = resolve(__dirname, "fixtures", "bundling");
const words = ["bundled", "together"];

describe("Bundling options:", () => {
    const folder = ownCache();
    const codeOf = async (made: InlineFunction) => readFile(join(await folderOf(made), "index.js"), "utf8");
    const refused = async (made: InlineFunction) =>
        settled(made.code).then(
            () => assert.fail("nothing was refused"),
            (error: InlineError) => error,
        );

    it("external leaves out what a layer brings", async () => {
        const callback = async (text: string) => (await import("postal-mime")).default.parse(text);
        const inside = inline("inside", callback, { adapter });
        const outside = inline("outside", callback, { adapter, bundle: { external: ["postal-mime"] } });
        assert.match(await codeOf(outside), /import\("postal-mime"\)/);
        assert.doesNotMatch(await codeOf(inside), /import\("postal-mime"\)/);
        assert.ok((await codeOf(outside)).length < (await codeOf(inside)).length / 5);
    });

    it("define replaces a name by an expression", async () => {
        const callback = async () => process.env.MODE;
        const bundle: BundleOptions = { define: { "process.env.MODE": '"live"' } };
        assert.equal(await call(inline("defined", callback, { adapter, bundle }), {}), "live");
    });

    it("loader says how files of an ending are imported, and an ending without one is told of", async () => {
        const callback = async () => (await import("./fixtures/bundling/query.sql")).default;
        const bundle: BundleOptions = { loader: { ".sql": "text" } };
        assert.equal(await call(inline("loaded", callback, { adapter, bundle }), {}), "SELECT id FROM mails;\n");
        const error = await refused(inline("unloaded", callback, { adapter }));
        assert.match(error.message, /No loader is configured for "\.sql" files: .*query\.sql/);
        assert.match(error.message, /loader: \{ "\.sql": "text" \}/);
    });

    it("minify: false leaves the code readable, without a word of this machine's folders", async () => {
        const code = await codeOf(
            inline("readable", async () => words.join(" "), { adapter, bundle: { minify: false } }),
        );
        assert.match(code, /\(async \(\) => \w+\.join\(" "\)\)/);
        assert.ok(!code.includes(resolve(__dirname, "../../..")), code.slice(0, 2000));
    });

    it("files lie beside the code", async () => {
        const callback = async (root: string) => readFileSync(join(root, "data/rates.json"), "utf8");
        const bundle: BundleOptions = {
            files: { "data/rates.json": join(fixtures, "rates.json"), whole: fixtures },
        };
        const made = inline("beside", callback, { adapter, bundle });
        const root = await folderOf(made);
        assert.equal(await call(made, { data: root }), '{ "eur": 1 }\n');
        assert.ok(readdirSync(join(root, "whole")).includes("query.sql"));
        assert.notEqual(root, await folderOf(inline("beside", callback, { adapter })));
    });

    it("files behind links lie beside the code too, and none may take the place of the code", async () => {
        const linked = join(folder, "linked");
        mkdirSync(linked);
        symlinkSync(join(fixtures, "rates.json"), join(linked, "rates.json"));
        const made = inline("linked", async () => 1, { adapter, bundle: { files: { data: linked } } });
        assert.equal(readFileSync(join(await folderOf(made), "data", "rates.json"), "utf8"), '{ "eur": 1 }\n');
        const covering = join(folder, "covering");
        mkdirSync(covering);
        writeFileSync(join(covering, "index.js"), "console.log('not the code')");
        const error = await refused(
            inline("covered", async () => 1, { adapter, bundle: { files: { ".": covering } } }),
        );
        assert.match(error.message, /its files would take the place of the code itself: index\.js/);
    });

    it("packages find their own place by import.meta", async () => {
        const place = join(folder, "program-meta");
        const home = join(place, "node_modules", "placed");
        mkdirSync(home, { recursive: true });
        writeFileSync(join(home, "package.json"), '{ "name": "placed", "type": "module", "exports": "./index.js" }');
        writeFileSync(
            join(home, "index.js"),
            'import { createRequire } from "node:module";\nexport const sep = createRequire(import.meta.url)("node:path").sep;',
        );
        const entry = join(place, "handler.ts");
        writeFileSync(entry, 'import { sep } from "placed";\nexport default async () => sep;');
        assert.equal(await call(inline("meta", { entry }, { adapter }), {}), "/");
    });

    it("a cache folder that cannot be written is named, with what to do", async () => {
        const file = join(folder, "a-file");
        writeFileSync(file, "");
        const made = inline("unwritable", async () => "never stored before", { adapter });
        process.env.XDG_CACHE_HOME = file;
        try {
            const error = await refused(made);
            assert.match(error.message, /its code cannot be stored in .*a-file\/sortline: [\s\S]*XDG_CACHE_HOME/);
        } finally {
            process.env.XDG_CACHE_HOME = folder;
        }
    });

    it("what is wrong with them is told with the stage's place, all at once", async () => {
        const bundle = {
            files: { "../out": fixtures, "index.js": fixtures, absent: join(fixtures, "absent") },
            loader: { sql: "text" },
            warnAboveBytes: -1,
        } as BundleOptions;
        const error = await refused(inline("wrong", async () => 1, { adapter, bundle }));
        for (const problem of [
            'files has "../out"; it must be a path below the function\'s folder',
            'files has "index.js", which is the name of the code itself',
            `files names ${join(fixtures, "absent")}, which does not exist`,
            'loader has "sql"; it must be an ending such as ".sql"',
            "warnAboveBytes is -1; it must be 0 to 262144000 bytes",
        ]) {
            assert.ok(error.message.includes(problem), `${problem}\nis not in\n${error.message}`);
        }
        assert.match(error.message, /bundling\.test\.ts:\d+:\d+\n/);
    });

    it("the code is written for the runtime that runs it", () => {
        assert.equal(targetOf("nodejs22.x"), "node22");
        assert.equal(targetOf("nodejs24.x"), "node24");
    });

    it("a large artefact is warned of, with a table of what takes the room", async () => {
        const callback = async (text: string) => (await import("postal-mime")).default.parse(text);
        const told = await warnings(async () => {
            await folderOf(inline("large", callback, { adapter, bundle: { warnAboveBytes: 1000 } }));
        });
        assert.equal(told.length, 1);
        assert.match(told[0] ?? "", /^stage "large": its code is \d+ bytes large[\s\S]*bundling\.test\.ts:\d+:\d+\n/);
        assert.match(told[0] ?? "", /\d+ bytes +\d+ % {2}postal-mime\n[\s\S]* 100 % {2}in all$/);
        const again = await warnings(async () => {
            await folderOf(inline("large", callback, { adapter, bundle: { warnAboveBytes: 1000 } }));
        });
        assert.deepEqual(again, told, "also when it comes from the cache");
    });

    it("an artefact that Lambda does not take is refused, with the table", async () => {
        const large = join(folder, "large.bin");
        writeFileSync(large, "");
        // A sparse file: its size is what counts.
        const { truncateSync } = await import("node:fs");
        truncateSync(large, 262_144_001);
        const made = inline("huge", async () => 1, { adapter, bundle: { files: { "large.bin": large } } });
        const error = await refused(made);
        assert.match(error.message, /its code is \d+ bytes large, and Lambda takes 262144000/);
        assert.match(error.message, /262144001 bytes +100 % {2}large\.bin/);
    });

    describe("a handler file in the place of a callback", () => {
        it("is bundled as it is, with its default export as the handler", async () => {
            const entry = join(fixtures, "handler.ts");
            const made = inline("file", { entry }, { adapter, callbacks: { other: async () => words[0] } });
            assert.equal(await call(made, { data: 4 }), 12);
            assert.equal(await call(made, { callback: "other" }), "bundled");
            assert.equal(made.location.file, entry);
        });

        it("is refused where it has no default export, or is not there", async () => {
            const error = await refused(inline("file", { entry: join(fixtures, "no-default.ts") }, { adapter }));
            assert.match(error.message, /No matching export in ".*no-default\.ts" for import "default"/);
            for (const entry of ["./nowhere.ts", fixtures]) {
                const missing = await refused(inline("file", { entry }, { adapter }));
                assert.ok(missing.message.includes(`${resolve(entry)} is no file`), missing.message);
            }
        });
    });
});

describe("The artefacts of a program", () => {
    const folder = ownCache();

    it("tell everything that is wrong with them in one error, with each stage's name and places", async () => {
        const table = new WeakMap<object, number>([[{}, 1]]);
        const made = [
            inline("first", async () => pulumi.getStack(), { adapter }),
            inline("good", async () => words, { adapter }),
            inline("second", Math.max, { adapter }),
            inline("third", async () => require("./nowhere"), { adapter }),
            inline(
                "fourth",
                (
                    () => async () =>
                        table.get({})
                )(),
                { adapter },
            ),
        ];
        const errors = await Promise.all(
            made.map((each) =>
                settled(each.code).then(
                    () => undefined,
                    (error: InlineError) => error,
                ),
            ),
        );
        assert.equal(new Set(errors).size, 1, "one error for all");
        const [error] = errors;
        assert.deepEqual(
            error?.problems.map(({ stage }) => stage),
            ["first", "second", "third", "fourth"],
        );
        assert.match(
            error?.message ?? "",
            /stage "first": .*@pulumi\/pulumi[\s\S]*stage "second": [\s\S]*stage "third": Could not resolve/,
        );
    });

    it("do not depend on each other: each is the same alone", async () => {
        const callbacks = [
            async () => words.length,
            async (text: string) => (await import("postal-mime")).default.parse(text),
            async () => (await import("zod")).z.string().parse("a"),
        ];
        const together = callbacks.map((each, index) => inline(`stage-${index}`, each, { adapter }));
        const names = await Promise.all(together.map(folderOf));
        rmSync(join(folder, "sortline"), { recursive: true });
        for (const [index, each] of callbacks.entries()) {
            assert.equal(await folderOf(inline(`stage-${index}`, each, { adapter })), names[index]);
        }
    });

    describe("are made again when", () => {
        /** Lays out a program that imports a package and a file, and says what its artefact answers. */
        function program(name: string) {
            const place = join(folder, name);
            const write = (path: string, text: string) => {
                mkdirSync(dirname(join(place, path)), { recursive: true });
                writeFileSync(join(place, path), text);
            };
            const store = "node_modules/.store";
            write(`${store}/lib@1/package.json`, '{ "name": "lib", "exports": "./old.mjs", "sideEffects": true }');
            write(`${store}/lib@1/old.mjs`, 'import "./effect.mjs";\nexport const version = "old";');
            write(`${store}/lib@1/new.mjs`, 'export const version = "new";');
            write(`${store}/lib@1/effect.mjs`, "");
            write(`${store}/lib@2/package.json`, '{ "name": "lib", "exports": "./index.mjs" }');
            write(`${store}/lib@2/index.mjs`, 'export const version = "second";');
            symlinkSync(join(place, store, "lib@1"), join(place, "node_modules", "lib"));
            write("parts/index.ts", 'export const part = "folder";');
            write("tsconfig.json", '{ "compilerOptions": { "useDefineForClassFields": true } }');
            write(
                "handler.ts",
                `import { version } from "lib";
                import { part } from "./parts";
                class Base { constructor() { (this as any).init(); } init() {} }
                class Thing extends Base { field: unknown; init() { this.field = "kept"; } }
                export default async () => [version, part, String(new Thing().field), (globalThis as any).effect ?? "none"];`,
            );
            const answer = async () =>
                call(inline(name, { entry: join(place, "handler.ts") }, { adapter }), {}) as Promise<string[]>;
            return { place, write, store, answer };
        }

        it("an installer links another version of a package", async () => {
            const { place, store, answer } = program("linked-again");
            assert.deepEqual(await answer(), ["old", "folder", "undefined", "none"]);
            unlinkSync(join(place, "node_modules", "lib"));
            symlinkSync(join(place, store, "lib@2"), join(place, "node_modules", "lib"));
            assert.equal((await answer())[0], "second");
        });

        it("a package names another file as its entry", async () => {
            const { store, write, answer } = program("entry-again");
            assert.equal((await answer())[0], "old");
            write(`${store}/lib@1/package.json`, '{ "name": "lib", "exports": "./new.mjs", "sideEffects": true }');
            assert.equal((await answer())[0], "new");
        });

        it("a file of which nothing was taken has something now", async () => {
            const { store, write, answer } = program("effect-again");
            assert.equal((await answer())[3], "none");
            write(`${store}/lib@1/effect.mjs`, 'globalThis.effect = "seen";');
            assert.equal((await answer())[3], "seen");
        });

        it("another file is nearer to what an import says", async () => {
            const { write, answer } = program("nearer");
            assert.equal((await answer())[1], "folder");
            write("parts.ts", 'export const part = "file";');
            assert.equal((await answer())[1], "file");
        });
    });

    it("come from the cache where nothing has changed, and are made again when a file of theirs has", async () => {
        const place = join(folder, "program");
        mkdirSync(place, { recursive: true });
        const file = join(place, "handler.ts");
        const make = () => folderOf(inline("cached", { entry: file }, { adapter }));
        const write = (text: string) => {
            writeFileSync(file, text);
            // As an installer does: the time of modification says nothing.
            utimesSync(file, 0, 0);
        };
        write("export default async () => 1;");
        const first = await make();
        assert.equal(await make(), first);
        write("export default async () => 2;");
        const second = await make();
        assert.notEqual(second, first);
        assert.match(readFileSync(join(second, "index.js"), "utf8"), /2/);
        const known = join(folder, "sortline", "known-artefacts");
        for (const each of readdirSync(known)) writeFileSync(join(known, each), "{ damaged");
        assert.equal(await make(), second);
    });
});
