import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Answers, Batch, MadeBatch, WrittenProgram } from "./batch";
import type { GeneratedProgram } from "./program";

/** A seed whose artefacts do not answer as its callbacks do in place. */
export interface Difference {
    readonly seed: number;
    /** The program's folder. */
    readonly folder: string;
    readonly stage: string;
    readonly what: string;
}

const parts = join(__dirname, "parts");
const packages = resolve(require.resolve("@pulumi/pulumi/package.json"), "..", "..", "..");

/** Writes a program into a folder, with the packages that it imports. */
function write(program: GeneratedProgram, folder: string, imported: Readonly<Record<string, string>>): void {
    for (const [path, text] of program.files) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
    }
    for (const [name, place] of Object.entries(imported)) {
        mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
        symlinkSync(place, join(folder, "node_modules", name));
    }
}

function writeTwice(program: GeneratedProgram, folder: string): WrittenProgram {
    const { seed, entry, files, inputs } = program;
    const [deploying, inPlace] = [join(folder, "deploying"), join(folder, "in-place")];
    write(program, deploying, {
        "fuzz-components": join(parts, "deploying"),
        "@pulumi/pulumi": join(packages, "@pulumi", "pulumi"),
    });
    write(program, inPlace, {
        "fuzz-components": join(parts, "in-place"),
        "@pulumi/pulumi": join(parts, "pulumi-in-place"),
    });
    return {
        seed,
        deploying,
        inPlace,
        entry,
        isModule: files.get("package.json")?.includes('"module"') ?? false,
        inputs,
    };
}

async function runProcess(script: string, folder: string, env: NodeJS.ProcessEnv): Promise<void> {
    await promisify(execFile)(process.execPath, ["--import", require.resolve("tsx"), join(__dirname, script), folder], {
        env,
        maxBuffer: 64 * 1024 * 1024,
    });
}

const readJson = (folder: string, name: string): unknown => JSON.parse(readFileSync(join(folder, name), "utf8"));

/** Writes programs into a folder, makes their artefacts, and compares what these answer with what the callbacks answer in place. */
export async function runPrograms(programs: readonly GeneratedProgram[], folder: string): Promise<Difference[]> {
    const placeOf = (seed: number) => join(folder, `seed-${seed}`);
    const batch: Batch = { programs: programs.map((program) => writeTwice(program, placeOf(program.seed))) };
    writeFileSync(join(folder, "batch.json"), JSON.stringify(batch));
    await Promise.all([runProcess("make.ts", folder, process.env), runProcess("answer.ts", folder, process.env)]);
    await runProcess("call.ts", folder, {});
    const made = readJson(folder, "made.json") as MadeBatch;
    const inPlace = readJson(folder, "in-place.json") as Answers;
    const artefacts = readJson(folder, "artefacts.json") as Answers;
    return programs.flatMap(({ seed }) =>
        compare(made[seed], inPlace[seed] ?? {}, artefacts[seed] ?? {}).map((each) => ({
            ...each,
            seed,
            folder: placeOf(seed),
        })),
    );
}

/** How the answers of a program differ, by stage. */
function compare(
    made: MadeBatch[number] | undefined,
    inPlace: Readonly<Record<string, readonly string[]>>,
    artefacts: Readonly<Record<string, readonly string[]>>,
): { readonly stage: string; readonly what: string }[] {
    if (!made || made.failure !== undefined) return [{ stage: "", what: `the program fails: ${made?.failure}` }];
    const names = new Set([...Object.keys(inPlace), ...Object.keys(made.stages)]);
    if (names.size === 0) return [{ stage: "", what: "the program has no stage" }];
    return [...names].flatMap((stage) => {
        const artefact = made.stages[stage];
        if (artefact && "failure" in artefact) return [{ stage, what: `is refused: ${artefact.failure}` }];
        const [expected, actual] = [inPlace[stage] ?? [], artefacts[stage] ?? []];
        const mistake = expected.find((each) => each.startsWith("throws mistake"));
        if (mistake !== undefined) return [{ stage, what: `the generated program makes a mistake: ${mistake}` }];
        const index = expected.findIndex((each, at) => each !== actual[at]);
        if (index === -1 && expected.length > 0 && expected.length === actual.length) return [];
        return [{ stage, what: `answer ${index}\n    in place: ${expected[index]}\n    artefact: ${actual[index]}` }];
    });
}
