import { CommanderError } from "commander";
import { commandLine } from "./command-line/command-line";
import { declareModels } from "./command-line/models";
import { declarePipeline } from "./command-line/pipeline";
import { declareRecords } from "./command-line/records";
import { CommandError, exitCodes } from "./exit";

/**
 * The `sortline` command.
 * @param argv arguments after the command's name.
 * @returns the exit code.
 */
export async function main(argv: readonly string[]): Promise<number> {
    // Commands load what they need when they run: `status` must not wait for what `start` needs.
    const declared = commandLine();
    declarePipeline(declared);
    declareRecords(declared);
    declareModels(declared);
    try {
        await declared.program.parseAsync([...argv], { from: "user" });
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
