import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AwsError, account, region } from "../service";

/** A call in JSON as it travels: binary data as base64, times as epoch seconds. */
export type Members = Readonly<Record<string, unknown>>;

/** The tables and items, kept by dynalite in a folder. */
export interface Engine {
    /** @throws AwsError as DynamoDB reports it. */
    call(operation: string, input: Members): Promise<Members>;
    close(): Promise<void>;
}

type Callback = (error: EngineError | null, output: Members) => void;
type Action = (store: DynaliteStore, input: Members, done: Callback) => void;

interface EngineError extends Error {
    readonly statusCode?: number;
    readonly body?: Members;
}

interface DynaliteStore {
    readonly db: LevelDatabase;
    readonly tableDb: { awsAccountId: string; awsRegion: string };
    readonly lifecycleManager: { gracefulClose(): Promise<void> };
}

/** The methods in which abstract-level's databases do their writing, to be overridden as its manual describes. */
interface LevelDatabase {
    open(): Promise<void>;
    _put(key: string, value: unknown, options: object): Promise<void>;
    _del(key: string, options: object): Promise<void>;
    _batch(operations: readonly unknown[], options: object): Promise<void>;
}

interface Validation {
    readonly types: Members;
    readonly custom?: unknown;
}

interface Validations {
    checkTypes(input: Members, types: Members): Members;
    checkValidations(input: Members, types: Members, custom: unknown, store: DynaliteStore): void;
}

const operations = [
    "BatchGetItem",
    "BatchWriteItem",
    "CreateTable",
    "DeleteItem",
    "DeleteTable",
    "DescribeTable",
    "GetItem",
    "ListTables",
    "ListTagsOfResource",
    "PutItem",
    "Query",
    "Scan",
    "TagResource",
    "UntagResource",
    "UpdateItem",
    "UpdateTable",
];

/** Opens the tables in a folder of the twin's home. */
export async function openEngine(home: string): Promise<Engine> {
    const path = join(home, "dynamodb");
    mkdirSync(path, { recursive: true, mode: 0o700 });
    // dynalite's own entry is an HTTP server that checks requests and calls these modules; here the port has checked them.
    const { create } = require("dynalite/db") as { create(options: object): DynaliteStore };
    const { checkTypes, checkValidations } = require("dynalite/validations") as Validations;
    const modules = new Map(
        operations.map((name) => {
            const file = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
            return [
                name,
                {
                    run: require(`dynalite/actions/${file}`) as Action,
                    validation: require(`dynalite/validations/${file}`) as Validation,
                },
            ];
        }),
    );
    const store = create({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
    store.tableDb.awsAccountId = account;
    store.tableDb.awsRegion = region;
    writeThrough(store.db);
    await store.db.open().catch((error: unknown) => {
        const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
        const reason = cause instanceof Error ? cause.message : "unknown";
        throw new Error(
            `The twin's DynamoDB tables in ${path} cannot be opened: ${reason}. Stop another twin that has them open, or move the folder away to start afresh.`,
            { cause: error },
        );
    });

    function call(operation: string, input: Members): Promise<Members> {
        const found = modules.get(operation);
        return new Promise((resolve, reject) => {
            if (found === undefined) throw new Error(`dynalite has no ${operation}.`);
            const { run, validation } = found;
            try {
                refuseUnknown(operation, input, validation.types);
                const checked = checkTypes({ ...input }, validation.types);
                checkValidations(checked, validation.types, validation.custom, store);
                run(store, checked, (error, output) => {
                    if (error) reject(awsError(error));
                    else resolve(output ?? {});
                });
            } catch (error) {
                reject(awsError(error as EngineError));
            }
        });
    }

    return {
        call,
        close: () => store.lifecycleManager.gracefulClose(),
    };
}

/** Accepted means on disk, here too: LevelDB would leave it to the operating system. */
function writeThrough(database: LevelDatabase): void {
    const { _put, _del, _batch } = database;
    database._put = (key, value, options) => _put.call(database, key, value, { ...options, sync: true });
    database._del = (key, options) => _del.call(database, key, { ...options, sync: true });
    database._batch = (batch, options) => _batch.call(database, batch, { ...options, sync: true });
}

/** dynalite drops what it does not know; a call must not seem to have done what it has not. */
function refuseUnknown(operation: string, input: Members, types: Members): void {
    const unknown = Object.keys(input).filter((name) => input[name] != null && types[name] === undefined);
    if (unknown.length === 0) return;
    throw new AwsError(
        "NotImplemented",
        `The local twin does not implement DynamoDB ${operation} with ${unknown.join(", ")}.`,
        501,
    );
}

function awsError(error: EngineError): Error {
    if (error instanceof AwsError || error.statusCode === undefined) return error;
    const { __type, message, Message, ...members } = error.body ?? {};
    const type = String(__type ?? "InternalServerError");
    return new AwsError(type.slice(type.indexOf("#") + 1), String(message ?? Message ?? ""), error.statusCode, members);
}
