import type {
    CreateLogGroupRequest,
    CreateLogStreamRequest,
    DeleteLogGroupRequest,
    DeleteRetentionPolicyRequest,
    DescribeLogGroupsRequest,
    DescribeLogGroupsResponse,
    DescribeLogStreamsRequest,
    DescribeLogStreamsResponse,
    FilterLogEventsRequest,
    FilterLogEventsResponse,
    GetLogEventsRequest,
    GetLogEventsResponse,
    ListTagsForResourceRequest,
    ListTagsForResourceResponse,
    PutLogEventsRequest,
    PutLogEventsResponse,
    PutRetentionPolicyRequest,
    TagResourceRequest,
    UntagResourceRequest,
} from "@aws-sdk/client-cloudwatch-logs";
import type { TwinContext } from "../context";
import { AwsError, type Caller, type Operation } from "../service";
import type { LogEvent, LogEvents, Place } from "./events";
import { filterPattern } from "./filter";
import { groupArn, groupName, type LogGroup, type LogGroups, notFound } from "./groups";
import type { MetricFilters } from "./metric-filters";
import { paged } from "./page";

export interface LogsOperations {
    CreateLogGroup: Operation<CreateLogGroupRequest, object>;
    DeleteLogGroup: Operation<DeleteLogGroupRequest, object>;
    DescribeLogGroups: Operation<DescribeLogGroupsRequest, DescribeLogGroupsResponse>;
    PutRetentionPolicy: Operation<PutRetentionPolicyRequest, object>;
    DeleteRetentionPolicy: Operation<DeleteRetentionPolicyRequest, object>;
    TagResource: Operation<TagResourceRequest, object>;
    UntagResource: Operation<UntagResourceRequest, object>;
    ListTagsForResource: Operation<ListTagsForResourceRequest, ListTagsForResourceResponse>;
    CreateLogStream: Operation<CreateLogStreamRequest, object>;
    DescribeLogStreams: Operation<DescribeLogStreamsRequest, DescribeLogStreamsResponse>;
    PutLogEvents: Operation<PutLogEventsRequest, PutLogEventsResponse>;
    GetLogEvents: Operation<GetLogEventsRequest, GetLogEventsResponse>;
    FilterLogEvents: Operation<FilterLogEventsRequest, FilterLogEventsResponse>;
}

const retentions = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const day = 86_400_000;
const batchEvents = 10_000;
const batchBytes = 1 << 20;
/** What AWS adds to each event's size. */
const eventOverheadBytes = 26;
const pageEvents = 10_000;

export interface LogsDependencies {
    readonly context: TwinContext;
    readonly groups: LogGroups;
    readonly events: LogEvents;
    readonly metricFilters: MetricFilters;
    /** Stores events of a stream that exists; resolves once they are on disk. */
    append(group: string, stream: string, events: readonly LogEvent[]): Promise<void>;
}

