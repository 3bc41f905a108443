import type { CommandLine, GlobalOptions } from "./command-line";

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

/** Commands about what goes through the pipeline: sent, counted, and given again. */
export function declareRecords({ program, command, home }: CommandLine): void {
    program.commandsGroup("Mails and records:");
    command("send <paths...>", "send mails: files, folders, mbox files")
        .option("--wait", "return when all have settled")
        .action(async (paths: string[], options: GlobalOptions & { wait?: boolean }) => {
            const { send } = await import("../commands/send.js");
            await send({ home: home(options), paths, wait: options.wait ?? false });
        });
    command("status", "count the mails by what became of them")
        .option("--json", "print JSON")
        .action(async (options: GlobalOptions & { json?: boolean }) => {
            const { status } = await import("../commands/results.js");
            await status({ home: home(options), json: options.json ?? false });
        });
    command("results", "list the mails and what became of them")
        .option("--json", "print a line of JSON per mail")
        .action(async (options: GlobalOptions & { json?: boolean }) => {
            const { results } = await import("../commands/results.js");
            await results({ home: home(options), json: options.json ?? false });
        });
    command(
        "failures [stage]",
        "list what the stages could not process, and why; also of stages that are no longer there",
    )
        .option("--since <time>", "only what was given up since then: 30m, 2h, 3d, or an ISO time")
        .option("--json", "print a line of JSON per record")
        .action(async (stage: string | undefined, options: GlobalOptions & { since?: string; json?: boolean }) => {
            const { failures } = await import("../commands/failures.js");
            await failures({ home: home(options), stage, since: options.since, json: options.json ?? false });
        });
    command("redrive <stage>", "give a stage again what it could not process")
        .option("--from-stage <stage>", "instead what this one could not, which was renamed or removed")
        .option("--since <time>", "only what was given up since then: 30m, 2h, 3d, or an ISO time")
        .option("--dry-run", "only say what would be done")
        .option("--json", "print a line of JSON per record, and one with the counts")
        .action(async (stage: string, options: RedriveOptions) => {
            const { redriveStage } = await import("../commands/redrive.js");
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
            const { replayStream } = await import("../commands/replay.js");
            const { from, to, model, dryRun = false, json = false } = options;
            await replayStream({ home: home(options), stream, stage, from, to, model, dryRun, json });
        });
}
