import type {
    FilterLogEventsRequest,
    FilterLogEventsResponse,
    GetLogEventsRequest,
    GetLogEventsResponse,
    PutLogEventsRequest,
    PutLogEventsResponse,
} from "@aws-sdk/client-cloudwatch-logs";
import type { TwinContext } from "../context";
import type { Operation } from "../service";
import type { LogEvent, LogEvents, Place } from "./events";
import { filterPattern } from "./filter";
import { type LogGroup, type LogGroups, notFound } from "./groups";
import { groupFinder, invalid, required } from "./request";

export interface EventOperations {
    PutLogEvents: Operation<PutLogEventsRequest, PutLogEventsResponse>;
    GetLogEvents: Operation<GetLogEventsRequest, GetLogEventsResponse>;
    FilterLogEvents: Operation<FilterLogEventsRequest, FilterLogEventsResponse>;
}

const day = 86_400_000;
const batchEvents = 10_000;
const batchBytes = 1 << 20;
/** What AWS adds to each event's size. */
const eventOverheadBytes = 26;
const pageEvents = 10_000;

export interface EventDependencies {
    readonly context: Pick<TwinContext, "iam" | "clock">;
    readonly groups: LogGroups;
    readonly events: LogEvents;
    /** Stores events of a stream that exists; resolves once they are on disk. */
    append(group: string, stream: string, events: readonly LogEvent[]): Promise<void>;
}

/** What is written to log streams, and found in them. */
export function eventOperations({ context, groups, events, append }: EventDependencies): EventOperations {
    const { iam, clock } = context;
    const permitted = groupFinder(iam, groups);

    function oldest(group: LogGroup): number {
        return group.retentionDays === undefined ? 0 : clock.now() - group.retentionDays * day;
    }

    return {
        async PutLogEvents({ logGroupName, logStreamName, logEvents }, caller) {
            const stream = required(logStreamName, "logStreamName");
            const group = permitted(caller, "PutLogEvents", logGroupName, stream);
            if (!groups.hasStream(group.name, stream)) throw notFound("log stream");
            const batch = (logEvents ?? []).map(({ timestamp, message }, index) => ({
                timestamp: required(timestamp, `logEvents.${index + 1}.timestamp`),
                message: required(message, `logEvents.${index + 1}.message`),
            }));
            checkBatch(batch);
            const now = clock.now();
            const tooOld = batch.findLastIndex(({ timestamp }) => timestamp < now - 14 * day);
            const expired = batch.findLastIndex(({ timestamp }) => timestamp < oldest(group));
            const tooNew = batch.findIndex(({ timestamp }) => timestamp > now + 7_200_000);
            checkSpan(batch.slice(tooOld + 1, tooNew < 0 ? undefined : tooNew));
            const accepted = batch.slice(Math.max(tooOld, expired) + 1, tooNew < 0 ? undefined : tooNew);
            if (accepted.length > 0) await append(group.name, stream, accepted);
            if (accepted.length === batch.length) return {};
            return {
                rejectedLogEventsInfo: {
                    tooNewLogEventStartIndex: tooNew < 0 ? undefined : tooNew,
                    tooOldLogEventEndIndex: tooOld < 0 ? undefined : tooOld + 1,
                    expiredLogEventEndIndex: expired < 0 ? undefined : expired + 1,
                },
            };
        },
        async GetLogEvents(input, caller) {
            const stream = required(input.logStreamName, "logStreamName");
            const group = permitted(caller, "GetLogEvents", input.logGroupName ?? input.logGroupIdentifier, stream);
            if (!groups.hasStream(group.name, stream)) throw notFound("log stream");
            checkTimes(input);
            const token = input.nextToken === undefined ? undefined : readToken(input.nextToken);
            const backward = token === undefined ? input.startFromHead !== true : token.direction === "b";
            const found = events.query({
                group: group.name,
                stream,
                from: Math.max(input.startTime ?? 0, oldest(group)),
                until: input.endTime ?? Number.MAX_SAFE_INTEGER,
                place: token,
                backward,
                limit: pageLimit(input.limit),
            });
            if (backward) found.reverse();
            return {
                events: found.map(({ timestamp, message, ingested }) => ({
                    timestamp,
                    message,
                    ingestionTime: ingested,
                })),
                // At an end the token stays the same, by which readers know that it is one.
                nextForwardToken: writeToken("f", found.at(-1) ?? token ?? { timestamp: -1, id: -1 }),
                nextBackwardToken: writeToken("b", found[0] ?? token ?? { timestamp: -1, id: -1 }),
            };
        },
        async FilterLogEvents(input, caller) {
            const group = permitted(caller, "FilterLogEvents", input.logGroupName ?? input.logGroupIdentifier);
            const finds = filterPattern(input.filterPattern ?? "");
            const { logStreamNames: names, logStreamNamePrefix: prefix } = input;
            if (names !== undefined && prefix !== undefined) {
                throw invalid("logStreamNames and logStreamNamePrefix must not be given together.");
            }
            const limit = pageLimit(input.limit);
            checkTimes(input);
            const found = [];
            let place: Place | undefined = input.nextToken === undefined ? undefined : readToken(input.nextToken);
            let ended = false;
            while (found.length < limit && !ended) {
                // A log may be long: others have their turn between its pages.
                await new Promise(setImmediate);
                const page = events.query({
                    group: group.name,
                    stream: names?.length === 1 ? names[0] : undefined,
                    from: Math.max(input.startTime ?? 0, oldest(group)),
                    until: input.endTime === undefined ? Number.MAX_SAFE_INTEGER : input.endTime + 1,
                    place,
                    limit: pageEvents,
                });
                ended = page.length < pageEvents;
                for (const event of page) {
                    if (found.length === limit) {
                        ended = false;
                        break;
                    }
                    place = event;
                    const isWanted = names?.includes(event.stream) !== false && event.stream.startsWith(prefix ?? "");
                    if (isWanted && finds(event.message) !== undefined) found.push(event);
                }
            }
            return {
                events: found.map(({ id, stream, timestamp, message, ingested }) => ({
                    eventId: String(id).padStart(56, "0"),
                    logStreamName: stream,
                    timestamp,
                    message,
                    ingestionTime: ingested,
                })),
                searchedLogStreams: [],
                nextToken: ended || place === undefined ? undefined : writeToken("f", place),
            };
        },
    };
}

