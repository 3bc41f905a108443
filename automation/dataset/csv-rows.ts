import { Readable } from "node:stream";
import { type CsvError, parse } from "csv-parse";
import { type CsvFormat, csvOptions } from "./format";

/** One row of a CSV file, its header too. */
export interface CsvRow {
    readonly fields: readonly string[];
    /** 1-based, of its beginning. */
    readonly line: number;
}

/** A row larger than this is a quote that was never closed. */
const LARGEST_ROW = 20_000_000;

/** What is wrong, without the text that csv-parse's own messages quote. */
const REASONS: Readonly<Record<string, string>> = {
    INVALID_OPENING_QUOTE:
        "a quote within a field that does not begin with one; put the field into quotes, and double the quotes in it",
    CSV_INVALID_CLOSING_QUOTE: "a quote within quotes; double it",
    CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE: "text after a closing quote; double the quotes within a text",
    CSV_QUOTE_NOT_CLOSED: "cannot be read as CSV: a quote that is opened here is not closed",
    CSV_MAX_RECORD_SIZE: "a row of more than 20 MB: a quote is not closed",
};

/** Reads the rows of a CSV file, whose line ends are `\n`. A row that cannot be read is told of, and the next one is read. */
export async function* csvRows(
    text: AsyncIterable<string>,
    format: CsvFormat,
    onProblem: (what: string, line: number) => void,
): AsyncGenerator<CsvRow> {
    let ended = 0;
    let empty = 0;
    let failure: { readonly code: string; readonly line: number } | undefined;
    const parser = parse({
        ...csvOptions(format),
        info: true,
        skip_empty_lines: true,
        relax_column_count: true,
        max_record_size: LARGEST_ROW,
        skip_records_with_error: true,
        on_skip: (error: CsvError | undefined) => {
            // What follows a misplaced quote may be read from its wrong side: only the first one is sure.
            if (error !== undefined) failure ??= { code: error.code, line: Number(error.lines) };
            return undefined;
        },
    });
    const source = Readable.from(text);
    source.on("error", (error) => parser.destroy(error));
    source.pipe(parser);
    for await (const { record, info } of parser as AsyncIterable<{
        record: string[];
        info: { lines: number; empty_lines: number };
    }>) {
        // The parser is ahead of what is taken from it.
        if (failure !== undefined && info.lines >= failure.line) continue;
        const line = ended + 1 + info.empty_lines - empty;
        ended = info.lines;
        empty = info.empty_lines;
        yield { fields: record, line };
    }
    if (failure === undefined) return;
    const { code, line } = failure;
    onProblem(REASONS[code] ?? `cannot be read as CSV (${code})`, code === "CSV_QUOTE_NOT_CLOSED" ? ended + 1 : line);
}
