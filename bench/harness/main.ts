// Runs one bench and prints its figures:
//   npm run -s bench                     which ones there are
//   npm run -s bench -- NAME [--json]    a table, or one line of JSON
//   npm run -s bench -- NAME --only A,B  some of its parts, where it has any
//   npm run -s bench -- NAME --full      the long parts too
// Exit codes: 0 measured, whatever the figures are; 2 no such bench; 1 could not measure.
import { globSync } from "node:fs";
import { basename, resolve } from "node:path";
import { parseArgs } from "node:util";
import { plainTable } from "../../automation/table";
import { CannotMeasure } from "./cannot-measure";
import type { Bench, Figures, Part } from "./figures";
import { machine } from "./machine";
import { chosenParts } from "./parts";

const folder = resolve(__dirname, "..");
const names = globSync("*.ts", { cwd: folder })
    .map((file) => basename(file, ".ts"))
    .sort();

const load = (name: string): Bench => require(resolve(folder, name)) as Bench;

function list(): string {
    const table = plainTable(["bench", "measures"]);
    for (const name of names) {
        const { summary, parts = [] } = load(name);
        table.push([name, summary]);
        for (const part of parts) table.push([`  ${part.name}`, part.long ? `${part.summary} (long)` : part.summary]);
    }
    return `${table.toString()}\n`;
}

function tableOf(figures: Figures): string {
    const table = plainTable(["figure", "value", "unit"]);
    for (const [key, { value, unit }] of Object.entries(figures)) table.push([key, value, unit]);
    const facts = Object.entries(machine()).map(([key, value]) => `${key} ${value}`);
    return `${table.toString()}\n\n${facts.join(", ")}\n`;
}

async function main(): Promise<number> {
    const { values, positionals } = parseArgs({
        options: { json: { type: "boolean" }, only: { type: "string" }, full: { type: "boolean" } },
        allowPositionals: true,
    });
    const [name, ...others] = positionals;
    if (name === undefined) {
        process.stdout.write(list());
        return 0;
    }
    if (!names.includes(name) || others.length > 0) {
        const what = others.length > 0 ? "One bench at a time" : `There is no bench "${name}"`;
        process.stderr.write(`${what}. These are there:\n${list()}`);
        return 2;
    }
    const bench = load(name);
    let parts: readonly Part[];
    try {
        parts = chosenParts(bench, values);
    } catch (error) {
        process.stderr.write(`${(error as Error).message}\n`);
        return 2;
    }
    const figures = await bench.measure(parts);
    process.stdout.write(
        values.json ? `${JSON.stringify({ bench: name, figures, machine: machine() })}\n` : tableOf(figures),
    );
    return 0;
}

main().then(
    (code) => {
        process.exitCode = code;
    },
    (error: unknown) => {
        const usage = (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS") ?? false;
        const plain = usage || error instanceof CannotMeasure;
        process.stderr.write(`${plain ? (error as Error).message : (error as Error).stack}\n`);
        process.exitCode = usage ? 2 : 1;
    },
);
