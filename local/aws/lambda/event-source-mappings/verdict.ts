import type { Outcome } from "../outcome";

/** What an invocation did to its batch. */
export type Verdict =
    | { readonly kind: "done"; readonly state: string | undefined }
    /** Everything before `from` is done; `from` is 0 when the whole batch failed. */
    | {
          readonly kind: "failed";
          readonly from: number;
          readonly functionError: "Unhandled" | null;
          readonly state: string | undefined;
      };

/** How a function answers, by its mapping. */
export interface Answering {
    /** With `batchItemFailures`. */
    readonly reportsItems: boolean;
    /** With the `state` of a tumbling window. */
    readonly keepsState: boolean;
}

/**
 * Reads a function's answer as Lambda does. Where the function reports failed items, the batch is done up to the first
 * of them; an answer that names none is a success, and one that cannot be understood fails the whole batch. Where it
 * keeps the state of a window, an answer without one is a failure.
 */
export function judge(outcome: Outcome, sequenceNumbers: readonly string[], answering: Answering): Verdict {
    if (!outcome.ok) return { ...wholeBatch, functionError: "Unhandled" };
    if (!answering.reportsItems && !answering.keepsState) return { kind: "done", state: undefined };
    let answer: unknown;
    try {
        // A runtime of the function's own may answer with nothing at all.
        answer = outcome.payload.length === 0 ? undefined : JSON.parse(outcome.payload.toString("utf8"));
    } catch {
        return wholeBatch;
    }
    const { batchItemFailures, state: returned } = isRecord(answer) ? answer : {};
    const hasState = returned !== undefined && returned !== null;
    if (answering.keepsState && !hasState) return wholeBatch;
    const state = answering.keepsState ? JSON.stringify(returned) : undefined;
    const from = answering.reportsItems ? firstFailure(batchItemFailures, sequenceNumbers) : sequenceNumbers.length;
    if (from === undefined) return wholeBatch;
    if (from === sequenceNumbers.length) return { kind: "done", state };
    return { kind: "failed", from, functionError: null, state };
}

/** The place of the first item that failed; the end of the batch where none did, undefined where one is not of it. */
function firstFailure(failures: unknown, sequenceNumbers: readonly string[]): number | undefined {
    if (failures === undefined || failures === null) return sequenceNumbers.length;
    if (!Array.isArray(failures)) return undefined;
    let from = sequenceNumbers.length;
    for (const failure of failures as unknown[]) {
        const at = isRecord(failure) ? sequenceNumbers.indexOf(String(failure.itemIdentifier)) : -1;
        if (at < 0) return undefined;
        from = Math.min(from, at);
    }
    return from;
}

const wholeBatch = { kind: "failed", from: 0, functionError: null, state: undefined } as const;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
