import {
    ConditionalCheckFailedException,
    DynamoDBClient,
    GetItemCommand,
    PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { fromItem, toItem } from "./dynamodb-item";

interface TableOutputs {
    readonly tableName: string;
}

/** The run-time side of RecordIndex.put. */
export function put({ tableName }: TableOutputs) {
    const client = new DynamoDBClient({});
    return async (record: { readonly id: string }): Promise<void> => {
        try {
            await client.send(
                new PutItemCommand({
                    TableName: tableName,
                    Item: toItem(record),
                    ConditionExpression: "attribute_not_exists(#id)",
                    ExpressionAttributeNames: { "#id": "id" },
                }),
            );
        } catch (error) {
            // Written before: delivery is at least once, and the first result stands.
            if (!(error instanceof ConditionalCheckFailedException)) throw error;
        }
    };
}

/** The run-time side of RecordIndex.get. */
export function get({ tableName }: TableOutputs) {
    const client = new DynamoDBClient({});
    return async (id: string): Promise<Record<string, unknown> | undefined> => {
        const answer = await client.send(
            new GetItemCommand({ TableName: tableName, Key: toItem({ id }), ConsistentRead: true }),
        );
        return answer.Item === undefined ? undefined : fromItem(answer.Item);
    };
}
