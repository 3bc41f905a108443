/** Encodings whose characters are as wide as two bytes, or four. */
export type WideEncoding = "utf-16le" | "utf-16be" | "utf-32";

/** What the first line of records has, in CSV between columns, in JSON Lines around them: in these encodings beside zeros. */
const STRUCTURE = /[,;\t|{"]/;
/** What no text has: halves of characters, numbers that stand for no character, control characters. */
const STRANGE = /(?![\t\r\n])[\p{Cc}\p{Cs}\p{Co}\p{Cn}\ufffd]/gu;
/** Part of the characters that may be strange, where a file is damaged: its line is told when it is read. */
const MOST_STRANGE = 0.05;

/** The encoding that a byte order mark tells. */
export function markedEncoding(bytes: Uint8Array): WideEncoding | "utf-8" | undefined {
    const [a, b, c, d] = bytes;
    if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8";
    if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff)) {
        return "utf-32";
    }
    if (a === 0xff && b === 0xfe) return "utf-16le";
    if (a === 0xfe && b === 0xff) return "utf-16be";
    return undefined;
}

/**
 * Recognises UTF-16 and UTF-32 without a byte order mark: of whatever language the texts are, line ends and what stands
 * between columns are ASCII, and read in the other order nearly nothing makes sense.
 * @param head the beginning of a file.
 */
export function wideEncoding(head: Uint8Array): WideEncoding | undefined {
    if (!head.includes(0)) return undefined;
    const rated = [
        { encoding: "utf-32" as const, text: utf32(head, true) },
        { encoding: "utf-32" as const, text: utf32(head, false) },
        { encoding: "utf-16le" as const, text: utf16(head, "utf-16le") },
        { encoding: "utf-16be" as const, text: utf16(head, "utf-16be") },
    ].map(({ encoding, text }) => ({ encoding, strange: text === undefined ? 1 : strangePart(text, head) }));
    rated.sort((a, b) => a.strange - b.strange);
    const [best] = rated;
    return best !== undefined && best.strange <= MOST_STRANGE ? best.encoding : undefined;
}

/** 0 to 1; 1 also for what has no first line with columns. */
function strangePart(text: string, head: Uint8Array): number {
    const [first = ""] = /^[^\r\n]*/.exec(text) ?? [];
    const hasLineEnds = first.length < text.length || !(head.includes(0x0a) || head.includes(0x0d));
    if (!hasLineEnds || !STRUCTURE.test(first)) return 1;
    return (text.match(STRANGE)?.length ?? 0) / text.length;
}

function utf16(head: Uint8Array, encoding: "utf-16le" | "utf-16be"): string {
    // As a stream, so that a character that is cut at the end is none that is broken.
    return new TextDecoder(encoding).decode(head, { stream: true });
}

function utf32(head: Uint8Array, littleEndian: boolean): string | undefined {
    const view = new DataView(head.buffer, head.byteOffset, head.length);
    const characters: string[] = [];
    for (let at = 0; at + 4 <= head.length; at += 4) {
        const code = view.getUint32(at, littleEndian);
        if (code > 0x10ffff) return undefined;
        characters.push(String.fromCodePoint(code));
    }
    return characters.join("");
}
