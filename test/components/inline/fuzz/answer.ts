// A process that loads the programs of a batch, afresh for every stage, and lets their callbacks answer in place.
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Answers, ask, type Batch, type WrittenProgram } from "./batch";
import { encodeError, outcome } from "./encode";
import type { TakeStage } from "./parts/deploying/line";

interface Stage {
    readonly callback: (input: unknown) => unknown;
    readonly others: Readonly<Record<string, (input: unknown) => unknown>>;
}

let copies = 0;

/** Loads a program's modules as if for the first time. */
async function load({ inPlace: folder, entry, isModule }: WrittenProgram): Promise<ReadonlyMap<string, Stage>> {
    const stages = new Map<string, Stage>();
    const takeStage: TakeStage = (name, callback, others) => {
        stages.set(name, { callback, others } as Stage);
    };
    Object.assign(globalThis, { takeStage });
    // What `import` loaded stays loaded under its path.
    const copy = `${folder}-${++copies}`;
    cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
    if (isModule) await import(pathToFileURL(join(copy, entry)).href);
    else require(join(copy, entry));
    return stages;
}

async function answers(program: WrittenProgram): Promise<Record<string, readonly string[]>> {
    const results: Record<string, readonly string[]> = {};
    let stages: ReadonlyMap<string, Stage>;
    try {
        stages = await load(program);
    } catch (error) {
        return { "": [`throws ${encodeError(error)}\n${(error as Error).stack}`] };
    }
    for (const name of stages.keys()) {
        const stage = (await load(program)).get(name);
        if (!stage) throw new Error(`seed ${program.seed} lost its stage ${name}`);
        const call = (other: string | undefined, input: unknown) =>
            other === undefined ? stage.callback(input) : stage.others[other]?.(input);
        results[name] = await ask(program.inputs, Object.keys(stage.others), call, outcome);
    }
    return results;
}

async function run(folder: string): Promise<void> {
    const batch = JSON.parse(readFileSync(join(folder, "batch.json"), "utf8")) as Batch;
    const results: Answers = {};
    for (const program of batch.programs) results[program.seed] = await answers(program);
    writeFileSync(join(folder, "in-place.json"), JSON.stringify(results));
}

run(process.argv[2] ?? "").then(
    () => process.exit(0),
    (error: unknown) => {
        process.stderr.write(`${(error as Error).stack}\n`);
        process.exit(1);
    },
);
