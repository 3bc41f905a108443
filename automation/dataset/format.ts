import { CsvError, type Options as CsvOptions } from "csv-parse";
import { parse } from "csv-parse/sync";
import { type ColumnOptions, recogniseColumns } from "./columns";

/** How records are written in a file. */
export type RecordFormat = { readonly kind: "jsonl" } | CsvFormat;

export interface CsvFormat {
    readonly kind: "csv";
    readonly delimiter: Delimiter;
    /** `false`: quotes are characters like others. */
    readonly quote: '"' | "'" | false;
    /** What makes a quote within quotes: the quote again, or a backslash. */
    readonly escapedBy: '"' | "'" | "\\";
}

export const delimiters = [",", ";", "\t", "|"] as const;
export type Delimiter = (typeof delimiters)[number];

/** The format in the words of csv-parse. */
export function csvOptions({ delimiter, quote, escapedBy }: CsvFormat): CsvOptions {
    return { delimiter, quote, escape: escapedBy };
}

/** How people call a delimiter. */
export const delimiterNames: Readonly<Record<Delimiter, string>> = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "pipe",
};

/** Records of the beginning by which a format is recognised. */
const SAMPLE_RECORDS = 200;

/**
 * Recognises JSON Lines by the brace that it begins with; of CSV the delimiter and the quotes, as those with which the
 * header names what is needed and the first records have as many fields as the header.
 * @param beginning of the file: at least its first record.
 * @param whole whether that is all of the file.
 */
export function recogniseFormat(
    beginning: string,
    whole: boolean,
    columns: ColumnOptions,
    delimiter?: Delimiter,
): RecordFormat | undefined {
    const first = beginning.trimStart()[0];
    if (first === undefined) return undefined;
    if (first === "{") return { kind: "jsonl" };
    const candidates = (delimiter === undefined ? delimiters : [delimiter]).map((each) =>
        quoting(beginning, whole, each),
    );
    const rated = candidates.map(({ format, rows, broken }) => ({ format, rating: rate(rows, broken, columns) }));
    // Stable: of equals the first, and commas are the most common.
    rated.sort((a, b) => b.rating - a.rating);
    return rated[0]?.format;
}

interface Candidate {
    readonly format: CsvFormat;
    readonly rows: readonly string[][];
    readonly broken: boolean;
}

/** The quoting that goes with a delimiter. Another one than RFC 4180's needs evidence: it would hide mistakes. */
function quoting(beginning: string, whole: boolean, delimiter: Delimiter): Candidate {
    const usual = sample(beginning, whole, { kind: "csv", delimiter, quote: '"', escapedBy: '"' });
    if (usual.broken && beginning.includes('\\"')) {
        const escaped = sample(beginning, whole, { kind: "csv", delimiter, quote: '"', escapedBy: "\\" });
        if (!escaped.broken) return escaped;
    }
    if (usual.quoted === 0 && beginning.includes("'")) {
        const single = sample(beginning, whole, { kind: "csv", delimiter, quote: "'", escapedBy: "'" });
        if (!single.broken && single.quoted > single.rows.length / 2) return single;
    }
    // Exports with tabs and pipes often know no quotes at all.
    if (usual.broken && delimiter !== "," && delimiter !== ";") {
        const plain = sample(beginning, whole, { kind: "csv", delimiter, quote: false, escapedBy: '"' });
        const [header] = plain.rows;
        if (plain.rows.every((row) => row.length === header?.length)) return plain;
    }
    return usual;
}

function sample(beginning: string, whole: boolean, format: CsvFormat): Candidate & { readonly quoted: number } {
    const rows: string[][] = [];
    let quoted = 0;
    let inRow = false;
    try {
        parse(beginning, {
            ...csvOptions(format),
            skip_empty_lines: true,
            relax_column_count: true,
            to: SAMPLE_RECORDS,
            cast: (value, context) => {
                inRow ||= context.quoting;
                return value;
            },
            on_record: (row: string[]) => {
                rows.push(row);
                if (inRow) quoted++;
                inRow = false;
                return null;
            },
        });
        return { format, rows, quoted, broken: false };
    } catch (error) {
        // Where the beginning was cut, a quote may be open at its end.
        const cut = !whole && rows.length > 1 && error instanceof CsvError && error.code === "CSV_QUOTE_NOT_CLOSED";
        return { format, rows, quoted, broken: !cut };
    }
}

/** 0 to 7: above all that columns are recognised, then that rows are as wide as the header, then that nothing is broken. */
function rate(rows: readonly string[][], broken: boolean, columns: ColumnOptions): number {
    const [header, ...records] = rows;
    if (header === undefined || header.length < 2) return 0;
    const recognised = "label" in recogniseColumns(header, columns);
    const fitting = records.filter((row) => row.length === header.length).length / Math.max(1, records.length);
    return (recognised ? 4 : 0) + 2 * fitting + (broken ? 0 : 1);
}
