import { CommandError } from "./exit";

/** Waits for Ctrl-C or SIGTERM, for commands that have a twin to end. */
export interface Interruption {
    /** Resolves when the person interrupts. */
    readonly happened: Promise<void>;
    /** Waits for some work. @throws CommandError as soon as the person interrupts; the work is then given up. */
    during<T>(work: Promise<T>): Promise<T>;
    /** Stops watching. */
    end(): void;
}

/** How long given up work may hold this process, once its twin has ended. */
const patienceMilliseconds = 1000;

/** Watches for interruptions from now on. The second one ends this process at once. */
export function watchInterruption(say: (line: string) => void): Interruption {
    const signals = ["SIGINT", "SIGTERM"] as const;
    let interrupted = false;
    let resolve: () => void = () => undefined;
    const happened = new Promise<void>((done) => {
        resolve = done;
    });
    const onSignal = () => {
        if (interrupted) process.exit(1);
        interrupted = true;
        say("\nEnding; what was accepted is kept.");
        resolve();
    };
    for (const signal of signals) process.on(signal, onSignal);
    let unfinished = false;
    return {
        happened,
        async during(work) {
            // What fails because its twin is ending is no news.
            work.catch(() => undefined);
            const stop = happened.then(() => {
                unfinished = true;
                throw new CommandError("Interrupted before it was done. Start again to go on.");
            });
            return await Promise.race([work, stop]);
        },
        end() {
            for (const signal of signals) process.off(signal, onSignal);
            if (unfinished) setTimeout(() => process.exit(), patienceMilliseconds).unref();
        },
    };
}
