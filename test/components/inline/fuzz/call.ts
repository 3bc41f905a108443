// A process that calls the artefacts of a batch, each in an environment that holds nothing but its own variables.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Answers, ask, type Batch, type MadeBatch } from "./batch";
import { encodeError, outcome } from "./encode";

type Handler = (event: { readonly callback?: string; readonly input: unknown }) => Promise<unknown>;

async function run(folder: string): Promise<void> {
    const batch = JSON.parse(readFileSync(join(folder, "batch.json"), "utf8")) as Batch;
    const made = JSON.parse(readFileSync(join(folder, "made.json"), "utf8")) as MadeBatch;
    const results: Answers = {};
    for (const { seed, inputs } of batch.programs) {
        const answers: Record<string, readonly string[]> = {};
        results[seed] = answers;
        for (const [name, artefact] of Object.entries(made[seed]?.stages ?? {})) {
            if (!("folder" in artefact)) continue;
            for (const variable of Object.keys(process.env)) delete process.env[variable];
            Object.assign(process.env, artefact.environment);
            const file = join(artefact.folder, "index.js");
            delete require.cache[file];
            try {
                const { handler } = require(file) as { handler: Handler };
                const call = (callback: string | undefined, input: unknown) => handler({ callback, input });
                answers[name] = await ask(inputs, artefact.others, call, outcome);
            } catch (error) {
                answers[name] = [`cannot be loaded: ${encodeError(error)}\n${(error as Error).stack}`];
            }
        }
    }
    writeFileSync(join(folder, "artefacts.json"), JSON.stringify(results));
}

run(process.argv[2] ?? "").then(
    () => process.exit(0),
    (error: unknown) => {
        process.stderr.write(`${(error as Error).stack}\n`);
        process.exit(1);
    },
);
