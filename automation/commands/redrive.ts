import { type Connection, withConnection } from "../connection";
import { badInput, jobFailed } from "../exit";
import type { FailedRecord, FailingStage } from "../failed-records";
import { failureTable, unreadableLine } from "../failure-table";
import { formerStageFor } from "../former-stage";
import { sortlineCommand } from "../next-command";
import { type Redriven, redrive } from "../redrive";
import { isUnfinished, type OutcomeCounts, outcomeCounts, outcomeLine } from "../redrive-report";
import { type Stage, stageNamed, stageProblem } from "../stages";
import { printable } from "../terminal";
import { readTime, timeProblem } from "../time";

export interface RedriveCommandOptions {
    readonly home: string;
    readonly stage: string;
    /** A stage that is no longer there, whose failures are meant. */
    readonly fromStage: string | undefined;
    readonly since: string | undefined;
    readonly dryRun: boolean;
    readonly json: boolean;
}

/** Gives a stage again what it could not process, or what one could not that is no longer there. */
export async function redriveStage(options: RedriveCommandOptions): Promise<void> {
    await withConnection(options.home, async (connection) => {
        const stack = await connection.exportStack();
        const since = options.since === undefined ? undefined : readTime(options.since);
        const wrongStage = stageProblem(stack, options.stage, connection);
        const stage = wrongStage === undefined ? stageNamed(stack, options.stage) : undefined;
        const problems = [
            wrongStage,
            options.since === undefined || since !== undefined ? undefined : timeProblem("--since", options.since),
        ].filter((problem) => problem !== undefined);
        if (problems.length > 0 || stage === undefined) throw badInput(problems.join("\n"));
        const { fromStage } = options;
        const former = fromStage === undefined ? undefined : await formerStageFor(connection, stack, stage, fromStage);
        await redriveAndTell(connection, stage, former, options, since);
    });
}

async function redriveAndTell(
    connection: Connection,
    stage: Stage,
    former: FailingStage | undefined,
    { dryRun, json }: RedriveCommandOptions,
    since: Date | undefined,
): Promise<void> {
    const { name } = stage;
    const failing = former?.name ?? name;
    const title = former === undefined ? name : `${name}, failures of ${former.name}`;
    const names = { stage: name, ...(former === undefined ? {} : { fromStage: former.name }) };
    const print = (line: string) => process.stdout.write(`${line}\n`);
    const printJson = (value: object) => print(JSON.stringify(value));
    let unreadable = 0;
    const all = await redrive(connection, stage, {
        since,
        failuresOf: former,
        unreadable: (key) => {
            unreadable++;
            process.stderr.write(`${unreadableLine(key)}\n`);
        },
        dryRun,
        planned: ({ records, calls }) => {
            if (json && dryRun) for (const record of records) printJson({ ...names, ...asJson(record, "planned") });
            if (json) return;
            if (records.length === 0) print(`${title}: nothing failed, there is nothing to redrive.`);
            else if (dryRun) print(failureTable(records));
            if (records.length > 0)
                print(`${title}: ${counted(records.length, "record")} in ${counted(calls, "call")}.`);
        },
        redriven: (redriven) => {
            if (json) printJson({ ...names, ...redrivenAsJson(redriven) });
            else if (redriven.outcome.kind !== "done") print(`  ${redrivenLine(redriven)}`);
        },
    });
    const counts = outcomeCounts(all.map(({ outcome }) => outcome));
    if (dryRun) {
        if (!json) print("Nothing was done: this was a dry run.");
        return;
    }
    if (json) printJson({ ...names, ...counts });
    else if (counts.records > 0) print(outcomeLine(counts));
    if (unreadable > 0 && !isUnfinished(counts)) {
        throw jobFailed(`What can be read is done; ${counted(unreadable, "object")} with the failures cannot.`);
    }
    if (isUnfinished(counts)) {
        throw jobFailed(`Not all of it succeeded. What is left, and why: ${leftIn(connection, failing, name, counts)}`);
    }
}

/** What is rejected again is a failure of the stage that rejected it. */
function leftIn(
    connection: Connection,
    failing: string,
    stage: string,
    { rejected, failed, left }: OutcomeCounts,
): string {
    const names = [...(failed + left > 0 ? [failing] : []), ...(rejected > 0 ? [stage] : [])];
    return [...new Set(names)].map((name) => sortlineCommand(connection, `failures ${name}`)).join(" and ");
}

/** The published form of an outcome: its fields are an interface. */
function asJson({ id, key }: FailedRecord, outcome: string, reason?: string) {
    return { id, outcome, ...(reason === undefined ? {} : { reason }), key };
}

function redrivenAsJson({ record, outcome }: Redriven) {
    return asJson(
        outcome.kind === "rejected" ? { ...record, key: outcome.key } : record,
        outcome.kind,
        "reason" in outcome ? outcome.reason : undefined,
    );
}

function redrivenLine({ record, outcome }: Redriven): string {
    const { kind } = outcome;
    const what = { done: "done", rejected: "rejected again", failed: "failed", left: "not tried", gone: "gone" }[kind];
    return printable(`${record.id}: ${what}${"reason" in outcome ? `: ${outcome.reason}` : ""}`);
}

function counted(count: number, name: string): string {
    return `${count} ${count === 1 ? name : `${name}s`}`;
}
