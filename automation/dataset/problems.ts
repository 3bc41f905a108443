import { badInput } from "../exit";
import { printable } from "../terminal";

/** Something that is wrong with a file as a whole, or with one of its lines. Never holds what a record says. */
export interface DataProblem {
    readonly what: string;
    /** 1-based. @default the whole file */
    readonly line?: number;
}

export function lineProblem(what: string, line: number): DataProblem {
    return { what, line };
}

/** Ranges of lines that a message names; what comes after is counted. */
const MOST_RANGES = 100;

/** Collects what is wrong with the files of a data set, to tell all of it at once. */
export interface DataProblems {
    add(source: string, problem: DataProblem): void;
    readonly found: boolean;
    /** Whether anything is wrong with this source. */
    has(source: string): boolean;
    /** @throws CommandError exit code 2 with all problems, by file and kind, if there are any. */
    done(): void;
}

export function dataProblems(): DataProblems {
    const bySource = new Map<string, Map<string, Set<number>>>();
    return {
        add(source, { what, line }) {
            const kinds = bySource.get(source) ?? new Map<string, Set<number>>();
            bySource.set(source, kinds);
            const lines = kinds.get(what) ?? new Set();
            kinds.set(what, lines);
            if (line !== undefined) lines.add(line);
        },
        get found() {
            return bySource.size > 0;
        },
        has: (source) => bySource.has(source),
        done() {
            if (bySource.size === 0) return;
            const told = [...bySource].flatMap(([source, kinds]) => [
                `${printable(source)} cannot be used:`,
                ...[...kinds].map(
                    ([what, lines]) => `  ${lines.size === 0 ? "" : `${lineRanges([...lines])}: `}${what}`,
                ),
            ]);
            throw badInput(told.join("\n"));
        },
    };
}

/** For example "lines 3, 7–9 and 12". */
export function lineRanges(lines: readonly number[]): string {
    const ranges: { from: number; to: number }[] = [];
    for (const line of lines.toSorted((a, b) => a - b)) {
        const last = ranges.at(-1);
        if (last !== undefined && line <= last.to + 1) last.to = line;
        else ranges.push({ from: line, to: line });
    }
    const shown = ranges.slice(0, MOST_RANGES).map(({ from, to }) => (from === to ? `${from}` : `${from}–${to}`));
    const left = ranges.slice(MOST_RANGES).reduce((sum, { from, to }) => sum + to - from + 1, 0);
    return `${lines.length === 1 ? "line" : "lines"} ${shown.join(", ")}${left > 0 ? ` and ${left} more` : ""}`;
}
