import Table from "cli-table3";
import { connect } from "../connection";
import { countsOf, type MailResult, ResultsReader } from "../results";

export async function status(options: { readonly home: string; readonly json: boolean }): Promise<void> {
    const counts = countsOf(await readResults(options.home));
    if (options.json) process.stdout.write(`${JSON.stringify(counts)}\n`);
    else process.stdout.write(`${countsLine(counts)}\n`);
}

/** The counts as a sum, so that a reader sees that nothing is missing. */
export function countsLine(counts: ReturnType<typeof countsOf>): string {
    const { received, sorted, review, ignored, failed, inFlight } = counts;
    const rest = inFlight === 0 ? "" : ` + ${inFlight} in flight`;
    return `${received} received = ${sorted} sorted + ${review} for review + ${ignored} ignored + ${failed} failed${rest}`;
}

export async function results(options: { readonly home: string; readonly json: boolean }): Promise<void> {
    const found = await readResults(options.home);
    if (options.json) for (const result of found) process.stdout.write(`${JSON.stringify(asJson(result))}\n`);
    else
        process.stdout.write(
            found.length === 0 ? "No mail yet. Send some: npx sortline send FILE\n" : `${resultsTable(found)}\n`,
        );
}

async function readResults(home: string): Promise<MailResult[]> {
    const connection = connect(home);
    try {
        return await new ResultsReader(connection).read();
    } finally {
        connection.close();
    }
}

/** The published form of a result: its fields are an interface. */
export function asJson({ id, source, state, category, confidence, route, reason }: MailResult): object {
    return { id, source, state, category, confidence, route, reason };
}

const stateNames: Readonly<Record<MailResult["state"], string>> = {
    sorted: "sorted",
    review: "review",
    ignored: "ignored",
    failed: "FAILED",
    inFlight: "…",
};

export function resultsTable(found: readonly MailResult[]): string {
    const table = new Table({
        head: ["mail", "state", "category", "confidence", "queue", "why"],
        style: { head: [], border: [] },
    });
    for (const { source, state, category, confidence, route, reason } of found) {
        const shown = confidence === null ? "" : confidence.toFixed(2);
        table.push([
            plain(source, 34),
            stateNames[state],
            plain(category ?? "", 20),
            shown,
            route ?? "",
            plain(reason ?? "", 44),
        ]);
    }
    return table.toString();
}

/** Names and reasons come from outside: no control characters reach the terminal, and long ones are cut. */
function plain(text: string, width: number): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the terminal
    const safe = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "?");
    return safe.length > width ? `${safe.slice(0, width - 1)}…` : safe;
}
