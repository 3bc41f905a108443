const MAX_PARTS = 5_000;
const MAX_BOUNDARIES = 500;
/** Short lines cost the parser most; an encoded attachment, in lines of 76 characters, may be as long as it likes. */
const MAX_SHORT_LINES = 100_000;
const LONG_LINE = 60;

/**
 * Says why a mail should not be given to the MIME parser, whose work grows with lines and with parts times boundaries;
 * undefined for a mail that is fine. Real mails have tens of parts.
 */
export function structureProblem(mail: Uint8Array): string | undefined {
    const text = Buffer.from(mail.buffer, mail.byteOffset, mail.byteLength).toString("latin1");
    if (hasMoreThan(MAX_BOUNDARIES, text, /boundary/gi)) {
        return `the structure of the mail could not be read: more than ${MAX_BOUNDARIES} multipart sections`;
    }
    if (hasMoreThan(MAX_PARTS, text, /\n--/g)) {
        return `the structure of the mail could not be read: more than ${MAX_PARTS} parts`;
    }
    if (hasMoreThan(MAX_SHORT_LINES + text.length / LONG_LINE, text, /\n/g)) {
        return `the structure of the mail could not be read: more than ${MAX_SHORT_LINES} short lines`;
    }
    return undefined;
}

function hasMoreThan(limit: number, text: string, mark: RegExp): boolean {
    let found = 0;
    while (found <= limit && mark.test(text)) found++;
    return found > limit;
}
