import { type DataProblems, lineProblem } from "./problems";
import type { DataSource } from "./source";

/** What a decoder gives for bytes that are no characters, in encodings before Unicode; 0x85 was a line end. */
const NO_CHARACTER = /[\x80-\x84\x86-\x9f]/;

/**
 * Decodes a source and makes all line ends `\n`. Stops at bytes that the encoding does not have, and at zeros, and adds
 * a problem with their line.
 */
export async function* decoded(source: DataSource, encoding: string, problems: DataProblems): AsyncGenerator<string> {
    const decoder = new TextDecoder(encoding, { fatal: true });
    const isUnicode = decoder.encoding.startsWith("utf-");
    const ends = lineEnds();
    let lines = 0;
    let bytes = 0;
    const wrong = (what: string, line: number) => problems.add(source.name, lineProblem(what, line));
    const other = `not text in ${encoding}: name its encoding with --encoding, mend the line, or save the file as UTF-8`;
    const decode = (chunk: Uint8Array | undefined): string | undefined => {
        try {
            if (chunk === undefined) return ends.last(decoder.decode());
            return ends.next(decoder.decode(chunk, { stream: true }));
        } catch {
            return undefined;
        }
    };
    for await (const chunk of withEnd(source.open())) {
        const text = decode(chunk);
        if (text === undefined) {
            const before = chunk === undefined ? lines : await linesBefore(source, encoding, bytes);
            wrong(other, before + 1);
            return;
        }
        bytes += chunk?.length ?? 0;
        const zero = text.indexOf("\0");
        const none = isUnicode ? -1 : text.search(NO_CHARACTER);
        if (zero !== -1 || none !== -1) {
            const at = Math.min(...[zero, none].filter((place) => place !== -1));
            wrong(
                at === zero ? "a character with the code 0, which no text has: mend the line" : other,
                lines + linesOf(text.slice(0, at)) + 1,
            );
            return;
        }
        lines += linesOf(text);
        yield text;
    }
}

async function* withEnd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array | undefined> {
    yield* chunks;
    yield undefined;
}

/**
 * How many lines end before the first bytes that are not of the encoding. Reads the source again: a decoder that has
 * failed does not tell where.
 * @param from bytes of the beginning that are of the encoding.
 */
async function linesBefore(source: DataSource, encoding: string, from: number): Promise<number> {
    const decoder = new TextDecoder(encoding, { fatal: true });
    const ends = lineEnds();
    let lines = 0;
    let bytes = 0;
    for await (const chunk of source.open()) {
        const known = Math.min(chunk.length, Math.max(0, from - bytes));
        bytes += chunk.length;
        const pieces = [chunk.subarray(0, known), ...Array.from(chunk.subarray(known), (byte) => Uint8Array.of(byte))];
        for (const piece of pieces) {
            try {
                lines += linesOf(ends.next(decoder.decode(piece, { stream: true })));
            } catch {
                return lines + linesOf(ends.last(""));
            }
        }
    }
    return lines;
}

function linesOf(text: string): number {
    let lines = 0;
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines++;
    return lines;
}

/** Makes all line ends of a text that comes in pieces `\n`. */
function lineEnds(): { next(piece: string): string; last(piece: string): string } {
    let carriageReturn = false;
    const next = (piece: string): string => {
        const whole = carriageReturn ? `\r${piece}` : piece;
        // What follows the last one decides what it is.
        carriageReturn = whole.endsWith("\r");
        return (carriageReturn ? whole.slice(0, -1) : whole).replace(/\r\n?/g, "\n");
    };
    return { next, last: (piece) => next(piece) + (carriageReturn ? "\n" : "") };
}
