import { withConnection } from "../connection";
import { badInput } from "../exit";
import { failedRecords } from "../failed-records";
import { failureAsJson, failureTable, reasonLines } from "../failure-table";
import { stageProblem, stagesOf } from "../stages";
import { printable } from "../terminal";
import { readTime, timeProblem } from "../time";

/** Lists what a stage, or all of them, could not process, and counts the reasons. */
export async function failures(options: {
    readonly home: string;
    readonly stage: string | undefined;
    readonly since: string | undefined;
    readonly json: boolean;
}): Promise<void> {
    const { stage, json } = options;
    await withConnection(options.home, async (connection) => {
        const stack = await connection.exportStack();
        const since = options.since === undefined ? undefined : readTime(options.since);
        const problems = [
            stage === undefined ? undefined : stageProblem(stack, stage),
            options.since === undefined || since !== undefined ? undefined : timeProblem("--since", options.since),
        ].filter((problem) => problem !== undefined);
        if (problems.length > 0) throw badInput(problems.join("\n"));

        const stages = stagesOf(stack).filter(({ name }) => stage === undefined || name === stage);
        const unreadable = (key: string) =>
            process.stderr.write(`The failure bucket's object ${printable(key)} is not one of a failure.\n`);
        for (const each of stages) {
            const found = await failedRecords(connection.clients.s3, stack, each, { since, unreadable });
            if (json) for (const record of found) process.stdout.write(`${JSON.stringify(failureAsJson(record))}\n`);
            else if (found.length === 0 && stage === undefined) continue;
            else if (found.length === 0) process.stdout.write(`${each.name}: nothing failed.\n`);
            else process.stdout.write(`${each.name}\n${failureTable(found)}\n${reasonLines(found)}\n`);
        }
    });
}
