import type {
    CreateTableInput,
    CreateTableOutput,
    DeleteItemInput,
    DeleteItemOutput,
    DeleteTableInput,
    DeleteTableOutput,
    DescribeTableInput,
    DescribeTableOutput,
    DescribeTimeToLiveInput,
    DescribeTimeToLiveOutput,
    GetItemInput,
    GetItemOutput,
    ListTablesInput,
    ListTablesOutput,
    ListTagsOfResourceInput,
    ListTagsOfResourceOutput,
    PutItemInput,
    PutItemOutput,
    QueryInput,
    QueryOutput,
    ScanInput,
    ScanOutput,
    TagResourceInput,
    UntagResourceInput,
    UpdateItemInput,
    UpdateItemOutput,
    UpdateTableInput,
    UpdateTableOutput,
    UpdateTimeToLiveInput,
    UpdateTimeToLiveOutput,
} from "@aws-sdk/client-dynamodb";
import type { TwinContext } from "../context";
import { jsonService, wireValue } from "../protocol/json";
import type { AwsService, Caller, Operation } from "../service";
import { authorizeCall, withTableNames } from "./access";
import { type Members, openEngine } from "./engine";
import { createTables } from "./tables";
import { sdkValue } from "./values";

/** The operations in the SDK's low-level shapes. Requests reach those of dynalite that are not listed here, too. */
export interface DynamoDbOperations {
    CreateTable: Operation<CreateTableInput, CreateTableOutput>;
    UpdateTable: Operation<UpdateTableInput, UpdateTableOutput>;
    DescribeTable: Operation<DescribeTableInput, DescribeTableOutput>;
    DeleteTable: Operation<DeleteTableInput, DeleteTableOutput>;
    ListTables: Operation<ListTablesInput, ListTablesOutput>;
    UpdateTimeToLive: Operation<UpdateTimeToLiveInput, UpdateTimeToLiveOutput>;
    DescribeTimeToLive: Operation<DescribeTimeToLiveInput, DescribeTimeToLiveOutput>;
    TagResource: Operation<TagResourceInput, object>;
    UntagResource: Operation<UntagResourceInput, object>;
    ListTagsOfResource: Operation<ListTagsOfResourceInput, ListTagsOfResourceOutput>;
    Scan: Operation<ScanInput, ScanOutput>;
    Query: Operation<QueryInput, QueryOutput>;
    GetItem: Operation<GetItemInput, GetItemOutput>;
    PutItem: Operation<PutItemInput, PutItemOutput>;
    UpdateItem: Operation<UpdateItemInput, UpdateItemOutput>;
    DeleteItem: Operation<DeleteItemInput, DeleteItemOutput>;
}

export interface DynamoDb extends AwsService {
    readonly operations: DynamoDbOperations;
}

const names = [
    "CreateTable",
    "UpdateTable",
    "DescribeTable",
    "DeleteTable",
    "ListTables",
    "UpdateTimeToLive",
    "DescribeTimeToLive",
    "TagResource",
    "UntagResource",
    "ListTagsOfResource",
    "Scan",
    "Query",
    "GetItem",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "BatchGetItem",
    "BatchWriteItem",
] as const;

const expiryIntervalMilliseconds = 60_000;

/** DynamoDB: dynalite in this process, its tables in a folder of the twin's home. */
export async function createDynamoDb(context: TwinContext): Promise<DynamoDb> {
    const engine = await openEngine(context.store.folder);
    const tables = createTables(context.store, engine, context.clock);

    const onTheWire = Object.fromEntries(
        names.map((name) => [
            name,
            async (input: Members, caller: Caller): Promise<Members> => {
                const call = withTableNames(input);
                authorizeCall(context.iam, caller, name, call);
                return (tables.operations[name] ?? ((members) => engine.call(name, members)))(call);
            },
        ]),
    );
    const inProcess = Object.fromEntries(
        Object.entries(onTheWire).map(([name, operation]) => [
            name,
            async (input: object, caller: Caller) => sdkValue(await operation(wireValue(input) as Members, caller)),
        ]),
    );

    function expire(): void {
        tables.expire().catch((error: unknown) => {
            const reason = error instanceof Error ? error.name : "unknown";
            context.report({ level: "error", source: "dynamodb", message: `Expired items stay: ${reason}` });
        });
    }
    const stopExpiring = context.clock.every(expiryIntervalMilliseconds, expire);

    return {
        ...jsonService({
            signingNames: ["dynamodb"],
            targetPrefixes: ["DynamoDB_20120810"],
            contentType: "application/x-amz-json-1.0",
            operations: onTheWire,
        }),
        operations: inProcess as unknown as DynamoDbOperations,
        async close() {
            stopExpiring();
            await engine.close();
        },
    };
}
