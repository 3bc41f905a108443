import { foreignKind } from "./file-kind";
import { guessedEncoding } from "./guessed-encoding";
import { type DataProblem, lineProblem } from "./problems";
import { type Utf8Count, utf8Counter } from "./utf8-count";
import { markedEncoding, wideEncoding } from "./wide-encoding";

/** A file that is text. */
export interface TextEncoding {
    /** A label for `TextDecoder`. */
    readonly encoding: string;
}

/** Bytes of the beginning by which it is told what a file is. */
const HEAD_BYTES = 64 * 1024;
/** Bytes around which an encoding is guessed, where it is no Unicode: enough for a language to show. */
const SAMPLE_BYTES = 256 * 1024;
/** Part of a file that may be control characters, where it is text, and how many in the smallest. */
const MOST_CONTROLS = 0.05;
const FEW_CONTROLS = 2;
/** Characters that are UTF-8 by chance in no text of another encoding: enough to be sure by a file's beginning alone. */
const SURELY_UTF8 = 3;

const UNKNOWN =
    "its encoding is not recognised: save it as UTF-8, or name it with --encoding, such as --encoding windows-1252";

/**
 * Recognises the encoding of a text: by its byte order mark, by the zeros of UTF-16, as UTF-8 where all of it is valid,
 * by the escape sequences of ISO-2022-JP, else by the frequency of letters.
 * @param named what a person says that it is: then only what contradicts it is looked for.
 * @returns what is wrong with a file that is no text, or in no encoding that is recognised.
 */
export async function detectEncoding(
    bytes: AsyncIterable<Uint8Array>,
    named?: string,
): Promise<TextEncoding | DataProblem> {
    const beginning: Uint8Array[] = [];
    let size = 0;
    let begun = false;
    const utf8 = utf8Counter();
    const counts = new Uint32Array(256);
    const sample: Uint8Array[] = [];
    let sampled = 0;
    for await (const chunk of bytes) {
        size += chunk.length;
        if (!begun) {
            beginning.push(chunk);
            begun = size >= HEAD_BYTES;
            const found = begun ? byHead(Buffer.concat(beginning), named) : undefined;
            if (found !== undefined) return found;
        }
        utf8.add(chunk);
        // What is not UTF-8 at one place is taken for what a person says, without a look at the rest.
        if (named !== undefined && begun && utf8.count.broken > 0) return { encoding: named };
        for (let at = 0; at < chunk.length; at++) {
            const byte = chunk[at] ?? 0;
            counts[byte] = (counts[byte] ?? 0) + 1;
        }
        if (sampled < SAMPLE_BYTES && (sampled > 0 || chunk.some((byte) => byte >= 0x80 || byte === ESCAPE))) {
            sample.push(chunk.subarray(0, SAMPLE_BYTES - sampled));
            sampled += chunk.length;
        }
    }
    const found = begun ? undefined : byHead(Buffer.concat(beginning), named);
    if (found !== undefined) return found;
    if (named !== undefined) return byWhole(utf8.end(), named);
    const controls = counts.reduce((sum, count, byte) => (isControl(byte) ? sum + count : sum), 0);
    if (controls > Math.max(FEW_CONTROLS, MOST_CONTROLS * size))
        return { what: "it is not text: CSV or JSON Lines is needed" };
    const { characters, broken, brokenLine } = utf8.end();
    if (broken === 0) return characters === 0 ? sevenBit(Buffer.concat(sample)) : { encoding: "utf-8" };
    if (2 * characters > broken && brokenLine !== undefined) {
        return lineProblem(
            "not UTF-8, as other lines are: mend the line, or name its encoding with --encoding",
            brokenLine,
        );
    }
    const guessed = guessedEncoding(Buffer.concat(sample));
    return guessed === undefined ? { what: UNKNOWN } : { encoding: guessed };
}

/** @returns undefined where all of the file has to be looked at. */
function byHead(head: Buffer, named: string | undefined): TextEncoding | DataProblem | undefined {
    const foreign = foreignKind(head);
    if (foreign !== undefined) return { what: foreign };
    const unicode = markedEncoding(head) ?? wideEncoding(head);
    if (unicode === "utf-32") return { what: "it is UTF-32, which is not read: save it as UTF-8" };
    if (named === undefined) return unicode === undefined ? undefined : { encoding: unicode };
    const utf8 = utf8Counter();
    utf8.add(head);
    const isUtf8 = utf8.count.broken === 0 && utf8.count.characters >= SURELY_UTF8;
    const found = unicode ?? (isUtf8 ? "utf-8" : undefined);
    const said = new TextDecoder(named).encoding;
    if (found !== undefined && found !== said) return { what: contradiction(found, named) };
    return found === said || said === "utf-8" ? { encoding: named } : undefined;
}

/** What is said to be in another encoding, and is UTF-8 from the beginning to the end, would be read with wrong letters. */
function byWhole({ characters, broken }: Utf8Count, named: string): TextEncoding | DataProblem {
    if (broken > 0 || characters === 0) return { encoding: named };
    return { what: `${contradiction("utf-8", named)}; if its letters are wrong then, save it as UTF-8` };
}

function contradiction(found: string, named: string): string {
    return `it is ${found}, and --encoding says ${named}: leave that out`;
}

const ESCAPE = 0x1b;
/** What follows the escape character where Japanese letters begin in ISO-2022-JP. */
const JAPANESE = ["$@", "$B", "(I", "(J"];
/** The same of Korean and Chinese ones, of which `TextDecoder` knows none. */
const OTHERS = ["$)", "$*", "$A", "$("];

/** What is ASCII alone, or looks so: Japanese mail was written with escape sequences. */
function sevenBit(sample: Buffer): TextEncoding | DataProblem {
    const escapes = (sequences: readonly string[]) => sequences.some((each) => sample.includes(`\x1b${each}`));
    if (escapes(JAPANESE)) return { encoding: "iso-2022-jp" };
    if (escapes(OTHERS)) {
        return { what: "it is ISO-2022 for Korean or Chinese, which is not read: save it as UTF-8" };
    }
    return { encoding: "utf-8" };
}

/** Control characters but for tabs, line ends, form feeds and what begins and ends other alphabets in ISO-2022. */
function isControl(byte: number): boolean {
    return (byte < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d, 0x0e, 0x0f, ESCAPE].includes(byte)) || byte === 0x7f;
}
