import type { MailCounts, MailResult } from "./results";
import { plainTable } from "./table";
import { cutTo } from "./terminal";

/** The counts as a sum, so that a reader sees that nothing is missing. */
export function countsLine(counts: MailCounts): string {
    const { received, sorted, review, ignored, failed, inFlight } = counts;
    const rest = inFlight === 0 ? "" : ` + ${inFlight} in flight`;
    return `${received} received = ${sorted} sorted + ${review} for review + ${ignored} ignored + ${failed} failed${rest}`;
}

/** The published form of a result: its fields are an interface. */
export function asJson({
    id,
    source,
    state,
    category,
    confidence,
    route,
    reason,
}: MailResult): Omit<MailResult, "key"> {
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
            cutTo(34, source),
            stateNames[state],
            cutTo(20, category ?? ""),
            shown,
            cutTo(20, route ?? ""),
            cutTo(44, reason ?? ""),
        ]);
    }
    return table.toString();
}
