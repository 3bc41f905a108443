import { cleanText } from "../../functions";
import { printable } from "../terminal";
import { type ColumnOptions, type Columns, recogniseColumns } from "./columns";
import { csvRows } from "./csv-rows";
import { decoded } from "./decode";
import { detectEncoding } from "./encoding";
import { type Delimiter, type RecordFormat, recogniseFormat } from "./format";
import { jsonColumns, jsonRows } from "./jsonl-rows";
import { type DataProblems, lineProblem } from "./problems";
import { readAhead } from "./read-ahead";
import type { DataSource } from "./source";

/** A labelled text as a file has it; the text is cleaned. */
export interface LabelledRecord {
    /** Its own id, where the file has such a column. */
    readonly id?: string;
    readonly text: string;
    readonly category: string;
    /** Name of its source, for messages. */
    readonly source: string;
    /** 1-based. */
    readonly line: number;
}

/** What was recognised of a file, and how much was read. */
export interface ReadSource {
    readonly name: string;
    readonly encoding: string;
    readonly format: RecordFormat;
    readonly columns: Columns;
    readonly records: number;
    /** Records of whose text cleaning left nothing. */
    readonly emptied: number;
    /** Whether its texts were clean already. */
    readonly clean: boolean;
}

/** What a person says of the files; what is left out is recognised. */
export interface ReadOptions {
    readonly columns: ColumnOptions;
    /** A label of the WHATWG Encoding Standard. */
    readonly encoding?: string;
    readonly delimiter?: Delimiter;
}

/** Characters that a label may have: it becomes the name of a category in tables, logs and messages. */
const LONGEST_LABEL = 128;
/** Characters that a record's own id may have. */
const LONGEST_ID = 256;

/**
 * Reads the labelled records of a source as a stream: recognises encoding, format and columns, and cleans the texts.
 * What is wrong is added to the problems, with lines, and reading goes on.
 */
export async function readSource(
    source: DataSource,
    options: ReadOptions,
    problems: DataProblems,
    onRecord: (record: LabelledRecord) => void,
): Promise<ReadSource | undefined> {
    const { name } = source;
    const wrong = (what: string, line?: number) =>
        problems.add(name, line === undefined ? { what } : lineProblem(what, line));
    const detected = await detectEncoding(source.open(), options.encoding);
    if (!("encoding" in detected)) {
        problems.add(name, detected);
        return undefined;
    }
    const { encoding } = detected;
    const { text, beginning, whole, delimiter } = await readAhead(decoded(source, encoding, problems));
    const format = recogniseFormat(beginning, whole, options.columns, options.delimiter ?? delimiter);
    if (format === undefined) {
        if (!problems.has(name)) wrong("it is empty. It needs a header and a row per record");
        return undefined;
    }
    if (/^\s*\[\s*[{\]]/.test(beginning)) {
        wrong("it is a list in JSON, and JSON Lines is needed: an object a line");
        return undefined;
    }

    let columns: Columns | undefined;
    let records = 0;
    let emptied = 0;
    const take = (values: ReadonlyMap<string, string>, line: number) => {
        if (columns === undefined) return;
        records++;
        const record = recordOf(values, columns, (what) => wrong(what, line));
        if (record === undefined) return;
        const cleaned = source.cleaning === undefined ? cleanText(record.text) : record.text;
        if (cleaned === "") emptied++;
        else onRecord({ ...record, text: cleaned, source: name, line });
    };
    const recognise = (header: readonly string[]): boolean => {
        const found = recogniseColumns(header, options.columns);
        if ("label" in found) columns = found;
        else for (const each of found) wrong(each);
        return columns !== undefined;
    };

    if (format.kind === "jsonl") {
        const names = new Set(jsonColumns(beginning, whole));
        for await (const { value, line } of jsonRows(text, wrong)) {
            if (columns === undefined && !recognise([...names])) return undefined;
            for (const late of Object.keys(value).filter((key) => !names.has(key))) {
                names.add(late);
                if (!changesColumns([...names], options.columns, columns)) continue;
                wrong(
                    `the column ${JSON.stringify(printable(late))} appears here first, too late to be recognised; put such a record first, or name the columns with --text, --label and --id`,
                    line,
                );
            }
            // What is null is not there.
            const given = Object.entries(value).filter(([, each]) => each !== null);
            const [odd] = given.filter(([key, each]) => isUsed(columns, key) && !isScalar(each));
            if (odd !== undefined) wrong(`${JSON.stringify(printable(odd[0]))} is no text`, line);
            else {
                const scalars = given.filter(([, each]) => isScalar(each));
                take(new Map(scalars.map(([key, each]) => [key, String(each)])), line);
            }
        }
    } else {
        let header: readonly string[] | undefined;
        for await (const { fields, line } of csvRows(text, format, wrong)) {
            if (header === undefined) {
                header = fields;
                if (!recognise(header)) return undefined;
                continue;
            }
            if (fields.length === header.length && fields.every((field, at) => field === header?.[at])) {
                records++;
                wrong("the header again, as where files were joined: delete the line", line);
                continue;
            }
            if (fields.length > header.length) {
                records++;
                wrong("more fields than the header has; put texts with delimiters into quotes", line);
                continue;
            }
            const names = header;
            take(new Map(fields.map((field, at) => [names[at] ?? "", field])), line);
        }
    }
    if (columns === undefined || records === 0) {
        if (!problems.has(name)) wrong("it has no records, only a header");
        return undefined;
    }
    return { name, encoding, format, columns, records, emptied, clean: source.cleaning !== undefined };
}

/** Whether other columns would be used, had all of these been known at the beginning. */
function changesColumns(names: readonly string[], options: ColumnOptions, columns: Columns | undefined): boolean {
    const found = recogniseColumns(names, options);
    if (!("label" in found) || columns === undefined) return true;
    const used = ({ text, label, id }: Columns) => JSON.stringify([text, label, id]);
    return used(found) !== used(columns);
}

function isUsed(columns: Columns | undefined, key: string): boolean {
    return columns !== undefined && (columns.text.includes(key) || columns.label === key || columns.id === key);
}

function isScalar(value: unknown): boolean {
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function recordOf(
    values: ReadonlyMap<string, string>,
    columns: Columns,
    wrong: (what: string) => void,
): { readonly id?: string; readonly text: string; readonly category: string } | undefined {
    const texts = columns.text.map((column) => values.get(column));
    const category = values.get(columns.label)?.trim() ?? "";
    const id = columns.id === undefined ? undefined : (values.get(columns.id)?.trim() ?? "");
    const problems = [
        texts.every((text) => text === undefined) ? "no text" : undefined,
        category === ""
            ? `no ${columns.label === "category" ? "category" : `label (${printable(columns.label)})`}`
            : undefined,
        category !== printable(category) ? "the label has control characters" : undefined,
        category.length > LONGEST_LABEL ? `the label has more than ${LONGEST_LABEL} characters` : undefined,
        id === "" ? "no id; with --no-id the ids of the file are not used" : undefined,
        id !== undefined && id.length > LONGEST_ID ? `the id has more than ${LONGEST_ID} characters` : undefined,
    ].filter((problem) => problem !== undefined);
    for (const problem of problems) wrong(problem);
    if (problems.length > 0) return undefined;
    return { id, text: texts.filter((text) => text !== undefined).join("\n\n"), category };
}
