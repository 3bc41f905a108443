import { countsLine, resultsTable } from "./mail-table";
import { countsOf, type MailResult } from "./results";

/** Shows results while they come in: redrawn in place on a terminal, a line a change of the counts elsewhere. */
export async function liveTable(say: (line: string) => void): Promise<{
    show(results: readonly MailResult[]): void;
    end(): void;
}> {
    if (process.stdout.isTTY !== true) {
        let told = "";
        return {
            show: (results) => {
                const line = `  ${countsLine(countsOf(results))}`;
                if (line !== told) say(line);
                told = line;
            },
            end: () => undefined,
        };
    }
    const { default: logUpdate } = await import("log-update");
    const rows = Math.max(5, Math.floor((process.stdout.rows ?? 40) / 2) - 4);
    return {
        show: (results) => logUpdate(`${resultsTable(results.slice(-rows))}\n${countsLine(countsOf(results))}`),
        end: () => {
            logUpdate.clear();
            logUpdate.done();
        },
    };
}
