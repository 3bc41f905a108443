import type { ReadableShard } from "../../kinesis";

/** Which shards are to be read. */
export interface Turns {
    /** All that came before has been read. */
    readonly ready: readonly ReadableShard[];
    /** Something that came before is still to be read. */
    readonly waiting: readonly ReadableShard[];
}

/**
 * Whose turn it is: a shard is read when all that it descends from is done, so that the order of each partition key holds
 * over splits and merges.
 * @param shards parents before their children
 * @param isDone nothing is left to read in this shard, or it is no longer there
 */
export function turns(shards: readonly ReadableShard[], isDone: (shardId: string) => boolean): Turns {
    const ready: ReadableShard[] = [];
    const waiting: ReadableShard[] = [];
    /** A shard that is done itself may have been without records: its children come after its parents all the same. */
    const unfinished = new Set<string>();
    for (const shard of shards) {
        const itsTurn = shard.parentIds.every((id) => !unfinished.has(id) && isDone(id));
        const done = isDone(shard.id);
        if (!itsTurn || !done) unfinished.add(shard.id);
        if (!done) (itsTurn ? ready : waiting).push(shard);
    }
    return { ready, waiting };
}
