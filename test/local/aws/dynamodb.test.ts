import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
    BatchWriteItemCommand,
    CreateTableCommand,
    DeleteTableCommand,
    DescribeTableCommand,
    DescribeTimeToLiveCommand,
    DynamoDBClient,
    GetItemCommand,
    PutItemCommand,
    QueryCommand,
    TransactWriteItemsCommand,
    UpdateItemCommand,
    UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { createClock } from "../../../local/aws/clock";
import { createDynamoDb, type DynamoDb } from "../../../local/aws/dynamodb";
import { openEngine } from "../../../local/aws/dynamodb/engine";
import { createTables } from "../../../local/aws/dynamodb/tables";
import { root } from "../../../local/aws/service";
import { openStore } from "../../../local/aws/store";
import { type ServiceUnderTest, startService } from "./service-under-test";

const TableName = "index";
const tableArn = "arn:aws:dynamodb:eu-central-1:000000000000:table/index";
const definition = {
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [
        { AttributeName: "id", AttributeType: "S" },
        { AttributeName: "state", AttributeType: "S" },
    ],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    GlobalSecondaryIndexes: [
        {
            IndexName: "by-state",
            KeySchema: [{ AttributeName: "state", KeyType: "HASH" }],
            Projection: { ProjectionType: "ALL" },
        },
    ],
} as const satisfies object;

