const SEPARATOR =
    /^From .{0,500}\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) {1,3}(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,3}\d{1,2} {1,3}\d{1,2}:\d\d/;
const NEWLINE = 0x0a;

/** True for the start of an mbox file: a line "From ADDRESS DATE", not a header field. */
export function isMailbox(start: Uint8Array): boolean {
    return SEPARATOR.test(
        Buffer.from(start.buffer, start.byteOffset, Math.min(start.byteLength, 600)).toString("latin1"),
    );
}

/**
 * Splits an mbox file, given in pieces, into its raw mails, in order. A mail starts at a "From ADDRESS DATE" line at the
 * start of the file or after an empty line; that line is dropped, and quoted ones (">From ") lose one ">". Bytes before
 * the first such line are a mail of their own. Holds one mail in memory at a time, and the pieces it lies in,
 * which must not be written to again (streams of files do not).
 */
export async function* splitMailbox(
    pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
    let mail: Uint8Array[] = [];
    let afterEmptyLine = true;
    for await (const line of linesOf(pieces)) {
        if (afterEmptyLine && startsWithFrom(line, 0) && isMailbox(line)) {
            const finished = joined(mail);
            if (finished !== undefined) yield finished;
            mail = [];
        } else {
            mail.push(isQuotedFrom(line) ? line.subarray(1) : line);
        }
        afterEmptyLine = line.length === 1 || (line.length === 2 && line[0] === 0x0d);
    }
    const last = joined(mail);
    if (last !== undefined) yield last;
}

/** Lines with their line ends, whatever the pieces are. */
async function* linesOf(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let begun: Uint8Array[] = [];
    for await (const piece of pieces) {
        let start = 0;
        for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, start)) {
            const tail = piece.subarray(start, end + 1);
            yield begun.length === 0 ? tail : Buffer.concat([...begun, tail]);
            begun = [];
            start = end + 1;
        }
        if (start < piece.length) begun.push(piece.subarray(start));
    }
    if (begun.length > 0) yield Buffer.concat(begun);
}

function startsWithFrom(line: Uint8Array, at: number): boolean {
    return (
        line[at] === 0x46 &&
        line[at + 1] === 0x72 &&
        line[at + 2] === 0x6f &&
        line[at + 3] === 0x6d &&
        line[at + 4] === 0x20
    );
}

function isQuotedFrom(line: Uint8Array): boolean {
    let at = 0;
    while (line[at] === 0x3e) at++;
    return at > 0 && startsWithFrom(line, at);
}

/** One mail without the empty line that ends it in an mbox file; undefined if there is nothing but empty lines. */
function joined(lines: readonly Uint8Array[]): Uint8Array | undefined {
    const mail = Buffer.concat(lines);
    let end = mail.length;
    while (end > 0 && (mail[end - 1] === NEWLINE || mail[end - 1] === 0x0d)) end--;
    if (end === 0) return undefined;
    return new Uint8Array(mail.subarray(0, Math.min(mail.length, end + 1 + (mail[end] === 0x0d ? 1 : 0))));
}
