import { setTimeout as wait } from "node:timers/promises";
import { jobFailed } from "./exit";

/** After this a person wonders what is going on. */
const wonderMilliseconds = 10_000;

/**
 * Asks until there is an answer.
 * @param what is waited for, for the message when the time is up.
 * @param ask gives undefined for "not yet".
 * @param options.seconds after which to give up. @default 86,400, the longest that SageMaker lets a job run by default
 * @param options.signal ends the wait with an AbortError.
 * @param options.remind is called once, where it takes longer than one waits without wondering.
 * @throws CommandError exit code 4 when the time is up.
 */
export async function until<Answer>(
    what: string,
    ask: () => Promise<Answer | undefined>,
    options: {
        readonly seconds?: number;
        readonly everyMilliseconds?: number;
        readonly signal?: AbortSignal;
        remind?(line: string): void;
    } = {},
): Promise<Answer> {
    const { seconds = 86_400, everyMilliseconds = 250, signal } = options;
    let { remind } = options;
    const began = Date.now();
    for (;;) {
        const answer = await ask();
        if (answer !== undefined) return answer;
        const waited = Date.now() - began;
        if (waited > wonderMilliseconds) {
            remind?.(`Still waiting (up to ${seconds} s) for ${what}`);
            remind = undefined;
        }
        if (waited > seconds * 1000) throw jobFailed(`Waited ${seconds} s in vain for ${what}.`);
        await wait(everyMilliseconds, undefined, { signal });
    }
}
