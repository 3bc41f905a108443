import { setTimeout as delay } from "node:timers/promises";
import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import { AwsError, root } from "../../aws/service";
import type { Services } from "../../aws/services";
import { createOnce, foundOrUndefined, orUndo, unlessMissing } from "../provider/outcome";
import { resourceType, type ServiceResources } from "../provider/resource-type";
import {
    type ArgumentsOf,
    flag,
    listOf,
    mapOf,
    number,
    object,
    oneOf,
    recordedOnly,
    required,
    text,
} from "../provider/shape";
import { arn } from "./arn";
import { changeTags, tagList, tagMap } from "./tags";

type DynamoDb = Services["dynamodb"];

const missing = ["ResourceNotFoundException"];
const projection = {
    projectionType: required(oneOf("ALL", "KEYS_ONLY", "INCLUDE")),
    nonKeyAttributes: listOf(text),
};

const tableArguments = {
    name: text,
    attributes: required(listOf(object({ name: required(text), type: required(oneOf("S", "N", "B")) }))),
    hashKey: required(text),
    rangeKey: text,
    billingMode: oneOf("PROVISIONED", "PAY_PER_REQUEST"),
    readCapacity: number,
    writeCapacity: number,
    globalSecondaryIndexes: listOf(
        object({
            name: required(text),
            hashKey: required(text),
            rangeKey: text,
            ...projection,
            readCapacity: number,
            writeCapacity: number,
        }),
    ),
    localSecondaryIndexes: listOf(object({ name: required(text), rangeKey: required(text), ...projection })),
    ttl: object({ attributeName: text, enabled: flag }),
    pointInTimeRecovery: recordedOnly(
        object({ enabled: required(flag), recoveryPeriodInDays: number }),
        "the twin keeps no backups",
    ),
    serverSideEncryption: recordedOnly(
        object({ enabled: required(flag), kmsKeyArn: text }),
        "the twin's store is not encrypted",
    ),
    deletionProtectionEnabled: flag,
    tableClass: recordedOnly(text, "the twin has one class of storage"),
    tags: mapOf(text),
};

type TableArguments = ArgumentsOf<typeof tableArguments>;

const table = resourceType({
    type: "aws:dynamodb/table:Table",
    arguments: tableArguments,
    replacedBy: ["hashKey", "rangeKey", "localSecondaryIndexes"],
    naming: { property: "name", maximum: 255 },
    assumed: { billingMode: "PROVISIONED", readCapacity: 1, writeCapacity: 1 },

    validate({ attributes, hashKey, rangeKey, globalSecondaryIndexes = [], localSecondaryIndexes = [] }) {
        const keys = [
            ...[hashKey, rangeKey],
            ...globalSecondaryIndexes.flatMap((index) => [index.hashKey, index.rangeKey]),
            ...localSecondaryIndexes.map((index) => index.rangeKey),
        ];
        const defined = attributes.map(({ name }) => name);
        const undefinedKeys = keys.filter((key) => key !== undefined && !defined.includes(key));
        return undefinedKeys.map((key) => ({ property: "attributes", reason: `must define ${key}, which is a key` }));
    },

    async create(inputs, { services: { dynamodb } }, resumed) {
        const TableName = String(inputs.name);
        await createOnce(resumed, "ResourceInUseException", () =>
            dynamodb.operations.CreateTable(tableInput(inputs), root),
        );
        await orUndo(
            async () => {
                await active(dynamodb, TableName);
                if (inputs.ttl?.enabled) await expire(dynamodb, TableName, inputs);
            },
            () => dynamodb.operations.DeleteTable({ TableName }, root),
        );
        return { id: TableName, outputs: { arn: arn("dynamodb", `table/${TableName}`) } };
    },

    async read(id, { services: { dynamodb } }, inputs) {
        const found = await foundOrUndefined(missing, () => dynamodb.operations.DescribeTable({ TableName: id }, root));
        const key = (type: string) => found?.Table?.KeySchema?.find(({ KeyType }) => KeyType === type)?.AttributeName;
        if (found === undefined) return undefined;
        const mode = found.Table?.BillingModeSummary?.BillingMode ?? "PROVISIONED";
        const { TimeToLiveDescription } = await dynamodb.operations.DescribeTimeToLive({ TableName: id }, root);
        const { TimeToLiveStatus, AttributeName } = TimeToLiveDescription ?? {};
        const enabled = TimeToLiveStatus === "ENABLED";
        const ResourceArn = found.Table?.TableArn;
        const { Tags } = await dynamodb.operations.ListTagsOfResource({ ResourceArn }, root);
        return {
            name: id,
            arn: arn("dynamodb", `table/${id}`),
            hashKey: key("HASH"),
            rangeKey: key("RANGE"),
            billingMode: mode,
            ...(mode === "PROVISIONED" && {
                readCapacity: found.Table?.ProvisionedThroughput?.ReadCapacityUnits,
                writeCapacity: found.Table?.ProvisionedThroughput?.WriteCapacityUnits,
            }),
            ttl: { enabled, attributeName: AttributeName ?? inputs?.ttl?.attributeName },
            tags: tagMap(Tags),
            attributes: found.Table?.AttributeDefinitions?.map(({ AttributeName, AttributeType }) => ({
                name: AttributeName,
                type: AttributeType,
            })),
        };
    },

    async update({ id, inputs: earlier }, inputs, { services: { dynamodb } }) {
        const fixed = ({ globalSecondaryIndexes, attributes, billingMode }: TableArguments) =>
            JSON.stringify([globalSecondaryIndexes, attributes, billingMode]);
        if (fixed(earlier) !== fixed(inputs)) {
            const message =
                "The local twin cannot change attributes, indexes or the billing mode of a table that exists. Keep them " +
                "here, or give the table another name in the program, which makes a new, empty one.";
            throw new AwsError("NotImplemented", message, 501);
        }
        if (JSON.stringify(earlier.ttl) !== JSON.stringify(inputs.ttl)) await expire(dynamodb, id, inputs, earlier);
        const ResourceArn = arn("dynamodb", `table/${id}`);
        await changeTags(earlier.tags, inputs.tags, {
            remove: (TagKeys) => dynamodb.operations.UntagResource({ ResourceArn, TagKeys }, root),
            add: (added) => dynamodb.operations.TagResource({ ResourceArn, Tags: tagList(added) }, root),
        });
        return {};
    },

    async delete({ id, inputs }, { services: { dynamodb } }) {
        if (inputs.deletionProtectionEnabled) {
            throw new AwsError(
                "ValidationException",
                "deletionProtectionEnabled is set. Deploy once with it turned off.",
            );
        }
        await unlessMissing(missing, async () => {
            await dynamodb.operations.DeleteTable({ TableName: id }, root);
            for (;;) {
                await dynamodb.operations.DescribeTable({ TableName: id }, root);
                await delay(pollMilliseconds);
            }
        });
    },
});

