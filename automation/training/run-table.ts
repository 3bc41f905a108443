import { plainTable } from "../table";
import { printable } from "../terminal";
import { costOf, costText, isListed, type Prices } from "./instance-prices";
import type { RunState, Trial } from "./run-state";

/** What a run's cost is told by. */
export interface RunCosts {
    readonly prices: Prices;
    /** Whether AWS bills the run; of one on the twin it is said what it would cost there. */
    readonly billed: boolean;
}

/** Shows a run while it goes on. */
export interface RunView {
    show(run: RunState): void;
    /** A line of its own, above what is redrawn. */
    say(line: string): void;
    end(): void;
}

/**
 * A search as a table that is redrawn in place on a terminal, and as a line a change elsewhere; a run without a search
 * as a line a change, beside its log.
 */
export async function runView(say: (line: string) => void, costs: RunCosts, terminal: boolean): Promise<RunView> {
    const told = new Map<string, string>();
    const changes = (run: RunState) => {
        for (const trial of run.trials) {
            const line = trialLine(run, trial);
            if (told.get(trial.job) !== line) say(line);
            told.set(trial.job, line);
        }
    };
    if (!terminal) return { show: changes, say, end: () => undefined };
    const { default: logUpdate } = await import("log-update");
    let drawn = "";
    return {
        show: (run) => {
            if (run.kind === "training") return changes(run);
            drawn = runTable(run, costs);
            logUpdate(drawn);
        },
        say: (line) => {
            if (drawn !== "") logUpdate.clear();
            say(line);
            if (drawn !== "") logUpdate(drawn);
        },
        end: () => {
            if (drawn !== "") logUpdate.done();
            drawn = "";
        },
    };
}

/** All trials of a run, its best so far, and what it has cost so far. */
export function runTable(run: RunState, costs: RunCosts): string {
    const names = [...new Set(run.trials.flatMap(({ parameters }) => Object.keys(parameters)))].sort();
    const table = plainTable(["trial", "status", ...names, run.objective ?? "objective", "best", "cost"]);
    for (const trial of run.trials) {
        table.push([
            printable(trial.job),
            statusText(trial),
            ...names.map((name) => shortNumber(trial.parameters[name] ?? "")),
            trial.objective?.toFixed(4) ?? "",
            trial.job === run.best ? "*" : "",
            costText(costOf([trial.used], costs.prices)),
        ]);
    }
    return `${table.toString()}\n${sumLine(run, costs)}`;
}

/** For example "12 trials, best so far 0.9312 (tuning-…-004), cost on AWS so far: $1.20 (list prices of us-east-1)". */
export function sumLine({ trials, best, objective }: RunState, costs: RunCosts): string {
    const found = trials.find(({ job }) => job === best);
    const so =
        found?.objective === undefined ? "none yet" : `${objective} ${found.objective.toFixed(4)} (${found.job})`;
    return `${trials.length} ${trials.length === 1 ? "trial" : "trials"}, best so far: ${so}, ${costLine(trials, costs)}`;
}

/** What trials have cost so far on AWS, for example "cost on AWS so far: $1.20 (list prices of us-east-1)". */
export function costLine(trials: readonly Trial[], { prices, billed }: RunCosts): string {
    const used = trials.map((trial) => trial.used);
    const cost = costOf(used, prices);
    const region = cost !== undefined && isListed(used, prices) ? " (list prices of us-east-1)" : "";
    return `${billed ? "cost on AWS so far" : "on AWS it would have cost so far"}: ${costText(cost)}${region}`;
}

function trialLine({ kind, best, objective }: RunState, trial: Trial): string {
    const parameters = Object.entries(trial.parameters).map(([name, value]) => `${name} ${shortNumber(value)}`);
    const figures =
        trial.objective === undefined
            ? []
            : [`${objective} ${trial.objective.toFixed(4)}${trial.job === best ? ", best so far" : ""}`];
    const details = kind === "tuning" ? [...figures, ...parameters] : [];
    return printable(`${trial.job}: ${[statusText(trial), ...details].join(", ")}`);
}

function statusText({ status, interruptions }: Trial): string {
    return interruptions === 0
        ? status
        : `${status} (interrupted ${interruptions} ${interruptions === 1 ? "time" : "times"})`;
}

/** Numbers of a search have many digits; what is no number stays as it is. */
function shortNumber(value: string): string {
    const plain = value.replace(/^"(.*)"$/, "$1");
    const number = Number(plain);
    if (plain === "" || Number.isNaN(number)) return printable(plain);
    return Number.isInteger(number) ? String(number) : String(Number(number.toPrecision(4)));
}
