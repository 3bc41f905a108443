/** What Lambda's context says about the time that an invocation has. */
export interface InvocationTime {
    getRemainingTimeInMillis(): number;
}

/** The end of an invocation, seen from within: what is not done by then is reported instead of lost in a timeout. */
export interface Deadline {
    /** Whether there is time to begin with another record and still write what is done. */
    timeToHandle(): boolean;
    /** Whether there is time to write and still answer. */
    timeToWrite(): boolean;
    /** Aborted when only the time to answer is left. */
    readonly signal: AbortSignal;
    /** What the promise gives, or a rejection once the time to answer has come. */
    race<T>(promise: Promise<T>): Promise<T>;
    /** To be called when the invocation ends. */
    end(): void;
}

/** Time kept free for writing what is done, in milliseconds, or this part of the function's timeout if that is less. */
const WRITING = { milliseconds: 5000, share: 0.2 };
/** The same for answering: logs, metrics and the list of failures. */
const ANSWERING = { milliseconds: 1000, share: 0.05 };

export function startDeadline(time: InvocationTime): Deadline {
    const whole = time.getRemainingTimeInMillis();
    const writing = Math.min(WRITING.milliseconds, whole * WRITING.share);
    const answering = Math.min(ANSWERING.milliseconds, whole * ANSWERING.share);
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(new OutOfTimeError()), Math.max(0, whole - answering));
    const { signal } = controller;
    return {
        timeToHandle: () => time.getRemainingTimeInMillis() >= writing,
        timeToWrite: () => !signal.aborted && time.getRemainingTimeInMillis() >= answering,
        signal,
        async race(promise) {
            const settled = new AbortController();
            const late = new Promise<never>((_, reject) => {
                const stop = () => reject(signal.reason);
                if (signal.aborted) stop();
                else signal.addEventListener("abort", stop, { once: true, signal: settled.signal });
            });
            try {
                return await Promise.race([promise, late]);
            } finally {
                settled.abort();
            }
        },
        end: () => clearTimeout(timer),
    };
}

/** The function's timeout is near. Lambda is told to try the record again. */
export class OutOfTimeError extends Error {
    override readonly name = "OutOfTimeError";
    constructor() {
        super("The function's timeout is near: give it more time or smaller batches.");
    }
}
