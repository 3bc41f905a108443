import { type DataProblems, lineProblem } from "./problems";

/**
 * Decodes a stream of bytes and makes all line ends `\n`. Stops at bytes that the encoding does not have, and adds a
 * problem with their line.
 */
export async function* decoded(
    bytes: AsyncIterable<Uint8Array>,
    encoding: string,
    source: string,
    problems: DataProblems,
): AsyncGenerator<string> {
    const decoder = new TextDecoder(encoding, { fatal: true });
    let lines = 0;
    let carriageReturn = false;
    const unified = (text: string): string => {
        const whole = carriageReturn ? `\r${text}` : text;
        // What follows the last one decides what it is.
        carriageReturn = whole.endsWith("\r");
        return (carriageReturn ? whole.slice(0, -1) : whole).replace(/\r\n?/g, "\n");
    };
    let failed = false;
    for await (const chunk of bytes) {
        let text: string;
        try {
            text = unified(decoder.decode(chunk, { stream: true }));
        } catch {
            failed = true;
            lines += linesBefore(chunk, encoding);
            break;
        }
        for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines++;
        yield text;
    }
    if (!failed) {
        try {
            yield unified(decoder.decode()) + (carriageReturn ? "\n" : "");
            return;
        } catch {
            failed = true;
        }
    }
    problems.add(source, lineProblem(`not text in ${encoding}: name its encoding with --encoding`, lines + 1));
}

/** How many lines end before the first bytes of a chunk that are not of the encoding. */
function linesBefore(chunk: Uint8Array, encoding: string): number {
    const decoder = new TextDecoder(encoding, { fatal: true });
    let lines = 0;
    let from = 0;
    for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, from)) {
        try {
            decoder.decode(chunk.subarray(from, at + 1), { stream: true });
        } catch {
            // A character that the chunk before began may be in the way, and then the first line is the one.
            return lines;
        }
        lines++;
        from = at + 1;
    }
    return lines;
}
