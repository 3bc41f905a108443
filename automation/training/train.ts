import { LATEST_DATA_SET } from "../../components/runtime/latest-data-set";
import { encryptionOf, hyperparameterOf, type RunLimits } from "../../components/runtime/run-template";
import { type StartedRun, startRun } from "../../components/runtime/start-run";
import { CLEANING_VERSION } from "../../functions/index";
import type { Connection } from "../connection";
import type { PreparedData } from "../dataset/prepare";
import { noteLatest, type StoredDataSet, storeDataSet, withinReach } from "../dataset/stored";
import { CommandError, exitCodes } from "../exit";
import { type Pipeline, sortlineCommand } from "../next-command";
import type { RegisteredModel } from "../registry/models";
import { addressText, type S3Address } from "../s3-address";
import { type FinishedRun, followRun } from "./follow-run";
import { costOf, LIST_PRICES, type Prices } from "./instance-prices";
import { runView } from "./run-table";
import { chosenDefinition, type TrainingDefinition, trainingDefinitions } from "./training-definition";

/** What a finished run gave: the fields of `train --json`. */
export interface TrainingResult {
    /** Of a search, the training job of its best model. */
    readonly job: string;
    /** The search, where it was one. */
    readonly tuningJob?: string;
    /** Version of the registered model. */
    readonly version: number;
    readonly accuracy: number;
    readonly macro_f1: number;
    /** From the start of the job to the registered model. */
    readonly seconds: number;
    /** US dollars on AWS, without the evaluation; null where the price of the instances is not known. */
    readonly cost: number | null;
    /** S3 address of `model.tar.gz`. */
    readonly model: string;
    /** S3 address of `evaluation.json`. */
    readonly evaluation: string;
}

export interface TrainingProgress {
    /** A line that the job logged, or something the run has to say. */
    onLine(line: string): void;
}

export interface StartOptions {
    readonly limits?: RunLimits;
    /** Where data set and models go: within what the definition's jobs may use. @default the definition's place */
    readonly artifacts?: S3Address;
    /** Starts it also while a run of the same definition is under way. @default false */
    readonly force?: boolean;
}

/** The cleaning that the runs of a definition take, and their models are served with. */
export function cleaningOf({ template }: TrainingDefinition): string {
    return hyperparameterOf(template, "cleaning") ?? CLEANING_VERSION;
}

/**
 * Stores a data set where the jobs do not reach it yet, and starts a run of a definition with it.
 * @returns name of the training or tuning job.
 * @throws CommandError exit code 5 while another run is under way.
 */
export async function startTraining(
    connection: Connection,
    definition: TrainingDefinition,
    data: PreparedData | StoredDataSet,
    { limits, artifacts, force }: StartOptions = {},
): Promise<string> {
    const { s3, sagemaker } = connection.clients;
    const { template, templateBucket, templateKey } = definition;
    const place = { ...(artifacts ?? definition.artifacts), encryption: encryptionOf(template) };
    const stored =
        "manifest" in data
            ? await withinReach(s3, place, data, [{ bucket: templateBucket, key: "" }, definition.artifacts])
            : await storeDataSet(s3, place, data, cleaningOf(definition));
    const run = await startRun(
        { s3, sagemaker },
        {
            template,
            bucket: templateBucket,
            templateKey,
            data: stored,
            limits,
            artifacts: artifacts === undefined ? undefined : `${addressText(artifacts)}jobs`,
            force,
        },
    );
    if (!run.started) throw alreadyRunning(connection, run.job, run.claimed);
    await noteLatest(s3, templateBucket, stored).catch((error: unknown) => {
        throw new CommandError(
            `${run.job} goes on, but runs that the program starts by itself do not learn from this data set: s3://${templateBucket}/${LATEST_DATA_SET} cannot be written (${(error as Error).message}). Follow it: ${sortlineCommand(connection, `train --follow ${run.job}`)}`,
        );
    });
    return run.job;
}

/**
 * What to do while a run is under way. Exit code 5.
 * @param claimed of a run that is only claimed: it may be about to begin, or its command was ended.
 */
export function alreadyRunning(pipeline: Pipeline, job: string, claimed?: StartedRun["claimed"]): CommandError {
    if (claimed !== undefined) {
        return new CommandError(
            `${job} was claimed ${claimed.secondsAgo} s ago and has not begun: it is being started, or its command was ended before it was. If it does not begin, another run may start in ${claimed.secondsLeft} s, or at once with --force`,
            exitCodes.alreadyRunning,
        );
    }
    return new CommandError(
        `${job} is under way, and no second run is started. Follow it: ${sortlineCommand(pipeline, `train --follow ${job}`)}\nTo start one all the same: --force`,
        exitCodes.alreadyRunning,
    );
}

/**
 * Starts a training job from the program's template and follows it until its model is evaluated and registered.
 * @throws CommandError exit code 4 when the job or its evaluation fails, with the reason.
 */
export async function train(
    connection: Connection,
    data: PreparedData,
    progress: TrainingProgress,
): Promise<TrainingResult & { readonly registered: RegisteredModel }> {
    const definition = chosenDefinition(await trainingDefinitions(connection, await connection.exportStack()), {
        tuning: false,
    });
    const job = await startTraining(connection, definition, data);
    progress.onLine(startedLine(job, data));
    const costs = { prices: LIST_PRICES, billed: connection.stack !== undefined };
    const view = await runView(progress.onLine, costs, false);
    const finished = await followRun(connection, job, view);
    return { ...trainingResult(finished, LIST_PRICES), registered: finished.registered };
}

/** What is said when a run has been started. */
export function startedLine(job: string, { train, test }: PreparedData): string {
    return `${job}: ${train.length} examples to learn from, ${test.length} to be judged by`;
}

export function trainingResult({ run, registered }: FinishedRun, prices: Prices): TrainingResult {
    const cost = costOf(
        run.trials.map(({ used }) => used),
        prices,
    );
    return {
        job: run.best ?? run.job,
        ...(run.kind === "tuning" ? { tuningJob: run.job } : {}),
        version: registered.version,
        accuracy: registered.accuracy,
        macro_f1: registered.macroF1,
        seconds: Math.max(0, Math.round((registered.createdAt.getTime() - run.createdAt.getTime()) / 100) / 10),
        cost: cost ?? null,
        model: registered.artefact,
        evaluation: registered.evaluation ?? "",
    };
}

/** What a person wants to know of a finished run. */
export function figuresLine({ version, accuracy, macro_f1, seconds }: TrainingResult): string {
    return `Model ${version}: accuracy ${accuracy.toFixed(3)}, macro-F1 ${macro_f1.toFixed(3)}, in ${seconds} s`;
}
