import type {
    CreateLogGroupRequest,
    CreateLogStreamRequest,
    DeleteLogGroupRequest,
    DeleteRetentionPolicyRequest,
    DescribeLogGroupsRequest,
    DescribeLogGroupsResponse,
    DescribeLogStreamsRequest,
    DescribeLogStreamsResponse,
    ListTagsForResourceRequest,
    ListTagsForResourceResponse,
    PutRetentionPolicyRequest,
    TagResourceRequest,
    UntagResourceRequest,
} from "@aws-sdk/client-cloudwatch-logs";
import type { TwinContext } from "../context";
import { AwsError, type Operation } from "../service";
import type { LogEvents } from "./events";
import { groupArn, type LogGroup, type LogGroups } from "./groups";
import type { MetricFilters } from "./metric-filters";
import { paged } from "./page";
import { groupFinder, invalid, required } from "./request";

export interface GroupOperations {
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
}

const retentions = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export interface GroupDependencies {
    readonly context: Pick<TwinContext, "iam" | "store" | "clock">;
    readonly groups: LogGroups;
    readonly events: LogEvents;
    readonly metricFilters: MetricFilters;
}

/** Log groups and their streams. */
export function groupOperations({ context, groups, events, metricFilters }: GroupDependencies): GroupOperations {
    const { iam, store, clock } = context;
    const permitted = groupFinder(iam, groups);

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
    };
}
