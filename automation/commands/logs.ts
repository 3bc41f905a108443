import { setTimeout as wait } from "node:timers/promises";
import { FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { type Connection, withConnection } from "../connection";
import { badInput } from "../exit";
import { readableLogLine } from "../log-line";
import { printable } from "../terminal";

/** Shows the log of one stage (or another function of the program), or of all. */
export async function logs(options: {
    readonly home: string;
    readonly stage: string | undefined;
    readonly follow: boolean;
}): Promise<void> {
    await withConnection(options.home, async (connection) => {
        const groups = await logGroups(connection, options.stage);
        const positions = new Map<string, LogPosition>();
        for (let again = true; again; again = options.follow) {
            const lines = await Promise.all(
                groups.map((group) => newLines(connection, group, positions, groups.length > 1)),
            );
            for (const { text } of lines.flat().sort((a, b) => a.time - b.time)) process.stdout.write(`${text}\n`);
            if (options.follow) await wait(500);
        }
    });
}

interface LogGroup {
    readonly stage: string;
    readonly name: string;
}

/** Every function of the program that has a log group, by the name of its component or function. */
async function logGroups(connection: Connection, stage: string | undefined): Promise<LogGroup[]> {
    const stack = await connection.exportStack();
    const groups = stack.resources
        .filter((resource) => resource.type === "aws:cloudwatch/logGroup:LogGroup")
        .map((resource) => ({
            stage: resource.name.replace(/-logs?$|-log-group$/, ""),
            name: String(resource.outputs.name ?? resource.id ?? ""),
        }));
    if (stage === undefined) return groups;
    const found = groups.filter((group) => group.stage === stage || group.stage.endsWith(`-${stage}`));
    if (found.length === 0) {
        throw badInput(`There is no stage "${stage}". There are: ${groups.map((group) => group.stage).join(", ")}.`);
    }
    return found;
}

interface LogPosition {
    readonly time: number;
    /** Events of that very millisecond that were shown already. */
    readonly shown: ReadonlySet<string>;
}

async function newLines(
    connection: Connection,
    group: LogGroup,
    positions: Map<string, LogPosition>,
    named: boolean,
): Promise<{ time: number; text: string }[]> {
    const position = positions.get(group.name) ?? { time: 0, shown: new Set<string>() };
    const lines: { time: number; text: string }[] = [];
    let { time } = position;
    let shown = new Set(position.shown);
    for (let nextToken: string | undefined, first = true; first || nextToken !== undefined; first = false) {
        const page = await connection.clients.logs.send(
            new FilterLogEventsCommand({ logGroupName: group.name, startTime: position.time, nextToken }),
        );
        for (const { eventId = "", timestamp = 0, message = "" } of page.events ?? []) {
            if (shown.has(eventId)) continue;
            if (timestamp > time) {
                time = timestamp;
                shown = new Set();
            }
            if (timestamp === time) shown.add(eventId);
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
        nextToken = page.nextToken;
    }
    positions.set(group.name, { time, shown });
    return lines;
}
