import { CommandError } from "./exit";

/**
 * Does some work that goes on elsewhere when a person leaves it by Ctrl-C. The second Ctrl-C ends this process at once.
 * @param work gets a signal, which tells it to end.
 * @throws CommandError exit code 1 with the message as soon as the person leaves.
 */
export async function untilLeft<T>(work: (signal: AbortSignal) => Promise<T>, message: () => string): Promise<T> {
    const signals = ["SIGINT", "SIGTERM"] as const;
    const leaving = new AbortController();
    const onSignal = () => {
        if (leaving.signal.aborted) process.exit(1);
        leaving.abort();
    };
    for (const signal of signals) process.on(signal, onSignal);
    try {
        return await work(leaving.signal);
    } catch (error) {
        if (leaving.signal.aborted) throw new CommandError(message());
        throw error;
    } finally {
        for (const signal of signals) process.off(signal, onSignal);
    }
}
