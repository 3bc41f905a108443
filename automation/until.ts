import { setTimeout as wait } from "node:timers/promises";
import { jobFailed } from "./exit";

/**
 * Asks until there is an answer.
 * @param what is waited for, for the message when the time is up.
 * @param ask gives undefined for "not yet".
 * @param options.seconds after which to give up. @default 86,400, the longest that SageMaker lets a job run by default
 * @throws CommandError exit code 4 when the time is up.
 */
export async function until<Answer>(
    what: string,
    ask: () => Promise<Answer | undefined>,
    options: { readonly seconds?: number; readonly everyMilliseconds?: number } = {},
): Promise<Answer> {
    const { seconds = 86_400, everyMilliseconds = 250 } = options;
    const end = Date.now() + seconds * 1000;
    for (;;) {
        const answer = await ask();
        if (answer !== undefined) return answer;
        if (Date.now() > end) throw jobFailed(`Waited ${seconds} s in vain for ${what}.`);
        await wait(everyMilliseconds);
    }
}
