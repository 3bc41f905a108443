import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Gives the tests of the suite that calls it a cache folder of their own, which goes with them. */
export function ownCache(): string {
    const configured = process.env.XDG_CACHE_HOME;
    const folder = mkdtempSync(join(tmpdir(), "inline-cache-"));
    before(() => {
        process.env.XDG_CACHE_HOME = folder;
    });
    after(() => {
        if (configured === undefined) delete process.env.XDG_CACHE_HOME;
        else process.env.XDG_CACHE_HOME = configured;
        rmSync(folder, { recursive: true });
    });
    return folder;
}
