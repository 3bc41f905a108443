import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { parse } from "csv-parse/sync";
import { cleanText } from "../functions";
import { badInput } from "./exit";
import { printable } from "./terminal";

/** A labelled text, cleaned. */
export interface Example {
    readonly text: string;
    readonly category: string;
}

/** Characters that a label may have: it becomes the name of a category in tables, logs and messages. */
const longestLabel = 128;

/** Bytes of a CSV file. Its text is held in one string, and those end at 512 MB. */
const largestFile = 500_000_000;

/** A labelled data set that was read from a CSV file. */
export interface Dataset {
    readonly examples: readonly Example[];
    /** How many rows were left out since nothing was left of their text after cleaning. */
    readonly emptied: number;
}

/** Least examples a label needs: one to learn from and one to be tested on would tell nothing. */
const minimumPerLabel = 2;

/**
 * Reads a CSV file with the columns `text` and `category` and cleans its texts.
 * @throws CommandError exit code 2 that lists what is wrong with the file, up to ten rows.
 */
export function readDataset(file: string): Dataset {
    const bytes = bytesOf(file);
    const content = new TextDecoder("utf-8", { fatal: true });
    let rows: { record: Record<string, string>; info: { lines: number } }[];
    try {
        rows = parse(content.decode(bytes), {
            columns: (header: string[]) => header.map((name) => name.trim().toLowerCase()),
            bom: true,
            info: true,
            skip_empty_lines: true,
            relax_column_count: true,
        }) as unknown as typeof rows;
    } catch (error) {
        const why = error instanceof TypeError ? "it is not text in UTF-8" : (error as Error).message;
        throw badInput(
            `${file} cannot be read as CSV: ${why}. It needs the header text,category, commas, and quotes around texts with commas or line ends.`,
        );
    }
    const [first] = rows;
    if (first === undefined)
        throw badInput(`${file} has no rows. It needs the header text,category and a row per example.`);
    const missing = ["text", "category"].filter((column) => !(column in first.record));
    if (missing.length > 0) {
        throw badInput(
            `${file} has no column ${missing.join(" and no column ")}: its header is ${Object.keys(first.record).join(",")}, and text,category are needed.`,
        );
    }
    const problems: string[] = [];
    const examples: Example[] = [];
    let emptied = 0;
    for (const { record, info } of rows) {
        const category = (record.category ?? "").trim();
        if (record.text === undefined || category === "") {
            problems.push(`line ${info.lines}: no ${record.text === undefined ? "text" : "category"}`);
            continue;
        }
        if (category !== printable(category) || category.length > longestLabel) {
            problems.push(
                `line ${info.lines}: the category has control characters or more than ${longestLabel} characters`,
            );
            continue;
        }
        const text = cleanText(record.text);
        if (text === "") emptied++;
        else examples.push({ text, category });
    }
    if (problems.length > 0) {
        const more = problems.length > 10 ? `\n  and ${problems.length - 10} more` : "";
        throw badInput(`${file} has rows that cannot be used:\n  ${problems.slice(0, 10).join("\n  ")}${more}`);
    }
    return { examples, emptied };
}

/** @throws CommandError exit code 2 */
function bytesOf(file: string): Buffer {
    const wanted = "Give a CSV file with the columns text,category.";
    let found: fs.Stats;
    try {
        found = fs.statSync(file);
    } catch {
        throw badInput(`${file} is not there. ${wanted}`);
    }
    if (found.isDirectory()) throw badInput(`${file} is a folder. ${wanted}`);
    if (!found.isFile()) throw badInput(`${file} is not a file. ${wanted}`);
    if (found.size > largestFile) {
        const megabytes = (bytes: number) => Math.round(bytes / 1_000_000);
        throw badInput(
            `${file} has ${megabytes(found.size)} MB, and at most ${megabytes(largestFile)} MB can be read.`,
        );
    }
    try {
        return fs.readFileSync(file);
    } catch (error) {
        throw badInput(`${file} cannot be read: ${(error as Error).message}.`);
    }
}

/**
 * Checks that a training set can teach something.
 * @throws CommandError exit code 2 for fewer than two labels, or labels with too few examples.
 */
export function checkTrainable(file: string, examples: readonly Example[]): void {
    const counts = labelCounts(examples);
    if (counts.size < 2) {
        const found = counts.size === 0 ? "no label" : `one label (${[...counts.keys()].join("")})`;
        throw badInput(`${file} has ${found}: a classifier needs at least two to tell apart.`);
    }
    const rare = [...counts].filter(([, count]) => count < minimumPerLabel).map(([label]) => label);
    if (rare.length > 0) {
        throw badInput(
            `${file} has fewer than ${minimumPerLabel} examples of: ${listed(rare)}. Add some, or remove these labels.`,
        );
    }
}

/** The first ten, and how many more there are. */
function listed(names: readonly string[]): string {
    const more = names.length > 10 ? ` and ${names.length - 10} more` : "";
    return `${names.slice(0, 10).join(", ")}${more}`;
}

export function labelCounts(examples: readonly Example[]): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { category } of examples) counts.set(category, (counts.get(category) ?? 0) + 1);
    return counts;
}

/**
 * Splits off a test set by a hash of the text, so that an example stays on its side for ever, whatever else is added.
 * Every label keeps at least one example to learn from.
 * @param share of the examples that is for testing, above 0 and below 1. @default 0.2
 */
export function splitByHash(examples: readonly Example[], share = 0.2): { train: Example[]; test: Example[] } {
    const train: Example[] = [];
    const test: Example[] = [];
    for (const example of examples) {
        const digest = createHash("sha256").update(example.text).digest();
        (digest.readUInt32BE(0) / 2 ** 32 < share ? test : train).push(example);
    }
    const learnt = labelCounts(train);
    for (const [label] of labelCounts(test)) {
        if ((learnt.get(label) ?? 0) > 0) continue;
        const only = test.filter(({ category }) => category === label);
        for (const example of only) {
            test.splice(test.indexOf(example), 1);
            train.push(example);
        }
    }
    return { train, test };
}

/** A data set as CSV, with the header that the training script expects. */
export function toCsv(examples: readonly Example[]): string {
    const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
    return `text,category\n${examples.map(({ text, category }) => `${quoted(text)},${quoted(category)}\n`).join("")}`;
}

/** Names a data set by its content. */
export function datasetDigest(...parts: readonly string[]): string {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part).update("\0");
    return hash.digest("hex").slice(0, 16);
}
