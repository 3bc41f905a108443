/**
 * Characters of a shingle: 5 is the usual choice for mails (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets,
 * 3.2.2).
 */
const LENGTH = 5;

/**
 * Rows of a band and bands: two texts agree in a band with the probability s^6, where s is their Jaccard index; so in
 * one of 32 with 0.9999 for s = 0.8 and 0.02 for s = 0.3.
 */
const ROWS = 6;
const BANDS = 32;
const BINS = ROWS * BANDS;

const EMPTY = 0xffffffff;

/** Calls with the hash of each shingle of a text; letter case, punctuation and the kind of white space do not matter. */
function eachShingle(text: string, take: (hash: number) => void): void {
    const words = text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
        .trim();
    // Two faces alone are not the same.
    const plain = words === "" ? text : words;
    const last = Math.max(0, plain.length - LENGTH);
    for (let start = 0; start <= last; start++) {
        // FNV-1a over the characters, then mixed.
        let hash = 0x811c9dc5;
        const end = Math.min(start + LENGTH, plain.length);
        for (let at = start; at < end; at++) hash = Math.imul(hash ^ plain.charCodeAt(at), 0x01000193);
        take(mixed(hash));
    }
}

/** MurmurHash3's last step: every bit of the input reaches every bit of the output. */
function mixed(value: number): number {
    let hash = value;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
}

/** The distinct shingles of a text, as sorted 32-bit hashes. */
export function shinglesOf(text: string): Uint32Array {
    const hashes: number[] = [];
    eachShingle(text, (hash) => hashes.push(hash));
    const sorted = Uint32Array.from(hashes).sort();
    let distinct = 0;
    for (let at = 0; at < sorted.length; at++) {
        const hash = sorted[at] ?? 0;
        if (at === 0 || hash !== sorted[distinct - 1]) sorted[distinct++] = hash;
    }
    return sorted.subarray(0, distinct);
}

/** The Jaccard index of two sorted sets: 0 to 1. */
export function jaccard(a: Uint32Array, b: Uint32Array): number {
    let shared = 0;
    for (let i = 0, j = 0; i < a.length && j < b.length; ) {
        const left = a[i] ?? 0;
        const right = b[j] ?? 0;
        if (left === right) shared++;
        if (left <= right) i++;
        if (right <= left) j++;
    }
    const all = a.length + b.length - shared;
    return all === 0 ? 1 : shared / all;
}

/**
 * The MinHash signature of a text, a hash for each band. One permutation in bins gives it (Li, Owen, Zhang 2012), so
 * that each shingle is looked at once; a bin that got none takes another's (optimal densification, Shrivastava 2017).
 */
export function bandsOf(text: string): Uint32Array {
    const bins = new Uint32Array(BINS).fill(EMPTY);
    eachShingle(text, (hash) => {
        const bin = Math.floor((hash / 2 ** 32) * BINS);
        const value = mixed(hash ^ 0x9e3779b9);
        if (value < (bins[bin] ?? EMPTY)) bins[bin] = value;
    });
    const signature = bins.map((value, bin) => {
        let found = value;
        for (let attempt = 1; found === EMPTY && attempt < 10_000; attempt++) {
            found = bins[mixed(Math.imul(bin + 1, 0x01000193) ^ attempt) % BINS] ?? EMPTY;
        }
        return found;
    });
    const bands = new Uint32Array(BANDS);
    for (let band = 0; band < BANDS; band++) {
        let hash = band;
        for (let row = 0; row < ROWS; row++) hash = mixed(Math.imul(hash, 31) ^ (signature[band * ROWS + row] ?? 0));
        bands[band] = hash;
    }
    return bands;
}
