import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nativeAddon, nativeAddonMet, nativeAddonOf } from "../../../components/inline/native-addon";

describe("A native addon is known by", () => {
    const folder = mkdtempSync(join(tmpdir(), "inline-addons-"));
    const program = join(folder, "index.ts");
    const install = (name: string, manifest: object) => {
        const place = join(folder, "node_modules", name);
        mkdirSync(place, { recursive: true });
        writeFileSync(join(place, "package.json"), JSON.stringify({ name, version: "1.0.0", ...manifest }));
        return place;
    };
    after(() => rmSync(folder, { recursive: true }));

    const manifests: Record<string, object> = {
        "a build by node-gyp": { gypfile: true },
        "a binary that is downloaded": { binary: { module_name: "x", host: "https://example.org" } },
        "a loader of bindings": { dependencies: { bindings: "1.5.0" } },
        "a loader of prebuilt files": { dependencies: { "node-gyp-build": "4.0.0" } },
        "machine code as its entry": { main: "./build/x.node" },
    };
    for (const [how, manifest] of Object.entries(manifests)) {
        it(how, () => {
            const name = how.replaceAll(" ", "-");
            install(name, manifest);
            assert.equal(nativeAddon(name, program), name);
            assert.equal(nativeAddon(`${name}/part`, program), name);
        });
    }

    it("the recipe of a build", () => {
        writeFileSync(join(install("@scope/recipe", {}), "binding.gyp"), "{}");
        assert.equal(nativeAddon("@scope/recipe", program), "@scope/recipe");
    });

    it("a package for each platform", () => {
        install("@made/linux", { exports: { ".": "./lib/x.node" } });
        install("by-platform", { optionalDependencies: { "@made/linux": "1.0.0", "@made/darwin": "1.0.0" } });
        assert.equal(nativeAddon("by-platform", program), "by-platform");
    });

    it("a file of its own", () => assert.equal(nativeAddon("./build/x.node", program), "./build/x.node"));

    it("what the bundler says of the file that it met", () => {
        const words = 'No loader is configured for ".node" files: node_modules/a/node_modules/@b/c/build/x.node';
        assert.equal(nativeAddonMet(words), "@b/c");
        assert.equal(nativeAddonMet('No loader is configured for ".node" files: lib/x.node'), "lib/x.node");
        assert.equal(nativeAddonMet('Could not resolve "x"'), undefined);
    });

    it("the package of a bundled file", () => {
        install("@scope/bundled", { gypfile: true });
        const inside = (name: string) => join(folder, "node_modules", name, "lib", "index.js");
        assert.equal(nativeAddonOf(inside("@scope/bundled")), "@scope/bundled");
        install("bundled-plain", {});
        assert.equal(nativeAddonOf(inside("bundled-plain")), undefined);
        assert.equal(nativeAddonOf(program), undefined);
    });

    it("none of this in plain code, node's own and what is not installed", () => {
        install("plain", { bin: "x", optionalDependencies: { plain2: "1.0.0" }, dependencies: { zod: "1" } });
        for (const name of ["plain", "node:fs", "fs", "absent", "./file", "#alias"])
            assert.equal(nativeAddon(name, program), undefined, name);
    });
});
