import { setTimeout as wait } from "node:timers/promises";
import { FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { Connection } from "../connection";
import { badInput } from "../exit";
import { readableLogLine } from "../log-line";
import { type Place, withPipeline } from "../place";
import { printable } from "../terminal";
import { readTime, timeProblem } from "../time";
import { jobLog } from "../training/job-log";
import { isFinal, type RunState, runReader } from "../training/run-state";

/** How late a line may come to CloudWatch: lines of several instances come in no order. */
const LATE_MILLISECONDS = 60_000;

/** What is to be shown of a log. */
interface Wanted {
    /** A filter pattern of CloudWatch Logs, which lines must match as they were written. */
    readonly filterPattern: string | undefined;
    readonly since: Date | undefined;
}

/** Shows the log of one stage (or another function of the program), or of all. */
export async function logs(options: {
    readonly place: Place;
    readonly stage: string | undefined;
    readonly follow: boolean;
    readonly filter: string | undefined;
    readonly since: string | undefined;
}): Promise<void> {
    await withPipeline(options.place, async (connection) => {
        const all = await logGroups(connection);
        if (options.stage !== undefined && (await showJob(connection, all, options.stage, options))) return;
        const groups = all.filter(({ stage }) => isNamed(stage, options.stage));
        const since = options.since === undefined ? undefined : readTime(options.since);
        const problems = [
            groups.length === 0 && options.stage !== undefined
                ? `There is no stage "${options.stage}". There are: ${all.map(({ stage }) => stage).join(", ")}. There is no training job of that name either.`
                : undefined,
            options.since === undefined || since !== undefined ? undefined : timeProblem("--since", options.since),
        ].filter((problem) => problem !== undefined);
        if (problems.length > 0) throw badInput(problems.join("\n"));

        const wanted: Wanted = { filterPattern: options.filter, since };
        const positions = new Map<string, LogPosition>();
        for (let again = true; again; again = options.follow) {
            const lines = await Promise.all(
                groups.map((group) => newLines(connection, group, positions, wanted, groups.length > 1)),
            ).catch((error: unknown) => {
                throw isRefusedFilter(error) ? badInput(`--filter: ${error.message}`) : error;
            });
            for (const { text } of lines.flat().sort((a, b) => a.time - b.time)) process.stdout.write(`${text}\n`);
            if (options.follow) await wait(Math.max(500, connection.pollMilliseconds));
        }
    });
}

/**
 * Shows the log of a training job, or of all trials of a search, where no stage has that name.
 * @returns false where there is no such job.
 */
async function showJob(
    connection: Connection,
    stages: readonly LogGroup[],
    job: string,
    { follow, filter, since }: { readonly follow: boolean; readonly filter?: string; readonly since?: string },
): Promise<boolean> {
    if (stages.some(({ stage }) => isNamed(stage, job))) return false;
    const reader = runReader(connection.clients.sagemaker);
    const found = await reader.read(job);
    if (found === undefined) return false;
    if (filter !== undefined || since !== undefined) {
        throw badInput(`${job} is a training job: --filter and --since are for the logs of stages.`);
    }
    const logs = new Map<string, () => Promise<void>>();
    const ended = new Map<string, number>();
    for (let run: RunState | undefined = found; run !== undefined; run = await reader.read(job)) {
        for (const trial of run.trials) {
            // A search of a hundred trials asks for those that may still log.
            const endedAt = ended.get(trial.job);
            if (endedAt !== undefined && Date.now() - endedAt > LATE_MILLISECONDS) continue;
            if (endedAt === undefined && isFinal(trial.status)) ended.set(trial.job, Date.now());
            const named = run.kind === "tuning" ? `${trial.job} ` : "";
            const log =
                logs.get(trial.job) ??
                jobLog(connection, trial.job, (line) => process.stdout.write(`${named}${line}\n`));
            logs.set(trial.job, log);
            await log();
        }
        if (!follow || run.state !== "running") break;
        await wait(Math.max(500, connection.pollMilliseconds));
    }
    return true;
}

interface LogGroup {
    readonly stage: string;
    readonly name: string;
}

/** Every function of the program that has a log group, by the name of its component or function. */
async function logGroups(connection: Connection): Promise<LogGroup[]> {
    const stack = await connection.exportStack();
    return stack.resources
        .filter((resource) => resource.type === "aws:cloudwatch/logGroup:LogGroup")
        .map((resource) => ({
            stage: resource.name.replace(/-logs?$|-log-group$/, ""),
            name: String(resource.outputs.name ?? resource.id ?? ""),
        }));
}

function isNamed(stage: string, wanted: string | undefined): boolean {
    return wanted === undefined || stage === wanted || stage.endsWith(`-${wanted}`);
}

function isRefusedFilter(error: unknown): error is Error {
    return error instanceof Error && error.message.startsWith("Invalid filter pattern");
}

interface LogPosition {
    /** Of the latest line that was shown. */
    readonly time: number;
    /** Events that were shown and may be found again, and their times. */
    readonly shown: ReadonlyMap<string, number>;
}

async function newLines(
    connection: Connection,
    group: LogGroup,
    positions: Map<string, LogPosition>,
    { filterPattern, since }: Wanted,
    named: boolean,
): Promise<{ time: number; text: string }[]> {
    const begin = since?.getTime() ?? 0;
    const position = positions.get(group.name) ?? { time: begin, shown: new Map<string, number>() };
    const lines: { time: number; text: string }[] = [];
    const shown = new Map(position.shown);
    let { time } = position;
    for (let nextToken: string | undefined, first = true; first || nextToken !== undefined; first = false) {
        const page = await connection.clients.logs.send(
            new FilterLogEventsCommand({
                logGroupName: group.name,
                startTime: Math.max(begin, position.time - LATE_MILLISECONDS),
                filterPattern,
                nextToken,
            }),
        );
        for (const { eventId = "", timestamp = 0, message = "" } of page.events ?? []) {
            if (shown.has(eventId)) continue;
            shown.set(eventId, timestamp);
            time = Math.max(time, timestamp);
            const line = readableLogLine(message.trimEnd());
            if (line === undefined) continue;
            const stage = named ? `${group.stage.padEnd(16)} ` : "";
            for (const each of line.split("\n")) {
                lines.push({
                    time: timestamp,
                    text: `${new Date(timestamp).toISOString()} ${stage}${printable(each)}`,
                });
            }
        }
        for (const [eventId, shownTime] of shown) if (shownTime < time - LATE_MILLISECONDS) shown.delete(eventId);
        nextToken = page.nextToken;
    }
    positions.set(group.name, { time, shown });
    return lines;
}
