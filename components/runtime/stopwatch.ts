/** Measures how long the user's callback takes, over all its calls. */
export interface Stopwatch {
    time<T>(call: () => T | Promise<T>): Promise<T>;
    /** Whole milliseconds so far. */
    milliseconds(): number;
}

export function stopwatch(): Stopwatch {
    let milliseconds = 0;
    return {
        async time(call) {
            const from = performance.now();
            try {
                return await call();
            } finally {
                milliseconds += performance.now() - from;
            }
        },
        milliseconds: () => Math.round(milliseconds),
    };
}
