import { createHash } from "node:crypto";

/** When to kill a twin: after so many records were acknowledged, or so long after its process was started. */
export type Moment = { readonly acknowledged: number } | { readonly milliseconds: number };

/** The moment of a round: the same for the same seed. One in eight falls into the start. */
export function momentOf(seed: string, round: number): Moment {
    const digest = createHash("sha256").update(`${seed}/${round}`).digest();
    const amount = digest.readUInt16BE(0);
    return digest[2] !== undefined && digest[2] % 8 === 0
        ? { milliseconds: amount % 1000 }
        : { acknowledged: amount % 4000 };
}
