/** How an invocation ended. */
export interface Outcome {
    /** The handler returned; otherwise it failed, ran out of time or died. */
    readonly ok: boolean;
    /** JSON: what the handler returned, or `{ errorType, errorMessage, trace? }`. */
    readonly payload: Buffer;
    readonly requestId: string;
    /** Everything that the invocation logged, START and REPORT included. */
    readonly log: string;
}

export function failure(errorType: string, errorMessage: string): Buffer {
    return Buffer.from(JSON.stringify({ errorType, errorMessage }));
}

/** The outcome's error type; undefined after a success. */
export function errorTypeOf(outcome: Outcome): string | undefined {
    if (outcome.ok) return undefined;
    try {
        const { errorType } = JSON.parse(outcome.payload.toString("utf8")) as { errorType?: unknown };
        return typeof errorType === "string" ? errorType : "Unhandled";
    } catch {
        return "Unhandled";
    }
}
