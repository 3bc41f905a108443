import { setTimeout as wait } from "node:timers/promises";
import { failsByChampion } from "../../components/runtime/evaluation-job";
import { evaluationName, MOST_EVALUATIONS } from "../../components/runtime/evaluation-name";
import { describeTrainingJob } from "../../components/runtime/training-job";
import type { Connection } from "../connection";
import { outputOf } from "../deployment";
import { badInput, jobFailed } from "../exit";
import { sortlineCommand } from "../next-command";
import { isUndecided, listModels, type RegisteredModel } from "../registry/models";
import { printableLines } from "../terminal";
import { until } from "../until";
import { jobLog } from "./job-log";
import { type RunState, runReader } from "./run-state";
import type { RunView } from "./run-table";
import { definitionOf } from "./training-definition";

/** How long the judge may take to react to a job's end: its function is retried twice, after one and two minutes. */
const JUDGE_SECONDS = 300;
/** How long a policy may take: the judge's minute, three times, and Lambda's pauses between them. */
const POLICY_SECONDS = 420;
/** A search takes hours, and each look at it asks for all of its trials. */
const SEARCH_POLL_MILLISECONDS = 1000;

/** A run that has ended well: its best model is judged and registered. */
export interface FinishedRun {
    readonly run: RunState;
    /** As the policy, where there is one, has decided about it; its `decision` is still pending where it did not in time. */
    readonly registered: RegisteredModel;
}

/**
 * Follows a training or tuning job until its best model is judged and registered, and the policy has decided about it.
 * @param given its name, or that of its evaluation or of one of its trials.
 * @throws CommandError exit code 2 where there is no such job; 4 when it or its evaluation fails or is stopped, with the
 * reason.
 */
export async function followRun(
    connection: Connection,
    given: string,
    view: RunView,
    signal?: AbortSignal,
): Promise<FinishedRun> {
    const reader = runReader(connection.clients.sagemaker);
    const whole = (await reader.read(given))?.partOf;
    if (whole !== undefined) view.say(`${given} belongs to ${whole}, which is followed.`);
    const job = whole ?? given;
    const run = await followJob(connection, job, view, signal);
    view.end();
    const best = run.best;
    if (best === undefined) throw jobFailed(`${job} has found no model: no trial reported its objective.`);
    const definition = definitionOf(await connection.exportStack(), job);
    const group = definition === undefined ? undefined : outputOf(definition, "modelPackageGroupName");
    // The judge, a function of the program, starts the evaluation and registers the model; both take it seconds.
    const registered = async () =>
        (await listModels(connection, { group, after: run.createdAt })).find(
            (model) => [best, job].includes(model.job) && model.evaluation !== undefined,
        );
    const next = (command: string) => sortlineCommand(connection, command);
    const hint = `which the program's judge function sees to. Its log: ${next("logs judge")}\nTo call it again: ${next(`judge ${job}`)}`;
    const remind = (line: string) => view.say(line);
    const everyMilliseconds = connection.pollMilliseconds;
    await followEvaluation(connection, { job, hint }, view, signal);
    const found = await until(`the model of ${job} in the registry, ${hint}`, registered, {
        seconds: JUDGE_SECONDS,
        everyMilliseconds,
        remind,
        signal,
    });
    if (!isUndecided(found)) return { run, registered: found };
    view.say(`Model ${found.version} is registered; the policy is deciding about it.`);
    const end = Date.now() + POLICY_SECONDS * 1000;
    const decided = async () => {
        const model = (await registered()) ?? found;
        return isUndecided(model) && Date.now() < end ? undefined : model;
    };
    return {
        run,
        registered: await until(`the policy's decision, ${hint}`, decided, { everyMilliseconds, remind, signal }),
    };
}

/**
 * Follows what evaluates a run's model: where an evaluation failed because of the model in service, the judge starts
 * another one without that.
 * @throws CommandError exit code 4 when the last one has failed or was stopped, with the reason.
 */