describe("DynamoDB of the twin", () => {
    let twin: ServiceUnderTest<DynamoDb>;
    let client: DynamoDBClient;
    const create = (more: object = {}) => {
        const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, ...rest } = structuredClone(definition);
        return new CreateTableCommand({
            ...rest,
            AttributeDefinitions: [...AttributeDefinitions],
            KeySchema: [...KeySchema],
            GlobalSecondaryIndexes: GlobalSecondaryIndexes.map((index) => ({
                ...index,
                KeySchema: [...index.KeySchema],
            })),
            ...more,
        });
    };
    const put = (id: string, more: object = {}) =>
        client.send(new PutItemCommand({ TableName, Item: { id: { S: id }, ...more } }));
    const get = async (id: string) =>
        (await client.send(new GetItemCommand({ TableName, Key: { id: { S: id } } }))).Item;

    beforeEach(async () => {
        twin = await startService(createDynamoDb);
        client = new DynamoDBClient(twin.client);
        await client.send(create());
    });

    afterEach(async () => {
        client.destroy();
        await twin.stop();
    });

    it("has a table at once, in the twin's account, and none once it is deleted", async () => {
        const { Table } = await client.send(new DescribeTableCommand({ TableName }));
        assert.equal(Table?.TableStatus, "ACTIVE");
        assert.equal(Table?.TableArn, tableArn);
        assert.equal(Table?.GlobalSecondaryIndexes?.[0]?.IndexStatus, "ACTIVE");
        await client.send(new DeleteTableCommand({ TableName }));
        await assert.rejects(client.send(new DescribeTableCommand({ TableName })), {
            name: "ResourceNotFoundException",
        });
        await client.send(create());
        assert.equal(await get("one"), undefined);
    });

    it("keeps items over a restart, by name and by ARN, binary ones too", async () => {
        const blob = { B: new Uint8Array([0, 255, 7]) };
        await put("one", { blob, state: { S: "sorted" } });
        client.destroy();
        twin = await twin.restart();
        client = new DynamoDBClient(twin.client);
        const { Item } = await client.send(new GetItemCommand({ TableName: tableArn, Key: { id: { S: "one" } } }));
        assert.deepEqual(Item, { id: { S: "one" }, blob, state: { S: "sorted" } });
        const { Items } = await client.send(
            new QueryCommand({
                TableName,
                IndexName: "by-state",
                KeyConditionExpression: "#state = :state",
                ExpressionAttributeNames: { "#state": "state" },
                ExpressionAttributeValues: { ":state": { S: "sorted" } },
            }),
        );
        assert.deepEqual(
            Items?.map(({ id }) => id),
            [{ S: "one" }],
        );
    });

    it("refuses a conditional write as DynamoDB does", async () => {
        await put("one");
        const again = new PutItemCommand({
            TableName,
            Item: { id: { S: "one" } },
            ConditionExpression: "attribute_not_exists(id)",
        });
        await assert.rejects(client.send(again), {
            name: "ConditionalCheckFailedException",
            message: "The conditional request failed",
        });
    });

    it("updates and writes in batches", async () => {
        const requests = ["a", "b"].map((id) => ({ PutRequest: { Item: { id: { S: id } } } }));
        await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
        await client.send(
            new UpdateItemCommand({
                TableName,
                Key: { id: { S: "a" } },
                UpdateExpression: "SET attempts = if_not_exists(attempts, :zero) + :one",
                ExpressionAttributeValues: { ":zero": { N: "0" }, ":one": { N: "1" } },
            }),
        );
        assert.deepEqual(await get("a"), { id: { S: "a" }, attempts: { N: "1" } });
        assert.deepEqual(await get("b"), { id: { S: "b" } });
    });

    it("remembers an attribute as time to live", async () => {
        const TimeToLiveSpecification = { Enabled: true, AttributeName: "expires" };
        await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
        const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
        assert.deepEqual(TimeToLiveDescription, { TimeToLiveStatus: "ENABLED", AttributeName: "expires" });
    });

    it("remembers encryption and protects a table that asks for it", async () => {
        await client.send(
            create({
                TableName: "kept",
                DeletionProtectionEnabled: true,
                SSESpecification: { Enabled: true, SSEType: "KMS" },
            }),
        );
        const { Table } = await client.send(new DescribeTableCommand({ TableName: "kept" }));
        assert.deepEqual([Table?.DeletionProtectionEnabled, Table?.SSEDescription?.Status], [true, "ENABLED"]);
        const deletion = client.send(new DeleteTableCommand({ TableName: "kept" }));
        await assert.rejects(deletion, { name: "ValidationException", message: /protected against deletion/ });
    });

    it("names what it does not implement", async () => {
        const transaction = client.send(new TransactWriteItemsCommand({ TransactItems: [] }));
        await assert.rejects(transaction, { name: "NotImplemented", message: /TransactWriteItems/ });
        const streams = { TableName: "other", StreamSpecification: { StreamEnabled: true } };
        await assert.rejects(client.send(create(streams)), { name: "NotImplemented", message: /StreamSpecification/ });
    });

    it("lets a role use only the tables and indexes of its grant", async () => {
        const reader = new DynamoDBClient(
            await twin.clientOf("reader", { Effect: "Allow", Action: "dynamodb:GetItem", Resource: tableArn }),
        );
        const denied = { name: "AccessDeniedException" };
        await put("one");
        const key = { id: { S: "one" } };
        assert.ok((await reader.send(new GetItemCommand({ TableName, Key: key }))).Item);
        await assert.rejects(reader.send(new GetItemCommand({ TableName: "other", Key: key })), denied);
        await assert.rejects(reader.send(new PutItemCommand({ TableName, Item: key })), denied);
        const batch = { [TableName]: [{ PutRequest: { Item: key } }] };
        await assert.rejects(reader.send(new BatchWriteItemCommand({ RequestItems: batch })), {
            ...denied,
            message: /dynamodb:BatchWriteItem on resource: arn:aws:dynamodb:eu-central-1:000000000000:table\/index /,
        });
        reader.destroy();
    });

    it("takes and gives the SDK's shapes in this process", async () => {
        const { operations } = twin.service;
        const data = { B: Buffer.from("bytes") };
        await operations.PutItem({ TableName, Item: { id: { S: "one" }, data, B: { S: "named like a type" } } }, root);
        const { Item } = await operations.GetItem({ TableName, Key: { id: { S: "one" } } }, root);
        assert.deepEqual(Item, { id: { S: "one" }, data, B: { S: "named like a type" } });
        const { Table } = await operations.DescribeTable({ TableName }, root);
        assert.ok(Table?.CreationDateTime instanceof Date);
    });
});

describe("the time to live of the twin's items", () => {
    it("ends those whose time is over, and only those", async () => {
        const folder = mkdtempSync(join(tmpdir(), "sortline-dynamodb-"));
        const store = openStore(folder);
        const engine = await openEngine(folder);
        try {
            const { operations, expire } = createTables(store, engine, createClock());
            await operations.CreateTable?.({ ...definition });
            const TimeToLiveSpecification = { Enabled: true, AttributeName: "expires" };
            await operations.UpdateTimeToLive?.({ TableName, TimeToLiveSpecification });
            const seconds = Math.floor(Date.now() / 1000);
            for (const [id, expires] of [
                ["over", { N: String(seconds - 60) }],
                ["alive", { N: String(seconds + 3600) }],
                ["no number", { S: "0" }],
            ] as const) {
                await engine.call("PutItem", { TableName, Item: { id: { S: id }, expires } });
            }
            await engine.call("PutItem", { TableName, Item: { id: { S: "forever" } } });
            await expire();
            const { Items } = (await engine.call("Scan", { TableName })) as { Items: { id: { S: string } }[] };
            assert.deepEqual(Items.map(({ id }) => id.S).sort(), ["alive", "forever", "no number"]);
        } finally {
            await engine.close();
            store.close();
            rmSync(folder, { recursive: true });
        }
    });
});
