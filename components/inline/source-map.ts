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
const digitValues = new Uint8Array(128);
for (const [value, digit] of [...digits].entries()) digitValues[digit.charCodeAt(0)] = value;

const comma = ",".charCodeAt(0);
const semicolon = ";".charCodeAt(0);

/** Reads a map's numbers one by one: a bundle's map has hundreds of thousands, and nearly all are thrown away. */
class Mappings {
    readonly #text: string;
    #at = 0;

    constructor(text: string) {
        this.#text = text;
    }

    /** Passes what stands between segments, and tells what it was. */
    separator(): "," | ";" | "end" | undefined {
        const character = this.#text[this.#at];
        if (character === undefined) return "end";
        if (character !== "," && character !== ";") return undefined;
        this.#at++;
        return character;
    }

    /** The segment's next number; undefined at its end. */
    number(): number | undefined {
        let value = 0;
        for (let shift = 0; ; shift += 5) {
            const character = this.#text.charCodeAt(this.#at);
            if (character === comma || character === semicolon || Number.isNaN(character)) return undefined;
            this.#at++;
            const digit = digitValues[character] ?? 0;
            value |= (digit & 31) << shift;
            if ((digit & 32) === 0) return value & 1 ? -(value >>> 1) : value >>> 1;
        }
    }
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
    const placeOf = new Map(order.map((index, place) => [index, place]));
    const mappings = new Mappings(map.mappings);
    let source = 0;
    let line = 0;
    let column = 0;
    let written = { source: 0, line: 0, column: 0 };
    let generated = 0;
    let writtenGenerated = 0;
    let foreign = true;
    let segments: string[] = [];
    const lines = [segments];
    for (let separator = mappings.separator(); separator !== "end"; separator = mappings.separator()) {
        if (separator === ";") {
            generated = 0;
            writtenGenerated = 0;
            foreign = true;
            segments = [];
            lines.push(segments);
        }
        if (separator !== undefined) continue;
        generated += mappings.number() ?? 0;
        const sourceStep = mappings.number();
        if (sourceStep === undefined) continue;
        source += sourceStep;
        line += mappings.number() ?? 0;
        column += mappings.number() ?? 0;
        mappings.number();
        const file = files.get(source);
        const place = placeOf.get(source);
        if (!file || place === undefined) {
            // One bare segment ends the user's code, so that what follows is not taken for it.
            if (!foreign) {
                segments.push(encode(generated - writtenGenerated));
                writtenGenerated = generated;
            }
            foreign = true;
            continue;
        }
        foreign = false;
        const now = { source: place, line, column: originalColumn(file.insertions, line + 1, column) };
        segments.push(
            encode(generated - writtenGenerated) +
                encode(now.source - written.source) +
                encode(now.line - written.line) +
                encode(now.column - written.column),
        );
        writtenGenerated = generated;
        written = now;
    }
    const kept = lines.map((each) => each.join(",")).join(";");
    return { version: 3, sources, names: [], mappings: kept };
}

/** The map of a file before whose first line so many others were put. */
export function moveDown(map: PlainSourceMap, lines: number): PlainSourceMap {
    return { ...map, mappings: ";".repeat(lines) + map.mappings };
}
