/** Version of the cleaning. It is stored with a model, and an endpoint refuses texts that were cleaned by another one. */
export const CLEANING_VERSION = "1";

/** Longest cleaned text, in UTF-16 code units: some 3,000 words. What is longer is cut at the end. */
export const MAX_TEXT = 20_000;

/** How much of a text is looked at: cleaning mostly shortens it, and hostile texts are long. */
const MAX_INPUT = 100_000;

// What the bytes 0x80 to 0x9f mean in Windows-1252. Some decoders, Node's among them, make control characters of them,
// and nobody writes those.
const C1 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

// Every expression below is linear: no nested repetition, and look-behinds keep a match from being tried inside a word.
const INVISIBLE = /[\p{Cf}\p{Cs}\p{Co}]|(?![\n\t])\p{Cc}/gu;
const LINE_END = /\r\n?|[\u2028\u2029\v\f]/g;
const LINK = /(?<![\w])(?:(?:https?|ftp):\/\/|www\.)[^\s<>"'()[\]]+/gi;
const ADDRESS = /(?<![\w.+-])(?:mailto:)?[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g;
const QUOTE_MARK = /^[ \t]*>[> \t]*/gm;
const SPACES = /[^\S\n]+/g;
const RULE = /^ ?[-_=*~#.+]{3,} ?$/gm;

/**
 * The one cleaning of texts, for training and for serving: Unicode in form NFKC, line ends as `\n`, no control,
 * invisible or private characters, links as `[link]` and mail addresses as `[address]`, no quote marks or drawn
 * rules, single spaces, at most one empty line in a row, at most `MAX_TEXT` long.
 *
 * Deterministic, linear in the length of the text, never throws. Change what it does only together with
 * `CLEANING_VERSION`.
 */
export function cleanText(text: string): string {
    const cleaned = text
        .slice(0, MAX_INPUT)
        .replace(LINE_END, "\n")
        .replace(/[\u0080-\u009f]/g, (control) => C1[control.charCodeAt(0) - 0x80] ?? "")
        .replace(INVISIBLE, "")
        .normalize("NFKC")
        .replace(LINK, "[link]")
        .replace(ADDRESS, "[address]")
        .replace(QUOTE_MARK, "")
        .replace(SPACES, " ")
        .replace(RULE, "")
        .replace(/ ?\n ?/g, "\n")
        .replace(/\n{3,}/g, "\n\n")
        .trim();
    return truncated(cleaned, MAX_TEXT).trimEnd();
}

/** The first `length` UTF-16 code units at most, never half a character. */
export function truncated(text: string, length: number): string {
    if (text.length <= length) return text;
    return text.slice(0, isHighSurrogate(text.charCodeAt(length - 1)) ? length - 1 : length);
}

function isHighSurrogate(unit: number): boolean {
    return unit >= 0xd800 && unit <= 0xdbff;
}
