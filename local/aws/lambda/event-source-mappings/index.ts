import { randomUUID } from "node:crypto";
import type {
    CreateEventSourceMappingCommandOutput,
    CreateEventSourceMappingRequest,
    DeleteEventSourceMappingCommandOutput,
    DeleteEventSourceMappingRequest,
    EventSourceMappingConfiguration,
    GetEventSourceMappingCommandOutput,
    GetEventSourceMappingRequest,
    ListEventSourceMappingsCommandOutput,
    ListEventSourceMappingsRequest,
    UpdateEventSourceMappingCommandOutput,
    UpdateEventSourceMappingRequest,
} from "@aws-sdk/client-lambda";
import type { TwinContext } from "../../context";
import { checkMembers } from "../../protocol/constraints";
import { AwsError, type Caller, type Operation } from "../../service";
import type { Destinations } from "../destinations";
import type { Environments } from "../environments";
import type { FunctionStore, StoredFunction } from "../function-store";
import { functionName, invalidParameter } from "../names";
import { failurePrefix } from "./batches";
import { describe, mappingArn, mappingSettings, type StoredMapping, streamName } from "./mapping";
import type { MappingStore } from "./mapping-store";
import { createReadings } from "./readings";
import { createEventSourceMapping, updateEventSourceMapping } from "./shapes";

export interface EventSourceMappingOperations {
    CreateEventSourceMapping: Operation<CreateEventSourceMappingRequest, CreateEventSourceMappingCommandOutput>;
    UpdateEventSourceMapping: Operation<UpdateEventSourceMappingRequest, UpdateEventSourceMappingCommandOutput>;
    GetEventSourceMapping: Operation<GetEventSourceMappingRequest, GetEventSourceMappingCommandOutput>;
    ListEventSourceMappings: Operation<ListEventSourceMappingsRequest, ListEventSourceMappingsCommandOutput>;
    DeleteEventSourceMapping: Operation<DeleteEventSourceMappingRequest, DeleteEventSourceMappingCommandOutput>;
}

export interface EventSourceMappings {
    readonly operations: EventSourceMappingOperations;
    /** Begins to read for all enabled mappings. */
    start(): void;
    /** No enabled mapping has anything left to read or to repeat. */
    idle(): boolean;
    /** What is left to read or to repeat, for a person. */
    busy(): string[];
    /** Resolves when the invocations in progress have ended. */
    close(): Promise<void>;
}

/** What Lambda asks of a role that reads a stream. */
const readActions = ["GetRecords", "GetShardIterator", "DescribeStream", "ListShards"];

