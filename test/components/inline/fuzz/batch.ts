import type { Input } from "./program";

/** Programs that lie in folders, to be worked on in one process. */
export interface Batch {
    readonly programs: readonly WrittenProgram[];
}

export interface WrittenProgram {
    readonly seed: number;
    /** The folder from which it is deployed. */
    readonly deploying: string;
    /** The folder in which its callbacks answer: the same files beside other packages. */
    readonly inPlace: string;
    /** The file to load, in either. */
    readonly entry: string;
    readonly isModule: boolean;
    readonly inputs: readonly Input[];
}

/** An artefact, or why there is none. */
export type Made =
    | { readonly folder: string; readonly environment: Readonly<Record<string, string>> }
    | { readonly failure: string };

/** By seed: an error that the program itself ends with, or its artefacts by stage. */
export type MadeBatch = Readonly<
    Record<
        number,
        {
            readonly failure?: string;
            readonly stages: Readonly<Record<string, Made & { readonly others: readonly string[] }>>;
        }
    >
>;

/** By seed and stage: what the callbacks answered, each answer as text. */
export type Answers = Record<number, Record<string, readonly string[]>>;

type Call = (callback: string | undefined, input: Input) => unknown;

/** Asks a stage's callbacks with every input: its own callback first, then the others. */
export async function ask(
    inputs: readonly Input[],
    others: readonly string[],
    call: Call,
    encodeAnswer: (answer: () => unknown) => Promise<string>,
): Promise<string[]> {
    const answers: string[] = [];
    for (const input of inputs) {
        for (const name of [undefined, ...others])
            answers.push(await encodeAnswer(() => call(name, structuredClone(input))));
    }
    return answers;
}
