import type { Outcome } from "../outcome";

/** What an invocation did to its batch. */
export type Verdict =
    | { readonly kind: "done" }
    /** Everything before `from` is done; `from` is 0 when the whole batch failed. */
    | { readonly kind: "failed"; readonly from: number; readonly functionError: "Unhandled" | null };

/**
 * Reads a function's answer as Lambda does. Where the function reports failed items, the batch is done up to the first
 * of them; an answer that names none is a success, and one that cannot be understood fails the whole batch.
 */
export function judge(outcome: Outcome, sequenceNumbers: readonly string[], reportsItems: boolean): Verdict {
    if (!outcome.ok) return { kind: "failed", from: 0, functionError: "Unhandled" };
    if (!reportsItems) return { kind: "done" };
    const answer: unknown = JSON.parse(outcome.payload.toString("utf8"));
    const failures = isRecord(answer) ? answer.batchItemFailures : undefined;
    if (failures === undefined || failures === null) return { kind: "done" };
    if (!Array.isArray(failures)) return wholeBatch;
    let from = sequenceNumbers.length;
    for (const failure of failures as unknown[]) {
        const at = isRecord(failure) ? sequenceNumbers.indexOf(String(failure.itemIdentifier)) : -1;
        if (at < 0) return wholeBatch;
        from = Math.min(from, at);
    }
    return from === sequenceNumbers.length ? { kind: "done" } : { kind: "failed", from, functionError: null };
}

const wholeBatch: Verdict = { kind: "failed", from: 0, functionError: null };

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