const pollMilliseconds = 20;

async function active(dynamodb: DynamoDb, TableName: string): Promise<void> {
    for (;;) {
        const { Table } = await dynamodb.operations.DescribeTable({ TableName }, root);
        if (Table?.TableStatus === "ACTIVE") return;
        await delay(pollMilliseconds);
    }
}

async function expire(dynamodb: DynamoDb, TableName: string, { ttl }: TableArguments, earlier?: TableArguments) {
    const AttributeName = ttl?.attributeName ?? earlier?.ttl?.attributeName;
    const TimeToLiveSpecification = { AttributeName, Enabled: ttl?.enabled ?? false };
    await dynamodb.operations.UpdateTimeToLive({ TableName, TimeToLiveSpecification }, root);
}

function tableInput(inputs: TableArguments): CreateTableCommandInput {
    const onDemand = inputs.billingMode === "PAY_PER_REQUEST";
    const capacity = ({ readCapacity, writeCapacity }: { readCapacity?: number; writeCapacity?: number }) =>
        onDemand
            ? {}
            : {
                  ProvisionedThroughput: {
                      ReadCapacityUnits: readCapacity ?? inputs.readCapacity ?? 1,
                      WriteCapacityUnits: writeCapacity ?? inputs.writeCapacity ?? 1,
                  },
              };
    return {
        TableName: inputs.name,
        BillingMode: inputs.billingMode ?? "PROVISIONED",
        AttributeDefinitions: inputs.attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
        KeySchema: keySchema(inputs.hashKey, inputs.rangeKey),
        ...(inputs.tags && { Tags: tagList(inputs.tags) }),
        ...capacity(inputs),
        GlobalSecondaryIndexes: inputs.globalSecondaryIndexes?.map((index) => ({
            IndexName: index.name,
            KeySchema: keySchema(index.hashKey, index.rangeKey),
            Projection: projected(index),
            ...capacity(index),
        })),
        LocalSecondaryIndexes: inputs.localSecondaryIndexes?.map((index) => ({
            IndexName: index.name,
            KeySchema: keySchema(inputs.hashKey, index.rangeKey),
            Projection: projected(index),
        })),
    };
}

function keySchema(hashKey: string, rangeKey: string | undefined) {
    return [
        { AttributeName: hashKey, KeyType: "HASH" as const },
        ...(rangeKey === undefined ? [] : [{ AttributeName: rangeKey, KeyType: "RANGE" as const }]),
    ];
}

function projected(index: {
    readonly projectionType: "ALL" | "KEYS_ONLY" | "INCLUDE";
    readonly nonKeyAttributes?: readonly string[];
}) {
    const { nonKeyAttributes } = index;
    return {
        ProjectionType: index.projectionType,
        ...(nonKeyAttributes === undefined ? {} : { NonKeyAttributes: [...nonKeyAttributes] }),
    };
}

export const dynamodb: ServiceResources = { resources: [table] };
