/**
 * Text from outside (names of files, log lines, reasons) as it may be written to a terminal: characters that would move
 * the cursor, colour what follows, set the window's title or turn the direction of writing become question marks.
 */
export function printable(text: string): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the terminal
    return text.replaceAll(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, "?");
}

/** The same of a text of several lines, which stay lines. */
export function printableLines(text: string): string {
    return text.split("\n").map(printable).join("\n");
}

/** The same, cut to a width in characters. */
export function cutTo(width: number, text: string): string {
    const safe = printable(text);
    return safe.length > width ? `${safe.slice(0, width - 1)}…` : safe;
}
