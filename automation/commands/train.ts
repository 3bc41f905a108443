import { runUnderWay } from "../../components/runtime/start-run";
import { CLEANING_VERSION } from "../../functions";
import { type Connection, runningTwin } from "../connection";
import { localSources } from "../dataset/local-source";
import { checkTrainable, type PreparedData, prepareData } from "../dataset/prepare";
import { accountLines, sourceLine } from "../dataset/report";
import { s3Sources } from "../dataset/s3-source";
import type { DataSource } from "../dataset/source";
import { type StoredDataSet, storedDataSet } from "../dataset/stored";
import { badInput, CommandError, exitCodes } from "../exit";
import { untilLeft } from "../leaving";
import { promotionCommands, sortlineCommand } from "../next-command";
import { type Place, withPipeline } from "../place";
import type { RegisteredModel } from "../registry/models";
import { isS3, s3Address } from "../s3-address";
import { printable } from "../terminal";
import { download } from "../training/download";
import { followRun } from "../training/follow-run";
import type { Prices } from "../training/instance-prices";
import { costLine, runView } from "../training/run-table";
import { onlyRunUnderWay } from "../training/run-under-way";
import { alreadyRunning, cleaningOf, figuresLine, startedLine, startTraining, trainingResult } from "../training/train";
import { checkTrainArguments, type TrainArguments, type TrainOptions } from "../training/train-options";
import {
    checkRun,
    chosenDefinition,
    type TrainingDefinition,
    trainingDefinitions,
} from "../training/training-definition";
import { withTwin } from "../twin";

type Say = (line: string) => void;

/**
 * Trains a model on labelled records: shows what was read and what is left out, starts a run, and follows it. Where no
 * twin is running, one runs for as long as this takes.
 */
export async function trainModel(given: TrainArguments & { readonly place: Place }): Promise<void> {
    const { place, json = false, output } = given;
    const { home, stack } = place;
    // Standard output belongs to the result when that is JSON.
    const say = (line: string) => (json ? process.stderr : process.stdout).write(`${line}\n`);
    const options = checkTrainArguments(given);
    const { followed, prices } = options;
    const { name, algorithm } = given;
    if (followed !== undefined) {
        await withPipeline(place, async (connection) => {
            const job =
                followed === true ? await onlyRunUnderWay(connection, { name, algorithm, tuning: false }) : followed;
            await follow(connection, job, { json, output, prices, say }, true);
        });
        return;
    }

    const all = [...options.data, ...(options.test ?? [])];
    // What lies here is looked at before anything starts.
    const local = all.some(isS3) ? undefined : await prepareLocally(options, say);
    const running = stack !== undefined || runningTwin(home) !== undefined;
    const ofProgram = (["name", "algorithm", "jobs", "parallel", "hours", "artifacts"] as const).filter(
        (option) => given[option] !== undefined,
    );
    if (given.dryRun === true && local !== undefined && (!running || ofProgram.length === 0)) {
        if (ofProgram.length > 0) {
            const options = ofProgram.map((option) => `--${option}`).join(", ");
            say(`Not checked, since no twin with the program is running: ${options}`);
        }
        return tellDryRun(local, json);
    }
    if (!running && (!options.follow || given.dryRun === true)) {
        const why = given.dryRun === true ? "S3 is read on a running one" : "the run would end with one of its own";
        throw new CommandError(
            `No twin is running in ${home}, and ${why}. Start one: ${sortlineCommand({ home }, "start")}`,
            exitCodes.noTwin,
        );
    }
    const work = async (connection: Connection) => {
        const definition = chosenDefinition(await trainingDefinitions(connection, await connection.exportStack()), {
            algorithm,
            name,
            tuning: options.limits.jobs !== undefined || options.limits.parallel !== undefined,
        });
        checkRun(definition, options.limits, options.artifacts);
        const data = local ?? (await fromS3(connection, definition, options, say));
        checkCleaning(definition, data);
        if (given.dryRun === true) return tellDryRun(data, json);
        const other = await runUnderWay(connection.clients.sagemaker, definition.template);
        if (other !== undefined && given.force !== true) throw alreadyRunning(connection, other);
        const job = await startTraining(connection, definition, data, {
            limits: options.limits,
            artifacts: options.artifacts,
            force: given.force,
        });
        say(`  ${"sources" in data ? startedLine(job, data) : `${job}: data set ${data.manifest.digest}`}`);
        if (options.follow) return follow(connection, job, { json, output, prices, say }, running);
        if (json) process.stdout.write(`${JSON.stringify({ job })}\n`);
        else say(`It goes on by itself. Follow it: ${sortlineCommand(connection, `train --follow ${job}`)}`);
    };
    if (running) await withPipeline(place, work);
    else await withTwin(home, say, work);
}

function prepareLocally(options: TrainOptions, say: Say): Promise<PreparedData> {
    const sources = localSources(options.data);
    const test = options.test === undefined ? undefined : localSources(options.test);
    return prepare(sources, test, options, say);
}

