import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

/** Where the comment of a name ends: 1-based line and column of what follows. */
export function placeOf(name: string, file: string): string {
    const lines = readFileSync(file, "utf8").split("\n");
    const mark = `/*@${name}*/ `;
    const line = lines.findIndex((each) => each.includes(mark));
    assert.notEqual(line, -1, `${file} has no ${mark}`);
    return `${file}:${line + 1}:${(lines[line] ?? "").indexOf(mark) + mark.length + 1}`;
}