/** Mappings of Kinesis streams to functions. */
export function createEventSourceMappings(
    context: TwinContext,
    functions: FunctionStore,
    environments: Environments,
    destinations: Destinations,
    store: MappingStore,
): EventSourceMappings {
    const { iam } = context;
    const readings = createReadings({ context, functions, environments, destinations, store });

    function shardIdsOf(streamArn: string): string[] {
        try {
            const { kinesis } = context.services();
            return kinesis.shards(streamName("CreateEventSourceMapping", streamArn)).map(({ id }) => id);
        } catch (error) {
            if (error instanceof AwsError && error.code === "ResourceNotFoundException") {
                throw invalidParameter(`Stream not found: ${streamArn}`);
            }
            throw error;
        }
    }

    function checkRole(of: StoredFunction, streamArn: string): void {
        const caller: Caller = { kind: "role", roleArn: of.settings.Role, sessionName: of.name };
        const missing = readActions.filter((action) => {
            try {
                iam.authorize(caller, `kinesis:${action}`, streamArn);
                return false;
            } catch (error) {
                if (error instanceof AwsError) return true;
                throw error;
            }
        });
        if (missing.length === 0) return;
        throw invalidParameter(
            `Cannot access stream ${streamArn}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and ListShards Actions on your stream in Kinesis. The role ${of.settings.Role} lacks ${missing.map((action) => `kinesis:${action}`).join(", ")}.`,
        );
    }

    function checkAccess(mapping: StoredMapping): void {
        const of = functions.find(mapping.functionName);
        if (of === undefined) throw invalidParameter("Function does not exist");
        checkRole(of, mapping.streamArn);
        const prefix = failurePrefix(mapping.uuid, "shardId-000000000000");
        destinations.check("stream failure", of, mapping.settings.onFailure, prefix);
    }

    function description(mapping: StoredMapping, state?: string): EventSourceMappingConfiguration {
        const settled = mapping.settings.enabled ? "Enabled" : "Disabled";
        const current = readings.changing(mapping.uuid) ? "Updating" : settled;
        return describe(mapping, state ?? current, readings.lastResult(mapping.uuid));
    }

    function permitted(caller: Caller, action: string, uuid: string | undefined): StoredMapping {
        iam.authorize(caller, `lambda:${action}`, mappingArn(uuid ?? ""), { status: 403 });
        return store.get(uuid ?? "");
    }

    const operations: EventSourceMappingOperations = {
        async CreateEventSourceMapping(input, caller) {
            iam.authorize(caller, "lambda:CreateEventSourceMapping", "*", { status: 403 });
            const mapping = newMapping(input, context.clock.now());
            const { streamArn } = mapping;
            const same = store.sameAs(mapping);
            if (same !== undefined) throw alreadyExists(same);
            const shardIds = shardIdsOf(streamArn);
            checkAccess(mapping);
            const start =
                mapping.startingPosition === "AT_TIMESTAMP"
                    ? new Date(mapping.startingTimestamp ?? 0)
                    : mapping.startingPosition;
            const name = streamName("CreateEventSourceMapping", streamArn);
            const positions = shardIds.map(
                (shardId) => [shardId, context.services().kinesis.position(name, shardId, start)] as const,
            );
            const meanwhile = await store.add(mapping, new Map(positions));
            if (meanwhile !== undefined) throw alreadyExists(meanwhile);
            if (mapping.settings.enabled) readings.open(mapping);
            return description(mapping, "Creating");
        },
        async UpdateEventSourceMapping({ UUID, FunctionName, ...input }, caller) {
            const current = permitted(caller, "UpdateEventSourceMapping", UUID);
            checkMembers("lambda", "UpdateEventSourceMapping", updateEventSourceMapping, { FunctionName, ...input });
            const mapping: StoredMapping = {
                ...current,
                functionName: FunctionName === undefined ? current.functionName : functionName(FunctionName),
                settings: mappingSettings(input, current.settings),
                lastModified: context.clock.now(),
            };
            checkAccess(mapping);
            await store.put(mapping);
            // As on AWS, the change takes effect when the invocations in progress have ended.
            void readings.restart(mapping.uuid);
            return description(mapping, "Updating");
        },
        async GetEventSourceMapping({ UUID }, caller) {
            return description(permitted(caller, "GetEventSourceMapping", UUID));
        },
        async ListEventSourceMappings(input, caller) {
            iam.authorize(caller, "lambda:ListEventSourceMappings", "*", { status: 403 });
            const name = input.FunctionName === undefined ? undefined : functionName(input.FunctionName);
            const rest = store
                .list()
                .filter(
                    (mapping) =>
                        mapping.uuid > (input.Marker ?? "") &&
                        (name === undefined || mapping.functionName === name) &&
                        (input.EventSourceArn === undefined || mapping.streamArn === input.EventSourceArn),
                );
            const page = rest.slice(0, Math.min(input.MaxItems ?? 100, 100));
            return {
                EventSourceMappings: page.map((mapping) => description(mapping)),
                ...(rest.length > page.length ? { NextMarker: page.at(-1)?.uuid } : {}),
            };
        },
        async DeleteEventSourceMapping({ UUID }, caller) {
            const mapping = permitted(caller, "DeleteEventSourceMapping", UUID);
            const deleted = description(mapping, "Deleting");
            await store.remove(mapping.uuid);
            void readings.restart(mapping.uuid);
            return deleted;
        },
    };

    return {
        operations,
        start() {
            for (const { uuid } of store.list()) void readings.restart(uuid);
        },
        idle: readings.idle,
        busy: readings.busy,
        close: readings.close,
    };
}

function newMapping(input: CreateEventSourceMappingRequest, now: number): StoredMapping {
    checkMembers("lambda", "CreateEventSourceMapping", createEventSourceMapping, input);
    streamName("CreateEventSourceMapping", input.EventSourceArn);
    const { StartingPosition: startingPosition, StartingPositionTimestamp: timestamp } = input;
    const problems: string[] = [];
    if (startingPosition === undefined) {
        problems.push(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
        );
    } else if ((startingPosition === "AT_TIMESTAMP") !== (timestamp !== undefined)) {
        problems.push("StartingPositionTimestamp belongs to StartingPosition AT_TIMESTAMP, and to that alone.");
    } else if (timestamp !== undefined && timestamp.getTime() > now) {
        problems.push(
            `StartingPositionTimestamp is ${timestamp.toISOString()}; it must not be in the future: it is ${new Date(now).toISOString()} now.`,
        );
    }
    return {
        uuid: randomUUID(),
        settings: mappingSettings(input, undefined, problems),
        functionName: functionName(input.FunctionName),
        streamArn: input.EventSourceArn ?? "",
        startingPosition: startingPosition ?? "LATEST",
        startingTimestamp: timestamp?.getTime(),
        lastModified: now,
        tags: { ...input.Tags },
    };
}

function alreadyExists(same: StoredMapping): AwsError {
    return new AwsError(
        "ResourceConflictException",
        `The event source arn (" ${same.streamArn} ") and function (" ${same.functionName} ") provided mapping already exists. Please update or delete the existing mapping with UUID ${same.uuid}`,
        409,
        { Type: "User" },
    );
}
