/** Numbers that follow from a seed, the same on every machine: mulberry32. */
export class Random {
    #state: number;

    constructor(seed: number) {
        this.#state = Math.imul(seed + 1, 0x9e3779b1);
    }

    /** At least 0, less than 1. */
    next(): number {
        this.#state = (this.#state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    }

    /** A whole number from 0 to `limit` - 1. */
    below(limit: number): number {
        return Math.floor(this.next() * limit);
    }

    chance(probability: number): boolean {
        return this.next() < probability;
    }

    pick<T>(list: readonly T[]): T {
        if (list.length === 0) throw new Error("nothing to choose from");
        return list[this.below(list.length)] as T;
    }
}
