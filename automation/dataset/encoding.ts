import { analyse } from "chardet";

/** What a person may call an encoding: a label of the WHATWG Encoding Standard, such as "windows-1252". */
export function isEncoding(label: string): boolean {
    try {
        new TextDecoder(label);
        return true;
    } catch {
        return false;
    }
}

/** Bytes around which an encoding is guessed, where it is no Unicode: enough for a language to show. */
const SAMPLE_BYTES = 256 * 1024;
/** Bytes that are looked at for the pattern of UTF-16 without a mark. */
const PATTERN_BYTES = 4096;
/** A guess for another alphabet has to be surer than one for the Latin one by this, of 100: few letters tell little. */
const MARGIN = 10;

const WESTERN = new Set(["ISO-8859-1", "windows-1252", "ISO-8859-15", "ISO-8859-9", "windows-1254"]);

/**
 * Recognises the encoding of a text: by its byte order mark, by the zeros of UTF-16, as UTF-8 where all of it is valid,
 * else by the frequency of letters (chardet), where windows-1252, ISO-8859-1 and ISO-8859-15 are told apart by what
 * they do not share.
 * @returns a label for `TextDecoder`; undefined for what is no text.
 */
export async function detectEncoding(bytes: AsyncIterable<Uint8Array>): Promise<string | undefined> {
    let first = true;
    let utf8: InstanceType<typeof TextDecoder> | undefined = new TextDecoder("utf-8", { fatal: true });
    const counts = new Uint32Array(256);
    const sample: Uint8Array[] = [];
    let sampled = 0;
    for await (const chunk of bytes) {
        if (first) {
            const unicode = markedAs(chunk) ?? patternOf(chunk.subarray(0, PATTERN_BYTES));
            if (unicode !== undefined) return unicode;
            first = chunk.length === 0;
        }
        try {
            utf8?.decode(chunk, { stream: true });
        } catch {
            utf8 = undefined;
        }
        if (sampled >= SAMPLE_BYTES && utf8 === undefined && counts[0] !== 0) return undefined;
        for (const byte of chunk) counts[byte] = (counts[byte] ?? 0) + 1;
        if (sampled < SAMPLE_BYTES && chunk.some((byte) => byte >= 0x80)) {
            sample.push(chunk.subarray(0, SAMPLE_BYTES - sampled));
            sampled += chunk.length;
        }
    }
    if (counts[0] !== 0) return undefined;
    try {
        utf8?.decode();
    } catch {
        utf8 = undefined;
    }
    return utf8 !== undefined ? "utf-8" : singleByte(Buffer.concat(sample), counts);
}

/** The encoding that a byte order mark tells. */
function markedAs(bytes: Uint8Array): string | undefined {
    const [a, b, c] = bytes;
    if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8";
    if (a === 0xff && b === 0xfe) return "utf-16le";
    if (a === 0xfe && b === 0xff) return "utf-16be";
    return undefined;
}

/** UTF-16 without a mark has zeros beside the letters of a header. */
function patternOf(bytes: Uint8Array): string | undefined {
    let even = 0;
    let odd = 0;
    bytes.forEach((byte, index) => {
        if (byte === 0) index % 2 === 0 ? even++ : odd++;
    });
    const some = bytes.length / 8;
    if (odd > some && even === 0) return "utf-16le";
    if (even > some && odd === 0) return "utf-16be";
    return undefined;
}

function singleByte(sample: Buffer, counts: Uint32Array): string | undefined {
    const guesses = analyse(sample).filter(({ name }) => isEncoding(name) && !name.startsWith("UTF"));
    const western = Math.max(0, ...guesses.filter(({ name }) => WESTERN.has(name)).map(({ confidence }) => confidence));
    const [best] = guesses;
    if (best !== undefined && !WESTERN.has(best.name) && best.confidence > western + MARGIN) {
        return best.name.toLowerCase();
    }
    // 0x80 to 0x9f are letters and quotes in windows-1252 only; 0xa4 is the euro in ISO-8859-15, and else a sign that nobody writes.
    const quotes = counts.subarray(0x80, 0xa0).some((count) => count > 0);
    return !quotes && (counts[0xa4] ?? 0) > 0 ? "iso-8859-15" : "windows-1252";
}