async function prepare(
    sources: readonly DataSource[],
    test: readonly DataSource[] | undefined,
    options: TrainOptions,
    say: Say,
): Promise<PreparedData> {
    const data = await prepareData(sources, test, options.reading);
    for (const source of data.sources) say(sourceLine(source));
    for (const line of accountLines(data.account)) say(line);
    checkTrainable(options.data.join(", "), data, options.reading.minimum);
    return data;
}

/** A data set that an earlier run made is taken as it is; other objects are read, and cleaned unless they say they are. */
async function fromS3(
    connection: Connection,
    definition: TrainingDefinition,
    options: TrainOptions,
    say: Say,
): Promise<PreparedData | StoredDataSet> {
    const { s3 } = connection.clients;
    const cleaning = cleaningOf(definition);
    const [first, ...others] = options.data;
    if (first !== undefined && others.length === 0 && options.test === undefined && isS3(first)) {
        const stored = await storedDataSet(s3, s3Address(first), cleaning, connection);
        if (stored !== undefined) {
            say(`${first}: a data set, clean already (version ${cleaning}), taken as it is`);
            for (const line of accountLines(stored.manifest.account)) say(line);
            return stored;
        }
    }
    const sources = async (paths: readonly string[]): Promise<DataSource[]> => {
        const found: DataSource[] = [];
        for (const path of paths) {
            found.push(...(isS3(path) ? await s3Sources(s3, s3Address(path), cleaning) : localSources([path])));
        }
        return found;
    };
    const test = options.test === undefined ? undefined : await sources(options.test);
    return prepare(await sources(options.data), test, options, say);
}

/** A model must be served with the cleaning that its training had. */
function checkCleaning(definition: TrainingDefinition, data: PreparedData | StoredDataSet): void {
    const wanted = cleaningOf(definition);
    if (wanted === CLEANING_VERSION || "manifest" in data || data.sources.every(({ clean }) => clean)) return;
    throw badInput(
        `"${definition.component.name}" takes texts of the cleaning ${wanted}, and this command cleans with ${CLEANING_VERSION}. Clean them yourself, put them into S3 with the metadata sortline-cleaning: ${wanted}, and give that address; or say cleaning: CLEANING_VERSION in the program.`,
    );
}

function tellDryRun(data: PreparedData | StoredDataSet, json: boolean): void {
    const { account } = "manifest" in data ? data.manifest : data;
    const sources = "manifest" in data ? data.manifest.sources.map((name) => ({ name })) : data.sources;
    if (json) process.stdout.write(`${JSON.stringify({ sources, ...account })}\n`);
    else process.stdout.write("Nothing was started (--dry-run).\n");
}

interface FollowOptions {
    readonly json: boolean;
    readonly output: string | undefined;
    readonly prices: Prices;
    readonly say: Say;
}

/** @param staysUp whether the run goes on when it is no longer followed. */
async function follow(connection: Connection, job: string, options: FollowOptions, staysUp: boolean): Promise<void> {
    const { json, output, prices, say } = options;
    const costs = { prices, billed: connection.stack !== undefined };
    const view = await runView((line) => say(`  ${line}`), costs, process.stdout.isTTY === true && !json);
    const again = `Follow it again: ${sortlineCommand(connection, `train --follow ${job}`)}`;
    const finished = staysUp
        ? await untilLeft(
              (signal) => followRun(connection, job, view, signal),
              () => `${job} goes on. ${again}\nIts log: ${sortlineCommand(connection, `logs ${job}`)}`,
          )
              .catch((error: unknown) => {
                  // Of the network or a login that has expired: it says nothing of the run.
                  if (!(error instanceof CommandError)) say(`${job} is no longer followed, and may go on. ${again}`);
                  throw error;
              })
              .finally(view.end)
        : await followRun(connection, job, view);
    const result = trainingResult(finished, prices);
    if (output !== undefined) {
        for (const file of await download(connection.clients.s3, result, output)) say(`Saved ${file}`);
    }
    if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else {
        say(`${figuresLine(result)}; ${costLine(finished.run.trials, costs)}`);
        say(approvalLine(connection, finished.registered));
    }
}

/** What was decided about a model, and what a person can do. */
function approvalLine(connection: Connection, model: RegisteredModel): string {
    const { approval, decision, note } = model;
    if (approval !== "PendingManualApproval") {
        return `It is ${approval.toLowerCase()}: ${printable(note ?? sortlineCommand(connection, "models"))}`;
    }
    const promotes = `Bring it into service: ${promotionCommands(connection, model)}`;
    if (decision === undefined) return `It waits for approval. ${promotes}`;
    if (decision === "leave") return `It waits for a person's approval: ${printable(note ?? "")} ${promotes}`;
    return `The policy has not decided about it; its log: ${sortlineCommand(connection, "logs judge")}. A person may: ${promotes}`;
}