async function followEvaluation(
    connection: Connection,
    run: { readonly job: string; readonly hint: string },
    view: RunView,
    signal: AbortSignal | undefined,
): Promise<void> {
    const reader = runReader(connection.clients.sagemaker);
    const latest = async (after: number) => {
        for (let attempt = MOST_EVALUATIONS; attempt > after; attempt--) {
            const name = evaluationName(run.job, attempt);
            if ((await reader.read(name)) !== undefined) return { name, attempt };
        }
        return undefined;
    };
    for (let after = 0; ; ) {
        const expected = evaluationName(run.job, after + 1);
        const { name, attempt } = await until(`the evaluation ${expected}, ${run.hint}`, () => latest(after), {
            seconds: JUDGE_SECONDS,
            everyMilliseconds: connection.pollMilliseconds,
            remind: (line) => view.say(line),
            signal,
        });
        const ended = await untilEnded(connection, name, view, signal);
        if (ended.state === "done") return;
        const failed = await describeTrainingJob(connection.clients.sagemaker, name);
        if (attempt === MOST_EVALUATIONS || !failsByChampion(failed)) {
            const first =
                ended.reason === "MaxRuntimeExceeded"
                    ? "An evaluation may take as long as a training: give the component more maxRunHours, or a faster instance type, and deploy it. "
                    : "";
            throw jobFailed(
                `${endText(ended)}\n${first}The model is there; to evaluate it again: ${sortlineCommand(connection, `judge ${run.job}`)}`,
            );
        }
        view.say(
            `${endText(ended)} The model in service seems to be the cause, and is left out of another evaluation.`,
        );
        after = attempt;
    }
}

async function followJob(
    connection: Connection,
    job: string,
    view: RunView,
    signal: AbortSignal | undefined,
): Promise<RunState> {
    const run = await untilEnded(connection, job, view, signal);
    // A search that was stopped has the best of what it found until then.
    const hasModel =
        run.state === "done" || (run.state === "stopped" && run.kind === "tuning" && run.best !== undefined);
    if (!hasModel) throw jobFailed([endText(run), ...whatToDo(connection, run)].join("\n"));
    return run;
}

/** How a job ended that has no model. */
function endText({ job, state, reason }: RunState): string {
    return `${job} ${state === "failed" ? "failed" : "was stopped"}: ${reason === undefined ? "no reason given" : printableLines(reason)}`;
}

/** What a person can do about a run that has ended without a model, as far as its end says. */
function whatToDo(connection: Connection, { kind, state, reason, trials }: RunState): readonly string[] {
    if (kind === "training") {
        if (reason === "MaxRuntimeExceeded") return ["It takes longer than it may: give it more time by --hours."];
        if (reason !== "MaxWaitTimeExceeded") return [];
        return [
            "With what it waits for spot instances it takes longer than it may: give it more time by --hours, or instances that are no spot instances.",
        ];
    }
    // SageMaker says of a search only that its trials failed.
    const failed = trials.find((trial) => trial.reason !== undefined);
    if (state !== "failed" || failed?.reason === undefined) return [];
    return [
        `${failed.job} failed: ${printableLines(failed.reason)}`,
        `Its log: ${sortlineCommand(connection, `logs ${failed.job}`)}`,
    ];
}

/** Follows a job until it has ended, however that is. */
async function untilEnded(
    connection: Connection,
    job: string,
    view: RunView,
    signal: AbortSignal | undefined,
): Promise<RunState> {
    const reader = runReader(connection.clients.sagemaker);
    const log = jobLog(connection, job, (line) => view.say(line));
    for (;;) {
        signal?.throwIfAborted();
        const run = await reader.read(job);
        if (run === undefined) {
            throw badInput(
                `There is no training or tuning job "${job}". One that is under way: ${sortlineCommand(connection, "train --follow")}\nThose that made a model: ${sortlineCommand(connection, "models")}`,
            );
        }
        // Of a search each trial has its own, which is there on demand.
        if (run.kind === "training") await log();
        view.show(run);
        if (run.state !== "running") {
            if (run.state !== "done") view.end();
            return run;
        }
        const { pollMilliseconds } = connection;
        const pause = run.kind === "tuning" ? Math.max(SEARCH_POLL_MILLISECONDS, pollMilliseconds) : pollMilliseconds;
        await wait(pause, undefined, { signal });
    }
}
