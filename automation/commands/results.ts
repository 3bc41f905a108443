import { withConnection } from "../connection";
import { asJson, countsLine, resultsTable } from "../mail-table";
import { sortlineCommand } from "../next-command";
import { countsOf, ResultsReader } from "../results";

export async function status(options: { readonly home: string; readonly json: boolean }): Promise<void> {
    await withConnection(options.home, async (connection) => {
        const counts = countsOf(await new ResultsReader(connection).read());
        process.stdout.write(`${options.json ? JSON.stringify(counts) : countsLine(counts)}\n`);
        const link = options.json ? undefined : await connection.consoleLink();
        if (link !== undefined) process.stdout.write(`The same as a page, by a link that works once: ${link}\n`);
    });
}

export async function results(options: { readonly home: string; readonly json: boolean }): Promise<void> {
    await withConnection(options.home, async (connection) => {
        const found = await new ResultsReader(connection).read();
        if (options.json) for (const result of found) process.stdout.write(`${JSON.stringify(asJson(result))}\n`);
        else if (found.length > 0) process.stdout.write(`${resultsTable(found)}\n`);
        else process.stdout.write(`No mail yet. Send some: ${sortlineCommand(connection, "send FILE")}\n`);
    });
}
