import { bandsOf, jaccard, shinglesOf } from "./shingles";

/** Texts whose shingles overlap by this or more (Jaccard) are near-duplicates. */
export const NEAR = 0.8;

/** Texts of a bucket and cluster that a further one is compared with, and clusters of a bucket. */
const MOST_MEMBERS = 8;
const MOST_CLUSTERS = 64;
/** Sets of shingles that are kept for the next comparison. */
const MOST_KEPT = 20_000;

/**
 * Finds clusters of near-duplicates: MinHash proposes pairs, and each is verified by its exact Jaccard index. Texts that
 * are linked by a chain of pairs are in one cluster. The same texts in the same order give the same clusters.
 * @returns for each text the index of the first one of its cluster, its own where it has none.
 */
export function nearDuplicates(texts: readonly string[]): Uint32Array {
    const parents = Uint32Array.from(texts, (_, index) => index);
    const root = (index: number): number => {
        let at = index;
        for (let above = parents[at] ?? at; above !== at; above = parents[at] ?? at) {
            // Shortens the way for the next one.
            parents[at] = parents[above] ?? above;
            at = above;
        }
        return at;
    };
    const join = (a: number, b: number) => {
        // The first of a cluster stands for it.
        parents[Math.max(root(a), root(b))] = Math.min(root(a), root(b));
    };
    const near = comparison(texts);

    const bands = texts.map(bandsOf);
    const count = bands[0]?.length ?? 0;
    for (let band = 0; band < count; band++) {
        for (const members of buckets(bands, band)) {
            const clusters: number[][] = [];
            for (const member of members) {
                const cluster = clusters.find(([first = 0, ...others]) =>
                    root(first) === root(member) ? true : [first, ...others].some((other) => near(other, member)),
                );
                if (cluster === undefined) {
                    if (clusters.length < MOST_CLUSTERS) clusters.push([member]);
                    continue;
                }
                join(cluster[0] ?? member, member);
                if (cluster.length < MOST_MEMBERS) cluster.push(member);
            }
        }
    }
    return parents.map((_, index) => root(index));
}

/** The texts that agree in a band, where there are several. */
function buckets(bands: readonly Uint32Array[], band: number): number[][] {
    const first = new Map<number, number>();
    const shared = new Map<number, number[]>();
    bands.forEach((each, index) => {
        const key = each[band] ?? 0;
        const earlier = first.get(key);
        if (earlier === undefined) first.set(key, index);
        else {
            const bucket = shared.get(key);
            if (bucket === undefined) shared.set(key, [earlier, index]);
            else bucket.push(index);
        }
    });
    return [...shared.values()];
}

/** Compares texts, each pair that is no match once. */
function comparison(texts: readonly string[]): (a: number, b: number) => boolean {
    const kept = new Map<number, Uint32Array>();
    const different = new Set<number>();
    const shingles = (index: number): Uint32Array => {
        const found = kept.get(index);
        if (found !== undefined) return found;
        if (kept.size >= MOST_KEPT) kept.clear();
        const made = shinglesOf(texts[index] ?? "");
        kept.set(index, made);
        return made;
    };
    return (a, b) => {
        const pair = Math.min(a, b) * texts.length + Math.max(a, b);
        if (different.has(pair)) return false;
        if (jaccard(shingles(a), shingles(b)) >= NEAR) return true;
        if (different.size >= 5_000_000) different.clear();
        different.add(pair);
        return false;
    };
}
