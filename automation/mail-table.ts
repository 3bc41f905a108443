import type { MailCounts, MailResult } from "./results";
import { plainTable } from "./table";

/** The counts as a sum, so that a reader sees that nothing is missing. */
export function countsLine(counts: MailCounts): string {
    const { received, sorted, review, ignored, failed, inFlight } = counts;
    const rest = inFlight === 0 ? "" : ` + ${inFlight} in flight`;
    return `${received} received = ${sorted} sorted + ${review} for review + ${ignored} ignored + ${failed} failed${rest}`;
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
    const table = plainTable(["mail", "state", "category", "confidence", "queue", "why"]);
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
