import type { Insertion } from "./extract";

/** A source map of version 3, as far as it is needed here. */
export interface PlainSourceMap {
    readonly version: 3;
    readonly sources: readonly string[];
    readonly names: readonly string[];
    readonly mappings: string;
}

/** A file of the user's that stays in the map. */
export interface MappedFile {
    /** The path that stands in the map. */
    readonly name: string;
    readonly insertions: readonly Insertion[];
}

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const digitValues = new Map([...digits].map((digit, value) => [digit, value]));

function decode(segment: string): number[] {
    const numbers: number[] = [];
    let value = 0;
    let shift = 0;
    for (const character of segment) {
        const digit = digitValues.get(character) ?? 0;
        value += (digit & 31) << shift;
        if (digit & 32) shift += 5;
        else {
            numbers.push(value & 1 ? -(value >>> 1) : value >>> 1);
            value = 0;
            shift = 0;
        }
    }
    return numbers;
}

function encode(number: number): string {
    let rest = number < 0 ? (-number << 1) | 1 : number << 1;
    let text = "";
    do {
        const digit = rest & 31;
        rest >>>= 5;
        text += digits.charAt(rest > 0 ? digit | 32 : digit);
    } while (rest > 0);
    return text;
}

/** The author's column of a position in an extracted file. */
export function originalColumn(insertions: readonly Insertion[], line: number, column: number): number {
    let moved = 0;
    for (const insertion of insertions) {
        if (insertion.line !== line) continue;
        const start = insertion.column + moved;
        if (column < start) break;
        if (column < start + insertion.length) return insertion.column;
        moved += insertion.length;
    }
    return column - moved;
}

/** Leaves only the user's files in a map, under names that do not depend on the folder, with the author's columns. */
export function keepUserFiles(map: PlainSourceMap, files: ReadonlyMap<number, MappedFile>): PlainSourceMap {
    const order = [...files.keys()].sort((a, b) => a - b);
    const sources = order.map((index) => files.get(index)?.name ?? "");
    let source = 0;
    let line = 0;
    let column = 0;
    let written = { source: 0, line: 0, column: 0 };
    const lines = map.mappings.split(";").map((text) => {
        let generated = 0;
        let writtenGenerated = 0;
        let foreign = true;
        const segments: string[] = [];
        for (const segment of text.split(",")) {
            const [first, sourceStep, lineStep, columnStep] = decode(segment);
            if (first === undefined) continue;
            generated += first;
            if (sourceStep === undefined || lineStep === undefined || columnStep === undefined) continue;
            source += sourceStep;
            line += lineStep;
            column += columnStep;
            const file = files.get(source);
            if (!file) {
                // One bare segment ends the user's code, so that what follows is not taken for it.
                if (!foreign) {
                    segments.push(encode(generated - writtenGenerated));
                    writtenGenerated = generated;
                }
                foreign = true;
                continue;
            }
            foreign = false;
            const now = {
                source: order.indexOf(source),
                line,
                column: originalColumn(file.insertions, line + 1, column),
            };
            segments.push(
                encode(generated - writtenGenerated) +
                    encode(now.source - written.source) +
                    encode(now.line - written.line) +
                    encode(now.column - written.column),
            );
            writtenGenerated = generated;
            written = now;
        }
        return segments.join(",");
    });
    return { version: 3, sources, names: [], mappings: lines.join(";") };
}

/** The map of a file before whose first line so many others were put. */
export function moveDown(map: PlainSourceMap, lines: number): PlainSourceMap {
    return { ...map, mappings: ";".repeat(lines) + map.mappings };
}
