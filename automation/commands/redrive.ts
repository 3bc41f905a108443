import { type Connection, withConnection } from "../connection";
import { badInput, jobFailed } from "../exit";
import type { FailedRecord } from "../failed-records";
import { failureTable } from "../failure-table";
import { type Redriven, redrive } from "../redrive";
import { isUnfinished, outcomeCounts, outcomeLine } from "../redrive-report";
import { stageNamed, stageProblem } from "../stages";
import { printable } from "../terminal";
import { readTime, timeProblem } from "../time";

export interface RedriveCommandOptions {
    readonly home: string;
    readonly stage: string;
    readonly since: string | undefined;
    readonly dryRun: boolean;
    readonly json: boolean;
}

/** Gives a stage again what it could not process. */
export async function redriveStage(options: RedriveCommandOptions): Promise<void> {
    await withConnection(options.home, async (connection) => {
        const stack = await connection.exportStack();
        const since = options.since === undefined ? undefined : readTime(options.since);
        const problems = [
            stageProblem(stack, options.stage),
            options.since === undefined || since !== undefined ? undefined : timeProblem("--since", options.since),
        ].filter((problem) => problem !== undefined);
        if (problems.length > 0) throw badInput(problems.join("\n"));
        await redriveAndTell(connection, options, since);
    });
}

async function redriveAndTell(
    connection: Connection,
    { stage: name, dryRun, json }: RedriveCommandOptions,
    since: Date | undefined,
): Promise<void> {
    const stage = stageNamed(await connection.exportStack(), name);
    const print = (line: string) => process.stdout.write(`${line}\n`);
    const printJson = (value: object) => print(JSON.stringify(value));
    const all = await redrive(connection, stage, {
        since,
        dryRun,
        planned: ({ records, calls }) => {
            if (json && dryRun) for (const record of records) printJson(asJson(record, "planned"));
            if (json) return;
            if (records.length === 0) print(`${name}: nothing failed, there is nothing to redrive.`);
            else if (dryRun) print(failureTable(records));
            if (records.length > 0)
                print(`${name}: ${counted(records.length, "record")} in ${counted(calls, "call")}.`);
        },
        redriven: (redriven) => {
            if (json) printJson(redrivenAsJson(redriven));
            else if (redriven.outcome.kind !== "done") print(`  ${redrivenLine(redriven)}`);
        },
    });
    const counts = outcomeCounts(all.map(({ outcome }) => outcome));
    if (dryRun) {
        if (!json) print("Nothing was done: this was a dry run.");
        return;
    }
    if (json) printJson({ stage: name, ...counts });
    else if (counts.records > 0) print(outcomeLine(counts));
    if (isUnfinished(counts)) {
        throw jobFailed(`Not all of it succeeded. What is left, and why: npx sortline failures ${name}`);
    }
}

/** The published form of an outcome: its fields are an interface. */
function asJson({ stage, id, key }: FailedRecord, outcome: string, reason?: string) {
    return { stage, id, outcome, ...(reason === undefined ? {} : { reason }), key };
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
