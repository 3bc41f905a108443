/**
 * Sequence numbers look like AWS's: 56 digits. As a number of 47 hexadecimal digits they hold the shard's creation time
 * (9, seconds), the record's index in the store (16, which alone gives the order within a shard) and the shard (8).
 */
const indexShift = 84n;
const createdShift = indexShift + 64n;
const shardShift = 4n;
const leading = 2n << 184n;
const version = 2n;

/** What all sequence numbers of a shard have in common, to be computed once. */
export function sequenceBase(created: number, shard: number): bigint {
    const seconds = BigInt(Math.floor(created / 1000));
    return leading | (seconds << createdShift) | (BigInt(shard) << shardShift) | version;
}

export function sequenceNumber(base: bigint, index: number): string {
    return (base | (BigInt(index) << indexShift)).toString();
}

/** The index in a sequence number; undefined when it is not one of this shard. */
export function sequenceIndex(base: bigint, text: string): number | undefined {
    const found = parseSequenceNumber(text);
    return found !== undefined && (base | (BigInt(found.index) << indexShift)) === BigInt(text)
        ? found.index
        : undefined;
}

/** What a sequence number holds; undefined when it is not one. */
export function parseSequenceNumber(text: string): { readonly index: number; readonly shard: number } | undefined {
    if (!/^\d{1,60}$/.test(text)) return undefined;
    const value = BigInt(text);
    const index = Number((value >> indexShift) & 0xffff_ffff_ffff_ffffn);
    const shard = Number((value >> shardShift) & 0xffff_ffffn);
    if (value >> 184n !== 2n || (value & 0xfn) !== version || !Number.isSafeInteger(index)) return undefined;
    return { index, shard };
}
