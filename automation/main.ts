import * as fs from "node:fs";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import {
    LONGEST_SEARCH_HOURS,
    LONGEST_TRAINING_HOURS,
    MOST_PARALLEL_TRIALS,
    MOST_TRIALS,
    mostTrials,
} from "../components/training/run-limits";
import { packageFile } from "../local/package-file";
import { badInput, CommandError, exitCodes } from "./exit";
import { homeFolder } from "./home";
import type { Place } from "./place";
import type { TrainArguments } from "./training/train-options";
import { twinOnly } from "./twin-only";

/** Options that every command takes. */
interface GlobalOptions {
    readonly home?: string;
    /** Of commands that work on a stack of Pulumi, too. */
    readonly stack?: string;
}

interface StartOptions extends GlobalOptions {
    readonly once?: boolean;
    readonly port?: number;
    readonly faults?: string;
    readonly watch?: boolean;
    readonly pace?: "fast" | "aws";
}

interface RedriveOptions extends GlobalOptions {
    readonly fromStage?: string;
    readonly since?: string;
    readonly dryRun?: boolean;
    readonly json?: boolean;
}

interface ReplayOptions extends GlobalOptions {
    readonly from: string;
    readonly to?: string;
    readonly model?: string;
    readonly dryRun?: boolean;
    readonly json?: boolean;
}

/**
 * The `sortline` command.
 * @param argv arguments after the command's name.
 * @returns the exit code.
 */
export async function main(argv: readonly string[]): Promise<number> {
    const program = createProgram();
    try {
        await program.parseAsync([...argv], { from: "user" });
        return exitCodes.success;
    } catch (error) {
        return report(error);
    }
}

function report(error: unknown): number {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.success : exitCodes.badInput;
    if (error instanceof CommandError) {
        process.stderr.write(`${error.message}\n`);
        return error.exitCode;
    }
    const known = error instanceof Error ? error : new Error(String(error));
    process.stderr.write(`${process.env.SORTLINE_DEBUG === undefined ? known.message : known.stack}\n`);
    if (process.env.SORTLINE_DEBUG === undefined) {
        process.stderr.write("Set SORTLINE_DEBUG=1 to see where this comes from.\n");
    }
    return exitCodes.failure;
}

