import { plainTable } from "../table";
import { printable } from "../terminal";
import type { DataSetAccount } from "./data-set";
import { type CsvFormat, delimiterNames } from "./format";
import { listed } from "./prepare";
import type { ReadSource } from "./read";

/** Labels that a table shows; the rest is counted. */
const MOST_LABELS = 40;

/** What was recognised of a file, for people. */
export function sourceLine({ name, encoding, format, columns, records, clean }: ReadSource): string {
    const written =
        format.kind === "jsonl"
            ? "JSON Lines"
            : `CSV, ${delimiterNames[format.delimiter]}${format.quote === '"' && format.escapedBy === '"' ? "" : `, ${quotes(format)}`}`;
    const from = `text: ${columns.text.join(" + ")}, label: ${columns.label}${columns.id === undefined ? "" : `, id: ${columns.id}`}`;
    const unnamed = (column: string) => (column.trim() === "" ? "(no name)" : column);
    const unused = columns.unused.length === 0 ? "" : `; not used: ${listed(columns.unused.map(unnamed))}`;
    return printable(
        `${name}: ${records} records (${written}, ${encoding}; ${from}${unused})${clean ? ", clean already" : ""}`,
    );
}

function quotes({ quote, escapedBy }: CsvFormat): string {
    if (quote === false) return "no quotes";
    return escapedBy === "\\" ? 'quotes within quotes as \\"' : "single quotes";
}

/** What will be learnt from and judged by, and what is left out and why, for people. */
export function accountLines(account: DataSetAccount): string[] {
    const { dropped, labels, rareLabels, contradictoryTexts, unknownLabels, testSet } = account;
    const names = Object.keys(labels);
    const counts = ["to learn from", "to be judged by"];
    const table = plainTable(["label", ...counts], counts);
    for (const name of names.slice(0, MOST_LABELS)) {
        const { train = 0, test = 0 } = labels[name] ?? {};
        table.push([printable(name), train, test]);
    }
    const sum = (side: "train" | "test") => Object.values(labels).reduce((total, counts) => total + counts[side], 0);
    table.push([
        `${names.length} ${names.length === 1 ? "label" : "labels"}${names.length > MOST_LABELS ? ", of which the first 40 are shown" : ""}`,
        sum("train"),
        sum("test"),
    ]);
    const rare = Object.entries(rareLabels).map(([name, count]) => `${name} (${count})`);
    const reasons: readonly [number, string][] = [
        [dropped.emptied, "nothing of their text is left after cleaning"],
        [dropped.duplicates, "the same text as another record"],
        [dropped.conflicting, "the same text with several labels, none of which most records have"],
        [dropped.nearTest, "to learn from, but nearly the same as one of the test set"],
        [dropped.rare, `too few examples to learn from: ${listed(rare)}`],
    ];
    const left = reasons.filter(([count]) => count > 0);
    const pairs = sameButForCase(names);
    return [
        table.toString(),
        `Test set: ${testSet === "split" ? "a fifth, by the hash of the id" : "as given"}.`,
        ...(left.length === 0
            ? ["Nothing is left out."]
            : ["Left out:", ...left.map(([count, why]) => `  ${count}: ${why}`)]),
        ...(contradictoryTexts === 0
            ? []
            : [
                  `Texts that came with more than one label: ${contradictoryTexts}. The one of most records counts; where two tie, the text is left out.`,
              ]),
        ...(unknownLabels.length === 0
            ? []
            : [`The test set has labels that nothing teaches: ${listed(unknownLabels)}. They count as mistakes.`]),
        ...(pairs.length === 0 ? [] : [`Labels that differ in case only: ${listed(pairs)}. Is that meant?`]),
    ].map((line, at) => (at === 0 ? line : printable(line)));
}

function sameButForCase(names: readonly string[]): string[] {
    return [...Map.groupBy(names, (name) => name.toLowerCase()).values()]
        .filter(({ length }) => length > 1)
        .map((same) => same.join(" / "));
}
