import { type Delimiter, delimiters } from "./format";

/** Characters of the beginning by which a format is recognised. */
const BEGINNING = 256 * 1024;

/** What was read ahead of a text. */
export interface BegunText {
    /** All of it, from its beginning. */
    readonly text: AsyncIterable<string>;
    readonly beginning: string;
    /** Whether that is all. */
    readonly whole: boolean;
    /** What a first line for Excel, such as `sep=;`, says; the line is then empty. */
    readonly delimiter?: Delimiter;
}

/** Reads ahead far enough to recognise a format. */
export async function readAhead(text: AsyncGenerator<string>): Promise<BegunText> {
    let beginning = "";
    let whole = false;
    while (beginning.length < BEGINNING && !whole) {
        const next = await text.next();
        if (next.done === true) whole = true;
        else beginning += next.value;
    }
    const [line, separator] = /^"?sep=(.)"?(?=\n)/i.exec(beginning) ?? [];
    if (line !== undefined) beginning = beginning.slice(line.length);
    async function* all(): AsyncGenerator<string> {
        yield beginning;
        yield* text;
    }
    return { text: all(), beginning, whole, delimiter: delimiters.find((each) => each === separator) };
}