/** Commands load what they need when they run: `status` must not wait for what `start` needs. */
function createProgram(): Command {
    const program = new Command("sortline")
        .description("Sorts texts with a pipeline of your own: on this machine, in a test, on AWS.")
        .version(packageVersion())
        .showHelpAfterError("(npx sortline --help lists the commands)")
        .exitOverride();
    const anywhere = (usage: string, description: string) =>
        program
            .command(usage)
            .description(description)
            .option("--home <folder>", "where the twin keeps its state (or SORTLINE_HOME)")
            .exitOverride();
    const command = (usage: string, description: string) =>
        anywhere(usage, description)
            // Known, so that it can be said what to do instead.
            .addOption(new Option("--stack <name>").hideHelp())
            .hook("preAction", (_, chosen) => {
                const { stack } = chosen.opts<GlobalOptions>();
                if (stack !== undefined) throw twinOnly(chosen.name(), stack);
            });
    const stackCommand = (usage: string, description: string) =>
        anywhere(usage, description).option(
            "--stack <name>",
            "a stack that pulumi has deployed, instead of the twin: docs/runs.md",
        );
    const place = ({ home: folder, stack }: GlobalOptions): Place => {
        if (folder !== undefined && stack !== undefined) {
            throw badInput("--home says which twin is meant and --stack which stack: give one of them.");
        }
        return { home: homeFolder(folder), stack };
    };
    const home = (options: GlobalOptions) => homeFolder(options.home);
    const ofRegistry = ["--registry <name>", "the ModelRegistry of the program, where it has several"] as const;

    command("start", "run the program on this machine: deploy it, train a first model, sort the sample mails")
        .option("--once", "end when the sample mails are sorted")
        .option("--port <number>", "port of the twin; an error if it is taken", portNumber)
        .option("--faults <file>", "inject the faults of this plan (JSON): docs/faults.md")
        .addOption(
            new Option("--pace <pace>", "keep nobody waiting, or AWS's intervals and quotas: docs/pace.md").choices([
                "fast",
                "aws",
            ]),
        )
        .option("--watch", "deploy again whenever the program's source is saved")
        .action(async (options: StartOptions) => {
            const { start } = await import("./commands/start.js");
            await start({ ...options, home: home(options), once: options.once ?? false });
        });
    command("send <paths...>", "send mails: files, folders, mbox files")
        .option("--wait", "return when all have settled")
        .action(async (paths: string[], options: GlobalOptions & { wait?: boolean }) => {
            const { send } = await import("./commands/send.js");
            await send({ home: home(options), paths, wait: options.wait ?? false });
        });
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
            const { trainModel } = await import("./commands/train.js");
            await trainModel({ ...options, place: place(options) });
        });
    stackCommand("judge <job>", "have the model of a run evaluated and registered where that failed, or was stopped")
        .option("--json", "print the result as JSON")
        .action(async (job: string, options: GlobalOptions & { json?: boolean }) => {
            const { judgeAgain } = await import("./commands/judge.js");
            await judgeAgain({ place: place(options), job, json: options.json ?? false });
        });
    stackCommand("models", "list the registered models")
        .option(...ofRegistry)
        .option("--json", "print a line of JSON per model")
        .action(async (options: GlobalOptions & { registry?: string; json?: boolean }) => {
            const { models } = await import("./commands/models.js");
            await models({ place: place(options), registry: options.registry, json: options.json ?? false });
        });
    stackCommand("compare <a> <b>", "show the figures of two models side by side")
        .option(...ofRegistry)
        .option("--json", "print JSON")
        .action(async (a: string, b: string, options: GlobalOptions & { registry?: string; json?: boolean }) => {
            const { compare } = await import("./commands/compare.js");
            await compare({ place: place(options), a, b, registry: options.registry, json: options.json ?? false });
        });
    stackCommand("approve <model>", "approve a model in the registry; nothing is deployed")
        .option(...ofRegistry)
        .option("--reason <text>", "why, kept with the model")
        .action(async (model: string, options: GlobalOptions & { registry?: string; reason?: string }) => {
            const { approve } = await import("./commands/models.js");
            await approve({ place: place(options), model, registry: options.registry, reason: options.reason });
        });
    stackCommand("reject <model>", "reject a model in the registry; nothing is deployed")
        .option(...ofRegistry)
        .requiredOption("--reason <text>", "why, kept with the model")
        .action(async (model: string, options: GlobalOptions & { registry?: string; reason: string }) => {
            const { reject } = await import("./commands/models.js");
            await reject({ place: place(options), model, registry: options.registry, reason: options.reason });
        });
    command("up", "deploy the program").action(async (options: GlobalOptions) => {
        const { up } = await import("./commands/up.js");
        await up({ home: home(options) });
    });
    command("promote [model]", "approve a model, pin it, deploy, and watch it come into service")
        .option(...ofRegistry)
        .action(async (model: string | undefined, options: GlobalOptions & { registry?: string }) => {
            const { promoteModel } = await import("./commands/up.js");
            await promoteModel({ home: home(options), model, registry: options.registry });
        });
    command("status", "count the mails by what became of them")
        .option("--json", "print JSON")
        .action(async (options: GlobalOptions & { json?: boolean }) => {
            const { status } = await import("./commands/results.js");
            await status({ home: home(options), json: options.json ?? false });
        });
    command("results", "list the mails and what became of them")
        .option("--json", "print a line of JSON per mail")
        .action(async (options: GlobalOptions & { json?: boolean }) => {
            const { results } = await import("./commands/results.js");
            await results({ home: home(options), json: options.json ?? false });
        });
    command(
        "failures [stage]",
        "list what the stages could not process, and why; also of stages that are no longer there",
    )
        .option("--since <time>", "only what was given up since then: 30m, 2h, 3d, or an ISO time")
        .option("--json", "print a line of JSON per record")
        .action(async (stage: string | undefined, options: GlobalOptions & { since?: string; json?: boolean }) => {
            const { failures } = await import("./commands/failures.js");
            await failures({ home: home(options), stage, since: options.since, json: options.json ?? false });
        });
    command("redrive <stage>", "give a stage again what it could not process")
        .option("--from-stage <stage>", "instead what this one could not, which was renamed or removed")
        .option("--since <time>", "only what was given up since then: 30m, 2h, 3d, or an ISO time")
        .option("--dry-run", "only say what would be done")
        .option("--json", "print a line of JSON per record, and one with the counts")
        .action(async (stage: string, options: RedriveOptions) => {
            const { redriveStage } = await import("./commands/redrive.js");
            const { fromStage, since, dryRun = false, json = false } = options;
            await redriveStage({ home: home(options), stage, fromStage, since, dryRun, json });
        });
    command("replay <stream> <stage>", "give a stage again what came to its stream between two times")
        .requiredOption("--from <time>", "the first time: 30m, 2h, 3d ago, or an ISO time")
        .option("--to <time>", "before this time; now if left out")
        .option("--model <model>", "only while all endpoints that the stage asks serve this model: promote it first")
        .option("--dry-run", "only say what would be done")
        .option("--json", "print a line of JSON per record, and one with the counts")
        .action(async (stream: string, stage: string, options: ReplayOptions) => {
            const { replayStream } = await import("./commands/replay.js");
            const { from, to, model, dryRun = false, json = false } = options;
            await replayStream({ home: home(options), stream, stage, from, to, model, dryRun, json });
        });
    command("permissions", "list what each stage may do, on what, and because of which line")
        .option("--used", "also how often each permission was used, and what was denied")
        .option("--json", "print a line of JSON per permission")
        .action(async (options: GlobalOptions & { used?: boolean; json?: boolean }) => {
            const { permissions } = await import("./commands/permissions.js");
            await permissions({ home: home(options), json: options.json ?? false, used: options.used ?? false });
        });
    command("faults [file]", "show which faults were injected on demand; with a plan (JSON), put it into force")
        .option("--off", "inject no faults any longer")
        .option("--json", "print JSON")
        .action(async (file: string | undefined, options: GlobalOptions & { off?: boolean; json?: boolean }) => {
            const { faults } = await import("./commands/faults.js");
            await faults({ home: home(options), file, off: options.off ?? false, json: options.json ?? false });
        });
    stackCommand("logs [stage]", "show what the stages log, or a training job or trial of a search")
        .option("--follow", "go on until Ctrl-C")
        .option("--filter <pattern>", "only lines that match a filter pattern of CloudWatch Logs")
        .option("--since <time>", "only what was logged since then: 30m, 2h, 3d, or an ISO time")
        .action(
            async (
                stage: string | undefined,
                options: GlobalOptions & { follow?: boolean; filter?: string; since?: string },
            ) => {
                const { logs } = await import("./commands/logs.js");
                const { follow = false, filter, since } = options;
                await logs({ place: place(options), stage, follow, filter, since });
            },
        );
    command("reset", "delete the twin's state: mails, models, results").action(async (options: GlobalOptions) => {
        const { reset } = await import("./commands/reset.js");
        await reset({ home: home(options) });
    });
    return program;
}

function packageVersion(): string {
    return (JSON.parse(fs.readFileSync(packageFile("package.json"), "utf8")) as { version: string }).version;
}

function portNumber(text: string): number {
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
        throw new InvalidArgumentError("It must be a whole number from 1 to 65535.");
    }
    return port;
}
