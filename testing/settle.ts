import { setTimeout as wait } from "node:timers/promises";
import type { Twin } from "../local/twin";
import type { Watch } from "../local/watch";

const everyMilliseconds = 5;

/**
 * Waits until nothing is under way any more: what was saved is deployed, every record that a stage may have is handled,
 * given up or rejected, and every event delivered.
 * @param seconds after which to give up.
 * @throws Error that names what is still at work.
 */
export async function untilSettled({ services }: Twin, seconds: number, watch?: Watch): Promise<void> {
    const deadline = performance.now() + seconds * 1000;
    let deploying = watch !== undefined;
    void watch?.settled().then(() => {
        deploying = false;
    });
    // What ends may set off something else in the turn after: only two looks at rest in a row count.
    for (let atRest = 0; atRest < 2; ) {
        atRest = !deploying && services.lambda.idle() && services.events.idle() ? atRest + 1 : 0;
        if (atRest === 0 && performance.now() > deadline) {
            const saved = deploying ? ["the deployment of what was saved"] : [];
            const busy = [...saved, ...services.lambda.busy(), ...services.events.busy()];
            throw new Error(
                `The program has not settled within ${seconds} s. Still at work: ${busy.join("; ")}. What goes by the twin's clock is there sooner with clock.advance; for the rest, wait longer with settle({ seconds }), or change what is in its way.`,
            );
        }
        await wait(everyMilliseconds);
    }
}
