/** One line of JSON Lines. */
export interface JsonRow {
    readonly value: Readonly<Record<string, unknown>>;
    readonly line: number;
}

const LONGEST_LINE = 20_000_000;

/** Reads the objects of a file in JSON Lines, whose line ends are `\n`. A line that is none is told of, and the next one is read. */
export async function* jsonRows(
    text: AsyncIterable<string>,
    onProblem: (what: string, line: number) => void,
): AsyncGenerator<JsonRow> {
    let line = 0;
    let rest = "";
    const row = (content: string): JsonRow | undefined => {
        line++;
        if (content.trim() === "") return undefined;
        try {
            const value = JSON.parse(content) as unknown;
            if (typeof value === "object" && value !== null && !Array.isArray(value)) {
                return { value: value as Record<string, unknown>, line };
            }
            onProblem("no JSON object", line);
        } catch {
            onProblem("no JSON (JSON Lines has one object a line)", line);
        }
        return undefined;
    };
    for await (const piece of text) {
        const lines = (rest + piece).split("\n");
        rest = lines.pop() ?? "";
        if (rest.length > LONGEST_LINE) {
            onProblem("more than 20 MB in a line", line + lines.length + 1);
            return;
        }
        for (const each of lines) {
            const found = row(each);
            if (found !== undefined) yield found;
        }
    }
    const last = rest === "" ? undefined : row(rest);
    if (last !== undefined) yield last;
}

/**
 * The names of the columns that the first records have, in the order in which they appear: not every record has all.
 * @param whole whether the beginning is all of the file; else its last line may be cut.
 */
export function jsonColumns(beginning: string, whole: boolean): readonly string[] {
    const lines = beginning.split("\n");
    const names = new Set<string>();
    for (const line of whole || lines.length === 1 ? lines : lines.slice(0, -1)) {
        try {
            const value = JSON.parse(line) as unknown;
            if (typeof value !== "object" || value === null || Array.isArray(value)) continue;
            for (const name of Object.keys(value)) names.add(name);
        } catch {
            // Told with its line when the records are read.
        }
    }
    return [...names];
}