function checkBatch(events: readonly LogEvent[]): void {
    if (events.length === 0 || events.length > batchEvents) {
        throw invalid(`A call takes 1 to ${batchEvents} log events; this one has ${events.length}.`);
    }
    const empty = events.findIndex(({ message }) => message === "");
    if (empty >= 0) throw invalid(`logEvents.${empty + 1}.message is empty; it must have 1 character or more.`);
    const bytes = events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + eventOverheadBytes, 0);
    if (bytes > batchBytes) throw invalid(`Upload too large: ${bytes} bytes exceeds limit of ${batchBytes}`);
    if (events.some(({ timestamp }, index) => timestamp < (events[index - 1]?.timestamp ?? 0))) {
        throw invalid("Log events in a single PutLogEvents request must be in chronological order.");
    }
}

/** @throws AwsError when those of a call's events that are neither too old nor too new are too far apart. */
function checkSpan(events: readonly LogEvent[]): void {
    const span = (events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0);
    if (span > day) {
        throw invalid(
            `Log events in a single PutLogEvents request cannot span more than 24 hours (${day} milliseconds); these span ${span} milliseconds.`,
        );
    }
}

/** @throws AwsError when a page cannot have so many events. */
function pageLimit(given = pageEvents): number {
    if (Number.isInteger(given) && given >= 1 && given <= pageEvents) return given;
    throw invalid(`limit is ${given}; it must be a whole number from 1 to ${pageEvents}.`);
}

function checkTimes({
    startTime = 0,
    endTime = Number.MAX_SAFE_INTEGER,
}: {
    startTime?: number;
    endTime?: number;
}): void {
    if (startTime >= 0 && startTime <= endTime) return;
    throw invalid(
        `startTime is ${startTime} and endTime ${endTime}; they must be 0 or more, and startTime not after endTime.`,
    );
}

function writeToken(direction: "f" | "b", { timestamp, id }: Place): string {
    return `${direction}/${timestamp}/${id}`;
}

function readToken(token: string): Place & { direction: string } {
    const [, direction = "", timestamp, id] = /^([fb])\/(-?\d+)\/(-?\d+)$/.exec(token) ?? [];
    if (direction === "") throw invalid("The specified nextToken is invalid.");
    return { direction, timestamp: Number(timestamp), id: Number(id) };
}