/** CloudWatch Logs: groups, streams and what was written to them. */
export function logsOperations({ context, groups, events, metricFilters, append }: LogsDependencies): LogsOperations {
    const { iam, store, clock } = context;

    /** The group, once the caller may do this to it, or to a stream in it. */
    function permitted(caller: Caller, action: string, identifier: string | undefined, stream = ""): LogGroup {
        const name = groupName(required(identifier, "logGroupName"));
        iam.authorize(caller, `logs:${action}`, `${groupArn(name)}:log-stream:${stream}`);
        const group = groups.find(name);
        if (group === undefined) throw notFound("log group");
        return group;
    }

    function oldest(group: LogGroup): number {
        return group.retentionDays === undefined ? 0 : clock.now() - group.retentionDays * day;
    }

    /** Not in a group commit: nothing may change the group between its reading and its writing. */
    function put(group: LogGroup): object {
        store.transaction(() => groups.put(group));
        return {};
    }

    return {
        async CreateLogGroup({ logGroupName, kmsKeyId, tags, logGroupClass }, caller) {
            const name = required(logGroupName, "logGroupName");
            iam.authorize(caller, "logs:CreateLogGroup", `${groupArn(name)}:log-stream:`);
            if (!/^[.\-_/#A-Za-z0-9]{1,512}$/.test(name)) {
                throw invalid(
                    `The log group name '${name}' must be 1 to 512 characters out of letters, digits and _-/.#.`,
                );
            }
            await store.commit(() => {
                if (groups.find(name) !== undefined) {
                    throw new AwsError("ResourceAlreadyExistsException", "The specified log group already exists");
                }
                groups.put({ name, created: clock.now(), kmsKeyId, logGroupClass, tags: tags ?? {} });
            });
            return {};
        },
        async DeleteLogGroup({ logGroupName }, caller) {
            const { name } = permitted(caller, "DeleteLogGroup", logGroupName);
            await store.commit(() => {
                groups.remove(name);
                metricFilters.removeAll(name);
                events.remove(name);
            });
            return {};
        },
        async DescribeLogGroups({ logGroupNamePrefix, limit, nextToken }, caller) {
            iam.authorize(caller, "logs:DescribeLogGroups", `${groupArn("")}:log-stream:`);
            const { page, next } = paged(groups.all(logGroupNamePrefix), limit ?? 50, nextToken);
            return {
                logGroups: page.map(({ name, created, retentionDays, kmsKeyId, logGroupClass }) => ({
                    logGroupName: name,
                    arn: `${groupArn(name)}:*`,
                    logGroupArn: groupArn(name),
                    creationTime: created,
                    retentionInDays: retentionDays,
                    kmsKeyId,
                    logGroupClass: (logGroupClass ?? "STANDARD") as "STANDARD",
                    metricFilterCount: metricFilters.all(name).length,
                })),
                nextToken: next,
            };
        },
        async PutRetentionPolicy({ logGroupName, retentionInDays }, caller) {
            const group = permitted(caller, "PutRetentionPolicy", logGroupName);
            if (retentionInDays === undefined || !retentions.includes(retentionInDays)) {
                throw invalid(`retentionInDays is ${retentionInDays}; it must be one of ${retentions.join(", ")}.`);
            }
            return put({ ...group, retentionDays: retentionInDays });
        },
        async DeleteRetentionPolicy({ logGroupName }, caller) {
            return put({ ...permitted(caller, "DeleteRetentionPolicy", logGroupName), retentionDays: undefined });
        },
        async TagResource({ resourceArn, tags }, caller) {
            const group = permitted(caller, "TagResource", resourceArn);
            return put({ ...group, tags: { ...group.tags, ...tags } });
        },
        async UntagResource({ resourceArn, tagKeys }, caller) {
            const group = permitted(caller, "UntagResource", resourceArn);
            const kept = Object.entries(group.tags).filter(([key]) => !tagKeys?.includes(key));
            return put({ ...group, tags: Object.fromEntries(kept) });
        },
        async ListTagsForResource({ resourceArn }, caller) {
            return { tags: { ...permitted(caller, "ListTagsForResource", resourceArn).tags } };
        },
        async CreateLogStream({ logGroupName, logStreamName }, caller) {
            const stream = required(logStreamName, "logStreamName");
            const { name } = permitted(caller, "CreateLogStream", logGroupName, stream);
            if (!/^[^:*]{1,512}$/.test(stream)) {
                throw invalid(`The log stream name '${stream}' must be 1 to 512 characters without : and *.`);
            }
            await store.commit(() => {
                if (groups.hasStream(name, stream)) {
                    throw new AwsError("ResourceAlreadyExistsException", "The specified log stream already exists");
                }
                groups.addStream(name, stream);
            });
            return {};
        },
        async DescribeLogStreams(input, caller) {
            const { logGroupName, logGroupIdentifier, logStreamNamePrefix, orderBy, descending, limit, nextToken } =
                input;
            const { name: group } = permitted(caller, "DescribeLogStreams", logGroupName ?? logGroupIdentifier);
            const found = groups.streams(group, logStreamNamePrefix).map((stream) => {
                const range = events.range(group, stream.name);
                return {
                    logStreamName: stream.name,
                    arn: `${groupArn(group)}:log-stream:${stream.name}`,
                    creationTime: stream.created,
                    firstEventTimestamp: range?.first,
                    lastEventTimestamp: range?.last,
                    lastIngestionTime: range?.last,
                    storedBytes: 0,
                };
            });
            if (orderBy === "LastEventTime") {
                found.sort((a, b) => (a.lastEventTimestamp ?? 0) - (b.lastEventTimestamp ?? 0));
            }
            if (descending) found.reverse();
            const { page, next } = paged(found, limit ?? 50, nextToken);
            return { logStreams: page, nextToken: next };
        },
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
    const bytes = events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + eventOverheadBytes, 0);
    if (bytes > batchBytes) throw invalid(`Upload too large: ${bytes} bytes exceeds limit of ${batchBytes}`);
    if (events.some(({ timestamp }, index) => timestamp < (events[index - 1]?.timestamp ?? 0))) {
        throw invalid("Log events in a single PutLogEvents request must be in chronological order.");
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

function required<T>(value: T | undefined, name: string): T {
    if (value === undefined) throw invalid(`${name} must be given.`);
    return value;
}

function invalid(message: string): AwsError {
    return new AwsError("InvalidParameterException", message);
}
