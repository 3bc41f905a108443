import {
    LONGEST_SEARCH_HOURS,
    LONGEST_TRAINING_HOURS,
    MOST_PARALLEL_TRIALS,
    MOST_TRIALS,
    mostTrials,
} from "../../components/training/run-limits";
import type { TrainArguments } from "../training/train-options";
import type { CommandLine, GlobalOptions } from "./command-line";

const OF_REGISTRY = ["--registry <name>", "the ModelRegistry of the program, where it has several"] as const;

/** Commands about models: trained, judged, decided about, and brought into service. */
export function declareModels({ program, command, stackCommand, place, home }: CommandLine): void {
    program.commandsGroup("Models:");
    stackCommand("train", "train a model on labelled records, have it judged and registered, pending approval")
        .option("--data <paths...>", "files or folders with labelled records (CSV, JSON Lines), or s3://bucket/prefix")
        .option("--test <paths...>", "records to judge the model by; a fifth of the data if left out")
        .option("--algorithm <name>", "linear or bert: chooses the job of the program that has it")
        .option("--name <name>", "the TrainingJob or TuningJob of the program, where it has several")
        .option(
            "--jobs <number>",
            `trials of a search at most, 1 to ${mostTrials(undefined)}, at random to ${MOST_TRIALS}; of a TuningJob`,
        )
        .option("--parallel <number>", `trials at a time, 1 to ${MOST_PARALLEL_TRIALS}; of a TuningJob`)
        .option(
            "--hours <hours>",
            `stop it after so many hours, 0.05 to ${LONGEST_TRAINING_HOURS}; a search, to ${LONGEST_SEARCH_HOURS}`,
        )
        .option(
            "--artifacts <address>",
            "where data set and models go: the place that the program gives, s3://bucket/folder/, or one below it",
        )
        .option("--text <columns>", "columns of the text, such as subject,body; recognised if left out")
        .option("--label <column>", "column of the label; recognised if left out")
        .option("--id <column>", "column of the records' own ids; id, where there is one")
        .option("--no-id", "records have no ids of their own")
        .option("--encoding <name>", "encoding of the files, such as windows-1252; recognised if left out")
        .option("--delimiter <name>", "comma, semicolon, tab or pipe; recognised if left out")
        .option("--minimum <number>", "examples to learn from that a label needs, else it is left out; 2 if left out")
        .option("--dry-run", "only show what was recognised and what would be learnt from")
        .option("--follow [job]", "follow a run that was started before; the one under way if its name is left out")
        .option("--no-follow", "start it and return")
        .option("--force", "start it also while another run is under way")
        .option("--prices <file>", "US dollars an hour by instance type, as JSON")
        .option("--output <folder>", "copy model, evaluation and report there")
        .option("--json", "print the result as JSON")
        .action(async (options: GlobalOptions & TrainArguments) => {
            const { trainModel } = await import("../commands/train.js");
            await trainModel({ ...options, place: place(options) });
        });
    stackCommand("judge <job>", "have the model of a run evaluated and registered where that failed, or was stopped")
        .option("--json", "print the result as JSON")
        .action(async (job: string, options: GlobalOptions & { json?: boolean }) => {
            const { judgeAgain } = await import("../commands/judge.js");
            await judgeAgain({ place: place(options), job, json: options.json ?? false });
        });
    stackCommand("models", "list the registered models")
        .option(...OF_REGISTRY)
        .option("--json", "print a line of JSON per model")
        .action(async (options: GlobalOptions & { registry?: string; json?: boolean }) => {
            const { models } = await import("../commands/models.js");
            await models({ place: place(options), registry: options.registry, json: options.json ?? false });
        });
    stackCommand("compare <a> <b>", "show the figures of two models side by side")
        .option(...OF_REGISTRY)
        .option("--json", "print JSON")
        .action(async (a: string, b: string, options: GlobalOptions & { registry?: string; json?: boolean }) => {
            const { compare } = await import("../commands/compare.js");
            await compare({ place: place(options), a, b, registry: options.registry, json: options.json ?? false });
        });
    stackCommand("approve <model>", "approve a model in the registry; nothing is deployed")
        .option(...OF_REGISTRY)
        .option("--reason <text>", "why, kept with the model")
        .action(async (model: string, options: GlobalOptions & { registry?: string; reason?: string }) => {
            const { approve } = await import("../commands/models.js");
            await approve({ place: place(options), model, registry: options.registry, reason: options.reason });
        });
    stackCommand("reject <model>", "reject a model in the registry; nothing is deployed")
        .option(...OF_REGISTRY)
        .requiredOption("--reason <text>", "why, kept with the model")
        .action(async (model: string, options: GlobalOptions & { registry?: string; reason: string }) => {
            const { reject } = await import("../commands/models.js");
            await reject({ place: place(options), model, registry: options.registry, reason: options.reason });
        });
    command("promote [model]", "approve a model, pin it, deploy, and watch it come into service")
        .option(...OF_REGISTRY)
        .action(async (model: string | undefined, options: GlobalOptions & { registry?: string }) => {
            const { promoteModel } = await import("../commands/up.js");
            await promoteModel({ home: home(options), model, registry: options.registry });
        });
}
