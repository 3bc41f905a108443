/**
 * How fast and how good the models are, on banking77 (13,083 short messages with 77 labels, 3,080 of them for the test),
 * beside what others use for the same. Each part is a Python program in bench/model/, which says what its figures are.
 *
 * The data is that of others: `SORTLINE_TEST_DATA` says where it is.
 */
import { tunerRequirements } from "../local/aws/sagemaker/tuning/tuner-python";
import { pythonEnvironment } from "../local/python/environment";
import type { Figures, Part } from "./harness/figures";
import { progress } from "./harness/progress";
import { banking77, figuresOf, type Program } from "./model/programs";

export const summary = "models: how good and how fast they are, beside what others use";

const programs: readonly Program[] = [
    { name: "training-speed", file: "training_speed.py", summary: "examples/s of fine-tuning, beside the Trainer" },
    { name: "serving", file: "serving.py", summary: "texts/s and latency in the handler, beside the toolkit's own" },
    {
        name: "long-texts",
        file: "long_texts.py",
        summary: "accuracy and work of what is read of texts that are too long",
        long: true,
    },
    { name: "accuracy", file: "accuracy.py", summary: "of a BERT after five epochs, beside the Trainer's", long: true },
    { name: "linear", file: "linear.py", summary: "the linear model, beside scikit-learn's usual pipeline" },
    {
        name: "out-of-scope",
        file: "out_of_scope.py",
        summary: "what the linear model leaves to people of unknown labels",
    },
    {
        name: "tuning-gain",
        file: "tuning_gain.py",
        summary: "the twin's tuner, beside scikit-learn's random search",
        options: async () => ["--tuner-python", (await pythonEnvironment(tunerRequirements)).python],
        long: true,
    },
];

export const parts: readonly Part[] = programs;

export async function measure(chosen: readonly Part[]): Promise<Figures> {
    const data = banking77();
    const all = new Map<string, Figures[string]>();
    for (const program of programs.filter(({ name }) => chosen.some((part) => part.name === name))) {
        progress(`${program.name}: ${program.summary} …`);
        const figures = await figuresOf(program, data);
        // Told at once too: a later part may take an hour, or fail.
        for (const [key, { value, unit }] of Object.entries(figures)) {
            if (all.has(key)) throw new Error(`Two parts have a figure ${key}.`);
            all.set(key, { value, unit });
            progress(`  ${key} ${value} ${unit}`);
        }
    }
    return Object.fromEntries(all);
}
