import { DescribeStreamSummaryCommand, type KinesisClient } from "@aws-sdk/client-kinesis";
import { type Connection, withConnection } from "../connection";
import { componentsOf, outputOf } from "../deployment";
import { badInput, jobFailed } from "../exit";
import { sortlineCommand } from "../next-command";
import { isUnfinished, outcomeCounts, outcomeLine } from "../redrive-report";
import { servedModel } from "../registry/served-model";
import { type Replayed, replay } from "../replay";
import { type Stage, stageNamed, stageProblem } from "../stages";
import { printable } from "../terminal";
import { readTime, timeProblem } from "../time";

export interface ReplayCommandOptions {
    readonly home: string;
    readonly stream: string;
    readonly stage: string;
    readonly from: string;
    readonly to: string | undefined;
    /** The model that the stage must ask: version, ARN, job or artefact. */
    readonly model: string | undefined;
    readonly dryRun: boolean;
    readonly json: boolean;
}

/** Gives a stage again what came to its stream between two times. */
export async function replayStream(options: ReplayCommandOptions): Promise<void> {
    await withConnection(options.home, async (connection) => {
        const { stage, from, to } = await checked(connection, options);
        const { json, dryRun } = options;
        const print = (line: string) => process.stdout.write(`${line}\n`);
        const say = (line: string) => (json ? process.stderr : process.stdout).write(`${line}\n`);
        const served =
            options.model === undefined ? undefined : await servedModel(connection, stage, options.model, say);
        if (!json) {
            const by = served === undefined ? "" : `, with model ${served.model.version} (${served.model.job})`;
            print(
                `${stage.name}: what came to "${options.stream}" from ${from.toISOString()} to ${to.toISOString()}${by}.`,
            );
            for (const line of await whatIsGone(connection.clients.kinesis, stage, from)) print(line);
        }
        const all: Replayed[] = [];
        await replay(connection, stage, {
            from,
            to,
            dryRun,
            mayGoOn: served?.stillServed,
            replayed: (record) => {
                all.push(record);
                if (json) print(JSON.stringify(asJson(stage, record)));
                else if (record.outcome === undefined || record.outcome.kind !== "done") print(`  ${line(record)}`);
                else if (all.length % 1000 === 0) print(`  ${all.length} records so far`);
            },
        });
        if (dryRun) {
            if (!json)
                print(
                    `${all.length} ${all.length === 1 ? "record" : "records"}. Nothing was done: this was a dry run.`,
                );
            return;
        }
        const counts = outcomeCounts(all.flatMap(({ outcome }) => outcome ?? []));
        const model = served === undefined ? {} : { model: served.model.version };
        print(json ? JSON.stringify({ stage: stage.name, ...model, ...counts }) : outcomeLine(counts));
        if (isUnfinished(counts)) {
            throw jobFailed(
                `Not all of it succeeded. What was rejected is in the failure bucket: ${sortlineCommand(connection, `failures ${stage.name}`)}. What failed is still in the stream: replay it again.`,
            );
        }
    });
}

/** @throws CommandError with all that is wrong with the arguments. */
async function checked(
    connection: Connection,
    options: ReplayCommandOptions,
): Promise<{ readonly stage: Stage; readonly from: Date; readonly to: Date }> {
    const stack = await connection.exportStack();
    const now = new Date();
    const from = readTime(options.from, now);
    const to = options.to === undefined ? now : readTime(options.to, now);
    const problems: string[] = [];
    if (from === undefined) problems.push(timeProblem("--from", options.from));
    if (to === undefined) problems.push(timeProblem("--to", options.to ?? ""));
    if (from !== undefined && from > now) problems.push(`--from is ${from.toISOString()}, which is still to come.`);
    if (from !== undefined && to !== undefined && from >= to) {
        problems.push(`--from (${from.toISOString()}) must be before --to (${to.toISOString()}).`);
    }
    const streams = componentsOf(stack, "EventStream");
    const stream = streams.find(({ name }) => name === options.stream);
    if (stream === undefined) {
        problems.push(
            `There is no stream "${options.stream}". There are: ${streams.map(({ name }) => name).join(", ")}.`,
        );
    }
    const stageWrong = stageProblem(stack, options.stage, connection);
    if (stageWrong !== undefined) problems.push(stageWrong);
    const stage = stageWrong === undefined ? stageNamed(stack, options.stage) : undefined;
    if (stage !== undefined && stream !== undefined && outputOf(stream, "streamName") !== stage.streamName) {
        const own = streams.find((each) => each.outputs.streamName === stage.streamName);
        problems.push(
            `The stage "${stage.name}" reads the stream "${own?.name ?? stage.streamName}", not "${stream.name}".`,
        );
    }
    if (problems.length > 0 || stage === undefined || from === undefined || to === undefined) {
        throw badInput(problems.join("\n"));
    }
    return { stage, from, to };
}

/** What a stream has forgotten cannot be replayed. */
async function whatIsGone(kinesis: KinesisClient, stage: Stage, from: Date): Promise<string[]> {
    const { StreamDescriptionSummary: stream } = await kinesis.send(
        new DescribeStreamSummaryCommand({ StreamName: stage.streamName }),
    );
    const hours = stream?.RetentionPeriodHours;
    if (hours === undefined || from.getTime() >= Date.now() - hours * 3_600_000) return [];
    return [`The stream keeps records for ${hours} hours: what came before is gone.`];
}

/** The published form of a replayed record: its fields are an interface. */
function asJson(stage: Stage, { id, arrivedAt, outcome }: Replayed) {
    const { kind = "planned" } = outcome ?? {};
    const reason = outcome !== undefined && "reason" in outcome ? { reason: outcome.reason } : {};
    return { stage: stage.name, id, arrivedAt, outcome: kind, ...reason };
}

function line({ id, arrivedAt, outcome }: Replayed): string {
    if (outcome === undefined) return printable(`${arrivedAt} ${id}`);
    const what = { done: "done", rejected: "rejected", failed: "failed", left: "not tried" }[outcome.kind];
    return printable(`${id}: ${what}${"reason" in outcome ? `: ${outcome.reason}` : ""}`);
}
