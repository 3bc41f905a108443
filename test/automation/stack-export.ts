// What the Pulumi command says of a stack, made from what the twin deployed, and a command of that name which says it.

import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { StackExport } from "../../local/pulumi";

const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:abcd" };

/** As `pulumi stack export` prints it, secrets encrypted; with a resource that only waits to be deleted. */
export function checkpointOf({ resources }: StackExport): object {
    const inPulumi = resources.map(({ name: _, ...resource }) => ({
        ...resource,
        inputs: { ...resource.inputs, __defaults: [] },
        outputs: { ...resource.outputs, word: SECRET },
        created: "2026-01-01T00:00:00Z",
    }));
    const former = inPulumi.map((each) => ({ ...each, outputs: {}, delete: true }));
    return { version: 3, deployment: { manifest: {}, secrets_providers: {}, resources: [...inPulumi, ...former] } };
}

/** As `pulumi config --json` prints it. */
export function configOf(values: Readonly<Record<string, string>>): object {
    const texts = Object.entries(values).map(([key, value]) => [key, { value, secret: false }]);
    return { ...Object.fromEntries(texts), "team:word": { secret: true } };
}

/**
 * Puts a command `pulumi` into a folder of its own, which answers for the stacks that are given, and refuses others in
 * the real one's words.
 * @returns the PATH with that folder first.
 */
export function fakePulumi(
    folder: string,
    stacks: Readonly<Record<string, { readonly exported: object; readonly config: object }>>,
): string {
    const bin = join(folder, "bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "stacks.json"), JSON.stringify(stacks));
    const script = `#!${process.execPath}
const [stack] = process.argv.flatMap((each) => /^--stack=(.*)$/.exec(each)?.slice(1) ?? []);
const found = require("./stacks.json")[stack];
if (process.argv.includes("--show-secrets")) process.exit(99);
if (stack === "elsewhere") fail("PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions");
if (found === undefined) fail("no stack named '" + stack + "' found");
console.log(JSON.stringify(process.argv[2] === "config" ? found.config : found.exported));
function fail(message) {
    console.error("error: " + message);
    process.exit(6);
}
`;
    writeFileSync(join(bin, "pulumi"), script);
    chmodSync(join(bin, "pulumi"), 0o755);
    return `${bin}${delimiter}${process.env.PATH}`;
}
