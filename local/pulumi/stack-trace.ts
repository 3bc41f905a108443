import { stripVTControlCharacters } from "node:util";

/** An error's text for a person: without colours, and without the stack's lines outside of the user's files. */
export function readableError(message: string): string {
    const lines = stripVTControlCharacters(message).split("\n");
    return lines
        .filter((line) => !(isFrame(line) && isForeign(line)))
        .join("\n")
        .trimEnd();
}

function isFrame(line: string): boolean {
    return /^\s+at /.test(line);
}

function isForeign(line: string): boolean {
    return /node_modules|node:|<anonymous>\)?$/.test(line);
}
