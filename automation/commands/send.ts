import { withConnection } from "../connection";
import { badInput } from "../exit";
import { countsLine } from "../mail-table";
import { readMails, sendMails } from "../mails";
import { sortlineCommand } from "../next-command";
import { countsOf, ResultsReader } from "../results";
import { untilSettled } from "../settled";
import { printable } from "../terminal";

export async function send(options: {
    readonly home: string;
    readonly paths: readonly string[];
    readonly wait: boolean;
}): Promise<void> {
    await withConnection(options.home, async (connection) => {
        const { keys, repeated, unsendable } = await sendMails(connection, readMails(options.paths));
        for (const { source, reason } of unsendable)
            process.stderr.write(`${printable(`${source} was not sent: ${reason}`)}.\n`);
        const before = repeated === 0 ? "" : `, ${repeated} had been sent before`;
        process.stdout.write(`${keys.length - repeated} sent${before}\n`);
        if (options.wait && keys.length > 0) {
            const settled = await untilSettled(new ResultsReader(connection), new Set(keys));
            process.stdout.write(`${countsLine(countsOf(settled))}\n`);
        } else if (keys.length > 0) {
            process.stdout.write(`See what becomes of them: ${sortlineCommand(connection, "results")}\n`);
        }
        if (unsendable.length > 0)
            throw badInput(`${unsendable.length} of ${keys.length + unsendable.length} could not be sent.`);
    });
}
