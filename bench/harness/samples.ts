/** The middle of some numbers; of an even count the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
    const sorted = [...numbers].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    const upper = sorted[middle];
    const lower = sorted.length % 2 === 0 ? sorted[middle - 1] : upper;
    if (upper === undefined || lower === undefined) throw new Error("There is no median of no numbers.");
    return (lower + upper) / 2;
}

/**
 * Measures several sides in turns (a b a b …), so that what else the machine does falls on all of them alike. Returns
 * each side's samples in order. The first round warms the disk's cache and does not count.
 */
export async function alternate<Side extends string, Sample>(
    rounds: number,
    sides: Readonly<Record<Side, () => Promise<Sample>>>,
): Promise<Record<Side, Sample[]>> {
    const names = Object.keys(sides) as Side[];
    const samples = Object.fromEntries(names.map((name) => [name, [] as Sample[]])) as Record<Side, Sample[]>;
    for (let round = -1; round < rounds; round++) {
        for (const name of names) {
            const sample = await sides[name]();
            if (round >= 0) samples[name].push(sample);
        }
    }
    return samples;
}
