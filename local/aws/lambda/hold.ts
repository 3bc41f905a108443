/** Makes invocations wait, for as long as new code is on its way. */
export interface Hold {
    /** From now on invocations wait. @returns a function that ends this; they go on when all who began have called it. */
    begin(): () => void;
    /** Resolves when nobody holds invocations back. Rejects with the signal's reason when that is aborted. */
    passed(signal?: AbortSignal): Promise<void>;
    /** Lets all go on, for good. */
    end(): void;
}

export function createHold(): Hold {
    const holding = new Set<symbol>();
    const waiting = new Set<() => void>();
    let ended = false;

    function release(): void {
        for (const resolve of waiting) resolve();
        waiting.clear();
    }

    return {
        begin() {
            const own = Symbol("hold");
            if (!ended) holding.add(own);
            return () => {
                if (holding.delete(own) && holding.size === 0) release();
            };
        },
        async passed(signal) {
            while (holding.size > 0) {
                signal?.throwIfAborted();
                await new Promise<void>((resolve) => {
                    const go = () => {
                        signal?.removeEventListener("abort", go);
                        waiting.delete(go);
                        resolve();
                    };
                    waiting.add(go);
                    signal?.addEventListener("abort", go);
                });
            }
        },
        end() {
            ended = true;
            holding.clear();
            release();
        },
    };
}
