import { setTimeout as wait } from "node:timers/promises";
import { withConnection } from "../connection";
import { badInput } from "../exit";
import { countsLine } from "../mail-table";
import { readMails, sendMails } from "../mails";
import { countsOf, type MailResult, ResultsReader } from "../results";
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
            process.stdout.write("See what becomes of them: npx sortline results\n");
        }
        if (unsendable.length > 0)
            throw badInput(`${unsendable.length} of ${keys.length + unsendable.length} could not be sent.`);
    });
}

/**
 * Waits until none of these mails is in flight. There is no time limit: a stage may be retrying, and that is up to it.
 * @param keys object keys in the mail bucket.
 */
export async function untilSettled(
    reader: ResultsReader,
    keys: ReadonlySet<string>,
    onProgress: (results: readonly MailResult[]) => void = () => undefined,
): Promise<MailResult[]> {
    for (;;) {
        const results = (await reader.read()).filter((result) => keys.has(result.key));
        onProgress(results);
        if (results.length >= keys.size && results.every(({ state }) => state !== "inFlight")) return results;
        await wait(200);
    }
}
