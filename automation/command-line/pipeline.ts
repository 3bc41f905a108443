import { InvalidArgumentError, Option } from "commander";
import type { CommandLine, GlobalOptions } from "./command-line";

interface StartOptions extends GlobalOptions {
    readonly once?: boolean;
    readonly port?: number;
    readonly faults?: string;
    readonly watch?: boolean;
    readonly pace?: "fast" | "aws";
}

/** Commands about the program as it is deployed: started, changed, watched and reset. */
export function declarePipeline({ program, command, stackCommand, place, home }: CommandLine): void {
    program.commandsGroup("Pipeline:");
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
            const { start } = await import("../commands/start.js");
            await start({ ...options, home: home(options), once: options.once ?? false });
        });
    command("up", "deploy the program").action(async (options: GlobalOptions) => {
        const { up } = await import("../commands/up.js");
        await up({ home: home(options) });
    });
    command("permissions", "list what each stage may do, on what, and because of which line")
        .option("--used", "also how often each permission was used, and what was denied")
        .option("--json", "print a line of JSON per permission")
        .action(async (options: GlobalOptions & { used?: boolean; json?: boolean }) => {
            const { permissions } = await import("../commands/permissions.js");
            await permissions({ home: home(options), json: options.json ?? false, used: options.used ?? false });
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
                const { logs } = await import("../commands/logs.js");
                const { follow = false, filter, since } = options;
                await logs({ place: place(options), stage, follow, filter, since });
            },
        );
    command("faults [file]", "show which faults were injected on demand; with a plan (JSON), put it into force")
        .option("--off", "inject no faults any longer")
        .option("--json", "print JSON")
        .action(async (file: string | undefined, options: GlobalOptions & { off?: boolean; json?: boolean }) => {
            const { faults } = await import("../commands/faults.js");
            await faults({ home: home(options), file, off: options.off ?? false, json: options.json ?? false });
        });
    command("reset", "delete the twin's state: mails, models, results").action(async (options: GlobalOptions) => {
        const { reset } = await import("../commands/reset.js");
        await reset({ home: home(options) });
    });
}

function portNumber(text: string): number {
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
        throw new InvalidArgumentError("It must be a whole number from 1 to 65535.");
    }
    return port;
}
