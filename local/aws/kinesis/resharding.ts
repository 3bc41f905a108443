import { evenRanges, hashKeyOf, hexadecimal, openShards, type ShardState } from "./shards";

/** When shards are closed and others opened: for all that one call does, the same. */
export interface Moment {
    /** Milliseconds since 1970. */
    readonly time: number;
    /** An index that no record has: sequence numbers of parents end with it, their children's begin. */
    readonly index: number;
}

type Range = Pick<ShardState, "firstHash" | "lastHash">;

/** The shards after one of them was split, the upper part beginning with a hash key. */
export function split(
    shards: readonly ShardState[],
    shard: ShardState,
    at: bigint,
    moment: Moment,
): readonly ShardState[] {
    const family = familyOf(shards, moment);
    family.split(shard, hexadecimal(at));
    return family.members();
}

/** The shards after two whose ranges adjoin were merged. */
export function merge(
    shards: readonly ShardState[],
    lower: ShardState,
    upper: ShardState,
    moment: Moment,
): readonly ShardState[] {
    const family = familyOf(shards, moment);
    family.merge(lower, upper);
    return family.members();
}

export function adjoin(lower: ShardState, upper: ShardState): boolean {
    return hashKeyOf(lower.lastHash) + 1n === hashKeyOf(upper.firstHash);
}

/**
 * The shards after they were split and merged until the open ones divide the hash keys evenly. As on AWS, that may need
 * shards that are closed as soon as they are opened.
 */
export function scaleUniformly(shards: readonly ShardState[], count: number, moment: Moment): readonly ShardState[] {
    const family = familyOf(shards, moment);
    const starts = evenRanges(count).map(({ firstHash }) => firstHash);
    const pieces: ShardState[] = [];
    let next = 0;
    for (let rest of openShards(shards)) {
        for (let start = starts[next]; start !== undefined && start <= rest.lastHash; start = starts[++next]) {
            if (start === rest.firstHash) continue;
            const [lower, upper] = family.split(rest, start);
            pieces.push(lower);
            rest = upper;
        }
        pieces.push(rest);
    }
    const beginning = new Set(starts);
    pieces.reduce((lower, upper) => (beginning.has(upper.firstHash) ? upper : family.merge(lower, upper)));
    return family.members();
}

/** Shards of which some are closed and get children. */
function familyOf(shards: readonly ShardState[], { time, index }: Moment) {
    const members = new Map(shards.map((shard) => [shard.number, shard]));
    let next = Math.max(...members.keys()) + 1;

    function close(shard: ShardState): void {
        members.set(shard.number, { ...shard, closed: { time, end: index } });
    }

    function open({ firstHash, lastHash }: Range, ...parents: readonly ShardState[]): ShardState {
        const child = {
            number: next++,
            firstHash,
            lastHash,
            created: time,
            start: index,
            parents: parents.map(({ number }) => number),
        };
        members.set(child.number, child);
        return child;
    }

    return {
        members: (): readonly ShardState[] => [...members.values()],
        split(shard: ShardState, start: string): readonly [ShardState, ShardState] {
            close(shard);
            const end = hexadecimal(hashKeyOf(start) - 1n);
            return [
                open({ firstHash: shard.firstHash, lastHash: end }, shard),
                open({ firstHash: start, lastHash: shard.lastHash }, shard),
            ];
        },
        merge(lower: ShardState, upper: ShardState): ShardState {
            close(lower);
            close(upper);
            return open({ firstHash: lower.firstHash, lastHash: upper.lastHash }, lower, upper);
        },
    };
}
