import * as fs from "node:fs";
import { Command, Option } from "commander";
import { packageFile } from "../../local/package-file";
import { badInput } from "../exit";
import { homeFolder } from "../home";
import type { Place } from "../place";
import { twinOnly } from "../twin-only";

export interface GlobalOptions {
    readonly home?: string;
    /** Of commands that work on a stack of Pulumi, too. */
    readonly stack?: string;
}

/** What commands are declared with. */
export interface CommandLine {
    readonly program: Command;
    /** Begins a command that works on the twin only. */
    command(usage: string, description: string): Command;
    /** Begins a command that works on a stack of Pulumi, too. */
    stackCommand(usage: string, description: string): Command;
    place(options: GlobalOptions): Place;
    home(options: GlobalOptions): string;
}

/** A program without commands. */
export function commandLine(): CommandLine {
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
    return { program, command, stackCommand, place, home };
}

function packageVersion(): string {
    return (JSON.parse(fs.readFileSync(packageFile("package.json"), "utf8")) as { version: string }).version;
}
