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

/** A guess has to be surer than one for Western languages by this, of 100: few letters tell little. */
const MARGIN = { few: 10, many: 3 };
const FEW_LETTERS = 30;
/** Part of the characters beyond ASCII that may stand where no language has them. */
const MOST_MISPLACED = 0.2;

const WESTERN = new Set(["ISO-8859-1", "windows-1252", "ISO-8859-15"]);
/** Bytes that windows-1252 has no characters for. */
const UNUSED = [0x81, 0x8d, 0x8f, 0x90, 0x9d];
/** Letters of Ukrainian in KOI8-U, where KOI8-R has lines for frames. */
const UKRAINIAN = [0xa4, 0xa6, 0xa7, 0xad, 0xb4, 0xb6, 0xb7, 0xbd];

/** Signs within words, but for those that some language has there, and capitals after small letters. */
const MISPLACED =
    /(?<=\p{L})(?![’‘–—…·®™©\u00a0\u00ad])[^\p{L}\p{M}\p{N}\0-\x7f](?=\p{L})|(?<=\p{Ll})(?![A-Z])\p{Lu}/gu;
/** Letters that no Western language has three of in a row: another alphabet. */
const FOREIGN = /(?:(?![a-z])\p{L}){3,}/giu;

/**
 * Guesses an encoding that is no Unicode by the frequency of letters (chardet), where windows-1252, ISO-8859-1 and
 * ISO-8859-15 are told apart by what they do not share.
 * @param sample of the text, in one piece that begins with a whole character.
 * @returns a label for `TextDecoder`, which need not decode all of it; undefined where the text would make no sense in
 * what fits best.
 */
export function guessedEncoding(sample: Buffer): string | undefined {
    const guesses = analyse(sample).filter(({ name }) => !/^(UTF|ISO-2022)/.test(name) && isEncoding(name));
    const western = Math.max(0, ...guesses.filter(({ name }) => WESTERN.has(name)).map(({ confidence }) => confidence));
    const [best] = guesses;
    const letters = sample.reduce((count, byte) => (byte >= 0x80 ? count + 1 : count), 0);
    const margin = letters < FEW_LETTERS ? MARGIN.few : MARGIN.many;
    if (best === undefined || WESTERN.has(best.name) || best.confidence <= western + margin)
        return westernEncoding(sample);
    if (best.name === "KOI8-R" && UKRAINIAN.some((byte) => sample.includes(byte))) return "koi8-u";
    const encoding = best.name.toLowerCase();
    return misplacedPart(sample, encoding, [MISPLACED]) <= MOST_MISPLACED ? encoding : undefined;
}

function westernEncoding(sample: Buffer): string | undefined {
    if (UNUSED.some((byte) => sample.includes(byte))) return undefined;
    // 0x80 to 0x9f are letters and quotes in windows-1252 only; 0xa4 is the euro in ISO-8859-15, and else a sign that nobody writes.
    const quotes = sample.some((byte) => byte >= 0x80 && byte < 0xa0);
    const encoding = !quotes && sample.includes(0xa4) ? "iso-8859-15" : "windows-1252";
    return misplacedPart(sample, encoding, [MISPLACED, FOREIGN]) <= MOST_MISPLACED ? encoding : undefined;
}

/** Text that was written in an encoding of DOS or of old Macs has signs in the middle of words. @returns 0 to 1 or a little more. */
function misplacedPart(sample: Buffer, encoding: string, patterns: readonly RegExp[]): number {
    // The sample may end within a character.
    const text = new TextDecoder(encoding).decode(sample, { stream: true });
    const count = (pattern: RegExp) => text.match(pattern)?.reduce((sum, each) => sum + each.length, 0) ?? 0;
    return patterns.reduce((sum, each) => sum + count(each), 0) / Math.max(1, count(/[^\0-\x7f]/gu));
}
