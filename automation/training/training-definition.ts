import {
    artifactsOf,
    hyperparameterOf,
    isTuning,
    type RunLimits,
    type RunTemplate,
    readTemplate,
} from "../../components/runtime/run-template";
import { LONGEST_TRAINING_HOURS, mostTrials } from "../../components/training/run-limits";
import type { StackExport } from "../../local/pulumi/index";
import type { Connection } from "../connection";
import { componentsOf, type DeployedComponent, outputOf, TO_DEPLOY } from "../deployment";
import { badInput, CommandError } from "../exit";
import { type S3Address, s3Address } from "../s3-address";
import { readText } from "../s3-text";
import { placeProblems } from "./artifact-place";
import { SHORTEST_HOURS } from "./train-options";

/** A `TrainingJob` or `TuningJob` of the program, and what its runs have in common. */
export interface TrainingDefinition {
    readonly component: DeployedComponent;
    readonly template: RunTemplate;
    readonly templateBucket: string;
    readonly templateKey: string;
    /** Where data sets and what its runs make go. */
    readonly artifacts: S3Address;
    /** What the template says; "linear" where it says nothing. */
    readonly algorithm: string;
}

/** What a person says of the run that is wanted. */
export interface WantedDefinition {
    readonly algorithm?: string;
    /** Name of the component in the program. */
    readonly name?: string;
    /** Whether options were given that only a search has. */
    readonly tuning: boolean;
}

/** The training and tuning jobs of the deployed program, in its order. */
export async function trainingDefinitions(connection: Connection, stack: StackExport): Promise<TrainingDefinition[]> {
    const components = [...componentsOf(stack, "TrainingJob"), ...componentsOf(stack, "TuningJob")];
    return Promise.all(
        components.map(async (component) => {
            const templateBucket = outputOf(component, "templateBucket");
            const templateKey = outputOf(component, "templateKey");
            const address = `s3://${templateBucket}/${templateKey}`;
            const template = readTemplate(await readText(connection.clients.s3, address), address);
            const artifacts = s3Address(artifactsOf(template));
            const algorithm = hyperparameterOf(template, "algorithm") ?? "linear";
            return { component, template, templateBucket, templateKey, artifacts, algorithm };
        }),
    );
}

/** The `TrainingJob` or `TuningJob` of the deployed program that a job is of, by its name; undefined for others. */
export function definitionOf(stack: StackExport, job: string): DeployedComponent | undefined {
    const [longest] = [...componentsOf(stack, "TrainingJob"), ...componentsOf(stack, "TuningJob")]
        .filter(({ outputs: { jobPrefix } }) => jobPrefix !== undefined && job.startsWith(`${jobPrefix}-`))
        .sort((a, b) => (b.outputs.jobPrefix ?? "").length - (a.outputs.jobPrefix ?? "").length);
    return longest;
}

/**
 * The one that is wanted: by name, by algorithm, and a tuning job where options of a search are given. Where both kinds
 * are left, the training job.
 * @throws CommandError exit code 2 that lists what there is.
 */
export function chosenDefinition(all: readonly TrainingDefinition[], wanted: WantedDefinition): TrainingDefinition {
    const fitting = fittingDefinitions(all, wanted);
    const runs = fitting.filter(({ template }) => !isTuning(template));
    const [only, ...others] = wanted.tuning || runs.length === 0 ? fitting : runs;
    if (only !== undefined && others.length === 0) return only;
    throw badInput(`The program has several of them: ${listed(all)}. Choose one: --name NAME`);
}

/**
 * All that may be wanted, one at least.
 * @throws CommandError exit code 2 that lists what there is.
 */
export function fittingDefinitions(all: readonly TrainingDefinition[], wanted: WantedDefinition): TrainingDefinition[] {
    if (all.length === 0) {
        throw new CommandError(
            `The deployed program has no TrainingJob and no TuningJob. Add one to it, then run: ${TO_DEPLOY}`,
        );
    }
    const fitting = all.filter(
        ({ component, algorithm, template }) =>
            (wanted.name === undefined || component.name === wanted.name) &&
            (wanted.algorithm === undefined || algorithm === wanted.algorithm) &&
            (!wanted.tuning || isTuning(template)),
    );
    if (fitting.length > 0) return fitting;
    throw badInput(`The program has nothing for ${asked(wanted).join(", ")}. It has: ${listed(all)}.`);
}

/** What a person has said of the one that is wanted, as it was typed. */
export function asked({ name, algorithm, tuning }: WantedDefinition): string[] {
    return [
        name === undefined ? undefined : `--name ${name}`,
        algorithm === undefined ? undefined : `--algorithm ${algorithm}`,
        tuning ? "--jobs or --parallel, which only a TuningJob has" : undefined,
    ].filter((each) => each !== undefined);
}

function listed(all: readonly TrainingDefinition[]): string {
    return all
        .map(
            ({ component, algorithm, template }) =>
                `${component.name} (${isTuning(template) ? "TuningJob" : "TrainingJob"}, ${algorithm})`,
        )
        .join(", ");
}

/**
 * Checks what was typed of a run against what its definition takes.
 * @param place for data set and models. @default the definition's
 * @throws CommandError exit code 2 with all that does not fit.
 */
export function checkRun(definition: TrainingDefinition, { jobs, seconds }: RunLimits, place?: S3Address): void {
    const { component, template } = definition;
    const problems = place === undefined ? [] : placeProblems(definition, place);
    if (!isTuning(template)) {
        if (seconds !== undefined && seconds > LONGEST_TRAINING_HOURS * 3600) {
            problems.push(
                `--hours is ${seconds / 3600}; it must be a number from ${SHORTEST_HOURS} to ${LONGEST_TRAINING_HOURS} for the TrainingJob "${component.name}".`,
            );
        }
    } else if (jobs !== undefined) {
        const strategy = template.tuning.HyperParameterTuningJobConfig?.Strategy;
        const most = mostTrials(strategy);
        const of = `the TuningJob "${component.name}", whose strategy is ${strategy}`;
        if (strategy === "Grid") {
            problems.push(`--jobs is ${jobs}; leave it out for ${of}: it tries every combination.`);
        } else if (jobs > most) {
            problems.push(`--jobs is ${jobs}; it must be a whole number from 1 to ${most} for ${of}.`);
        }
    }
    if (problems.length > 0) throw badInput(problems.join("\n"));
}
