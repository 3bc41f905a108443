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
