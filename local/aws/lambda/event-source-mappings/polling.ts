import type { TwinContext } from "../../context";

/** How often Lambda looks into each shard for records. */
const pollMilliseconds = 1_000;

/**
 * What to call when records have come: it wakes whoever reads them, at once, or, at the pace of AWS, at the next of the
 * polls that follow each other a second apart.
 */
export function polling({ clock, pace }: Pick<TwinContext, "clock" | "pace">, wake: () => void): () => void {
    if (pace === "fast") return wake;
    const start = clock.now();
    let expected = false;
    return () => {
        if (expected) return;
        expected = true;
        const polls = Math.floor((clock.now() - start) / pollMilliseconds) + 1;
        clock.at(start + polls * pollMilliseconds, () => {
            expected = false;
            wake();
        });
    };
}
