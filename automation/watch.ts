import colors from "picocolors";
import type { Twin } from "../local/twin";
import { type Watch, watchProgram } from "../local/watch";
import { deploymentProgress } from "./progress";
import { printable } from "./terminal";

/** Deploys the program whenever its source is saved, and says what became of that. */
export function watchAndTell(twin: Twin, say: (line: string) => void): Watch {
    const progress = deploymentProgress(say);
    return watchProgram(twin, {
        onEvent(event) {
            switch (event.kind) {
                case "saved":
                    say(`\n${colors.bold("Saved")} ${printable(shortList(event.files))}`);
                    break;
                case "deployment":
                    progress(event.event);
                    break;
                case "deployed": {
                    const seconds = `${(event.milliseconds / 1000).toFixed(1)} s`;
                    for (const name of event.functions) say(`  ${name}: new code, ${seconds}`);
                    if (event.functions.length === 0) say(`  Deployed; no function has new code. ${seconds}`);
                    break;
                }
                case "failed":
                    say(`  ${colors.red("Not deployed")}; the code from before goes on until the next save.`);
                    for (const line of event.message.split("\n")) say(`  ${printable(line)}`);
                    break;
                case "superseded":
                    say("  Saved again before the program had ended: it was ended, and the new one is deployed.");
                    break;
                case "late":
                    say(
                        event.programRuns
                            ? `  The program has not ended for ${event.milliseconds / 1000} s: records go on with the code from before. If it never ends (a loop, an open timer), save a mended one.`
                            : `  The deployment has taken ${event.milliseconds / 1000} s: records go on with the code from before until it is done.`,
                    );
                    break;
                case "trouble":
                    say(`  ${colors.yellow("warning")} ${printable(event.message)}`);
                    break;
            }
        },
    });
}

function shortList(files: readonly string[]): string {
    const shown = files.slice(0, 3).join(", ");
    return files.length > 3 ? `${shown} and ${files.length - 3} more` : shown;
}
