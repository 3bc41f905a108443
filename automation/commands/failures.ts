import { withConnection } from "../connection";
import { badInput } from "../exit";
import { failedRecords } from "../failed-records";
import { type FormerStage, formerStages } from "../failure-prefixes";
import { failureAsJson, failureTable, reasonLines, unreadableLine } from "../failure-table";
import { sortlineCommand } from "../next-command";
import { shellWord } from "../shell-word";
import { stageProblem, stagesOf } from "../stages";
import { printable } from "../terminal";
import { readTime, timeProblem } from "../time";

/** Lists what a stage, or all of them, could not process, and counts the reasons; also of stages that are no longer there. */
export async function failures(options: {
    readonly home: string;
    readonly stage: string | undefined;
    readonly since: string | undefined;
    readonly json: boolean;
}): Promise<void> {
    const { stage, json } = options;
    await withConnection(options.home, async (connection) => {
        const { s3 } = connection.clients;
        const stack = await connection.exportStack();
        const since = options.since === undefined ? undefined : readTime(options.since);
        const isMeant = ({ name }: { readonly name: string }) => stage === undefined || name === stage;
        const former = (await formerStages(s3, stack)).filter(isMeant);
        const problems = [
            stage === undefined || former.length > 0 ? undefined : stageProblem(stack, stage, connection),
            options.since === undefined || since !== undefined ? undefined : timeProblem("--since", options.since),
        ].filter((problem) => problem !== undefined);
        if (problems.length > 0) throw badInput(problems.join("\n"));

        const print = (line: string) => process.stdout.write(`${line}\n`);
        const unreadable = (key: string) => process.stderr.write(`${unreadableLine(key)}\n`);
        for (const each of stagesOf(stack).filter(isMeant)) {
            const found = await failedRecords(s3, stack, each, { since, unreadable });
            if (json) for (const record of found) print(JSON.stringify(failureAsJson(record)));
            else if (found.length === 0 && stage === undefined) continue;
            else if (found.length === 0) print(`${each.name}: nothing failed.`);
            else print(`${each.name}\n${failureTable(found)}\n${reasonLines(found)}`);
        }
        for (const each of former) {
            const found = await failedRecords(s3, stack, each, { since, unreadable });
            if (json) for (const record of found) print(JSON.stringify({ ...failureAsJson(record), former: true }));
            else if (found.length > 0) {
                print(`${printable(formerTitle(each))}\n${failureTable(found)}\n${reasonLines(found)}`);
                print(
                    `Give them to another stage of this stream: ${sortlineCommand(connection, `redrive STAGE --from-stage ${shellWord(each.name)}`)}`,
                );
            }
        }
    });
}

function formerTitle({ name, stream, moved }: FormerStage): string {
    return moved
        ? `${name} (no longer reads the stream "${stream}")`
        : `${name} (no longer in the program; it read the stream "${stream}")`;
}
