/** How an invocation ended. */
export interface Outcome {
    /** The handler returned; otherwise it failed, ran out of time or died. */
    readonly ok: boolean;
    /** JSON: what the handler returned, or `{ errorType, errorMessage, trace? }`. */
    readonly payload: Buffer;
    readonly requestId: string;
    /** Milliseconds that the handler took. */
    readonly duration: number;
    /** Everything that the invocation logged, START and REPORT included. */
    readonly log: string;
}

export function failure(errorType: string, errorMessage: string): Buffer {
    return Buffer.from(JSON.stringify({ errorType, errorMessage }));
}

/** What a failure says about itself. Undefined of what a runtime of the function's own has written in another form. */
export function readFailure(text: string): { readonly errorType: string; readonly errorMessage: string } | undefined {
    const answer = jsonOrText(text);
    if (typeof answer !== "object" || answer === null) return undefined;
    const { errorType, errorMessage } = answer as Readonly<Record<string, unknown>>;
    return typeof errorType === "string" ? { errorType, errorMessage: String(errorMessage ?? "") } : undefined;
}

/** What a text says as JSON; the text itself where it is none, as a runtime of the function's own may answer. */
export function jsonOrText(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}
