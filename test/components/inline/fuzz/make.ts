// A process that loads the programs of a batch as a deployment does, and makes their artefacts.
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { type InlineCallback, type InlineFunction, inline } from "../../../../components/inline";
import type { Batch, Made } from "./batch";
import type { TakeStage } from "./parts/deploying/line";
import { settings } from "./parts/settings";

const adapter = resolve(__dirname, "parts", "adapter.ts");

function reason(error: unknown): string {
    return error instanceof Error
        ? error.name === "InlineError"
            ? error.message
            : (error.stack ?? error.message)
        : String(error);
}

// Pulumi has no public way to see an output fail; its own tests use this one too.
const settled = <T>(output: pulumi.Input<T>): Promise<T> =>
    pulumi.Output.isInstance(output)
        ? (output as unknown as { promise(): Promise<T> }).promise()
        : Promise.resolve(output as T);

async function finished(made: InlineFunction): Promise<Made> {
    try {
        const archive = (await settled(made.code)) as pulumi.asset.FileArchive;
        const environment: Record<string, string> = {};
        for (const [name, value] of Object.entries(made.environment)) environment[name] = await settled(value);
        return { folder: await archive.path, environment };
    } catch (error) {
        return { failure: reason(error) };
    }
}

async function makeArtefacts(entry: string, isModule: boolean) {
    const stages = new Map<string, { made: Promise<Made>; others: string[] }>();
    const takeStage: TakeStage = (name, callback, others) => {
        let made: Promise<Made>;
        try {
            made = finished(inline(name, callback, { adapter, callbacks: others as Record<string, InlineCallback> }));
        } catch (error) {
            made = Promise.resolve({ failure: reason(error) });
        }
        stages.set(name, { made, others: Object.keys(others) });
    };
    Object.assign(globalThis, { takeStage });
    let failure: string | undefined;
    try {
        if (isModule) await import(pathToFileURL(entry).href);
        else require(entry);
    } catch (error) {
        failure = reason(error);
    }
    const results: Record<string, Made & { others: string[] }> = {};
    for (const [name, { made, others }] of stages) results[name] = { ...(await made), others };
    return { failure, stages: results };
}

async function run(folder: string): Promise<void> {
    const batch = JSON.parse(readFileSync(join(folder, "batch.json"), "utf8")) as Batch;
    process.env.XDG_CACHE_HOME = join(folder, "cache");
    pulumi.runtime.setAllConfig({ ...settings }, []);
    await pulumi.runtime.setMocks({
        newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
        call: ({ inputs }) => inputs,
    });
    const results: Record<number, unknown> = {};
    for (const { seed, deploying, entry, isModule } of batch.programs)
        results[seed] = await makeArtefacts(join(deploying, entry), isModule);
    writeFileSync(join(folder, "made.json"), JSON.stringify(results));
}

// A refusal is read from the artefact's own output; the outputs that Pulumi makes of it fail with it.
process.on("unhandledRejection", () => {});
run(process.argv[2] ?? "").then(
    () => process.exit(0),
    (error: unknown) => {
        process.stderr.write(`${reason(error)}\n`);
        process.exit(1);
    },
);
