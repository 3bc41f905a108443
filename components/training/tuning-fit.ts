import { isWhole } from "../argument-rules";
import { isOptions, shown } from "../shown-value";
import { ALGORITHMS, EPOCH_METRICS, METRICS } from "../training-algorithm";
import { mostTrials } from "./run-limits";
import { misfits } from "./training-fit";
import { DEFAULT_OBJECTIVE } from "./tuning-options";

/** SageMaker's limit. */
const MOST_RANGES = 30;

/**
 * Which options of a tuning job do not fit together: SageMaker's rules for each strategy, and what would never work.
 * @param args as the program gives them, right or not: the rules tell of what is wrong by itself.
 */
export function tuningMisfits(args: unknown): string[] {
    if (!isOptions(args)) return [];
    const { strategy = "Bayesian", jobs, parallel, hyperparameters, earlyStopping } = args;
    const problems = misfits(args);
    const ranges = isOptions(args.ranges) ? args.ranges : {};
    const count = Object.values(ranges).filter((each) => each !== undefined).length;
    if (isOptions(args.ranges) && (count === 0 || count > MOST_RANGES)) {
        problems.push(`ranges has ${count} hyperparameters; it must have 1 to ${MOST_RANGES}`);
    }
    for (const name of Object.keys(ranges)) {
        if (!isOptions(hyperparameters) || hyperparameters[name] === undefined) continue;
        problems.push(`hyperparameters has ${name}, and so has ranges; leave out one of them`);
    }
    if (strategy !== "Grid" && jobs === undefined) {
        problems.push("jobs is missing; it must be the number of trials, a whole number from 1");
    }
    const most = mostTrials(strategy);
    if (strategy !== "Random" && isWhole(jobs) && jobs > most) {
        problems.push(`jobs is ${jobs}; it must be at most ${most}, but for strategy "Random"`);
    }
    if (isWhole(parallel) && isWhole(jobs) && parallel > jobs) {
        problems.push(`parallel is ${parallel}; it must be at most jobs (${jobs})`);
    }
    if (strategy === "Grid") problems.push(...gridProblems(ranges, jobs));
    problems.push(...hyperbandProblems(args, ranges));
    if (args.warmStart !== undefined && (strategy === "Hyperband" || strategy === "Grid")) {
        problems.push(
            `warmStart is for strategies "Bayesian" and "Random"; leave it out with strategy ${shown(strategy)}`,
        );
    }
    const epochs = afterEpochs(args);
    if (earlyStopping === true && strategy !== "Hyperband" && epochs !== undefined) {
        problems.push(`earlyStopping is true; leave it out, since ${epochs}`);
    }
    problems.push(...objectiveProblems(args));
    return problems;
}

/** Grid: categorical ranges only, and as many trials as there are combinations. */
function gridProblems(ranges: Readonly<Record<string, unknown>>, jobs: unknown): string[] {
    const problems = Object.entries(ranges)
        .filter(([, range]) => isOptions(range) && range.kind !== "choice")
        .map(([name]) => `ranges has ${name}, which is no choice; use oneOf([…]) for each with strategy "Grid"`);
    const count = combinations(ranges);
    if (count === undefined) return problems;
    const most = mostTrials("Grid");
    if (count > most) {
        problems.push(`ranges has ${count} combinations; strategy "Grid" must have at most ${most}`);
    } else if (isWhole(jobs) && jobs !== count) {
        problems.push(`jobs is ${jobs}; leave it out, or give ${count}, the number of combinations of ranges`);
    }
    return problems;
}

/** How many combinations of values there are; undefined unless all are choices. */
export function combinations(ranges: Readonly<Record<string, unknown>>): number | undefined {
    let count = 1;
    for (const range of Object.values(ranges)) {
        if (range === undefined) continue;
        if (!isOptions(range) || !Array.isArray(range.values)) return undefined;
        count *= range.values.length;
    }
    return count;
}

/** Hyperband: a resource, its own early stopping, and a score after each epoch. */
function hyperbandProblems(
    args: Readonly<Record<string, unknown>>,
    ranges: Readonly<Record<string, unknown>>,
): string[] {
    const { strategy, resource, earlyStopping, hyperparameters, source } = args;
    if (strategy !== "Hyperband") {
        return resource === undefined ? [] : ['resource is for strategy "Hyperband"; leave it out'];
    }
    const problems: string[] = [];
    const { min, max } = isOptions(resource) ? resource : {};
    if (resource === undefined) {
        problems.push('resource is missing; it must be { min, max }, the epochs of a trial with strategy "Hyperband"');
    } else if (isWhole(min) && isWhole(max) && min >= max) {
        problems.push(`resource.min is ${min}; it must be below resource.max (${max})`);
    }
    if (earlyStopping === true) {
        problems.push('earlyStopping is true; leave it out, since strategy "Hyperband" stops trials itself');
    }
    const epochs = afterEpochs(args);
    if (epochs !== undefined) problems.push(`strategy is "Hyperband"; use another, since ${epochs}`);
    if (ranges.epochs !== undefined) {
        problems.push('ranges has epochs; leave it out, since strategy "Hyperband" decides how many each trial gets');
    }
    const fixed = isOptions(hyperparameters) ? hyperparameters.epochs : undefined;
    if (source === undefined && isWhole(fixed) && isWhole(max) && fixed !== max) {
        problems.push(`hyperparameters.epochs is ${fixed}; leave it out, or give resource.max (${max})`);
    }
    return problems;
}

/** Why trials cannot be told apart while they run; undefined where they can, or nobody knows. */
function afterEpochs({ algorithm, source, objective }: Readonly<Record<string, unknown>>): string | undefined {
    if (source !== undefined) return undefined;
    if (algorithm === "linear") return 'algorithm "linear" tells its score once, at its end';
    const { metric } = isOptions(objective) ? objective : DEFAULT_OBJECTIVE;
    return typeof metric === "string" && !EPOCH_METRICS.includes(metric)
        ? `${shown(metric)} is told once, at the end of a run; after each epoch there are ${EPOCH_METRICS.join(", ")}`
        : undefined;
}

/** The package's own training code has the metrics that it has. */
function objectiveProblems({ algorithm, source, objective }: Readonly<Record<string, unknown>>): string[] {
    const known = ALGORITHMS.find((each) => each === algorithm);
    const { metric } = isOptions(objective) ? objective : {};
    if (known === undefined || source !== undefined || typeof metric !== "string") return [];
    return METRICS[known].includes(metric)
        ? []
        : [`objective.metric is ${shown(metric)}; it must be one of ${METRICS[known].join(", ")}`];
}
