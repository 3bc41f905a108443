import { mkdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { AwsError, account, region } from "../service";
import { diskFull, StoreError } from "../store-error";

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

/** What LevelDB may need on disk to open what it holds in memory, in bytes. */
const roomToOpen = 8 << 20;

/** Operations that write nothing. */
const readings = new Set([
    "BatchGetItem",
    "DescribeTable",
    "GetItem",
    "ListTables",
    "ListTagsOfResource",
    "Query",
    "Scan",
]);

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
    let failedToWrite = false;
    let store = await openTables();
    let reopening: Promise<void> | undefined;

    async function openTables(): Promise<DynaliteStore> {
        const opened = create({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
        opened.tableDb.awsAccountId = account;
        opened.tableDb.awsRegion = region;
        writeThrough(opened.db, (error) => {
            if (isLevelFailure(error)) failedToWrite = true;
        });
        await opened.db.open().catch((error: unknown) => {
            throw tablesFailure(error, path);
        });
        return opened;
    }

    /**
     * After a write that failed, LevelDB appends what comes next behind half a record of its log, and would not find it
     * any more when it is opened again: so it is opened again first, which begins a new log.
     */
    async function mended(): Promise<void> {
        if (!failedToWrite) return;
        const { bavail, bsize } = statfsSync(path);
        if (bavail * bsize < roomToOpen) throw new StoreError(`The twin's folder ${path} ${diskFull}.`);
        reopening ??= reopen().finally(() => {
            reopening = undefined;
        });
        await reopening;
    }

    async function reopen(): Promise<void> {
        await store.lifecycleManager.gracefulClose();
        store = await openTables();
        failedToWrite = false;
    }

    async function call(operation: string, input: Members): Promise<Members> {
        if (!readings.has(operation)) await mended();
        else await reopening;
        const found = modules.get(operation);
        return new Promise((resolve, reject) => {
            if (found === undefined) throw new Error(`dynalite has no ${operation}.`);
            const { run, validation } = found;
            try {
                refuseUnknown(operation, input, validation.types);
                const checked = checkTypes({ ...input }, validation.types);
                checkValidations(checked, validation.types, validation.custom, store);
                run(store, checked, (error, output) => {
                    if (error) reject(tablesFailure(awsError(error), path));
                    else resolve(output ?? {});
                });
            } catch (error) {
                reject(tablesFailure(awsError(error as EngineError), path));
            }
        });
    }

    return {
        call,
        close: () => store.lifecycleManager.gracefulClose(),
    };
}

/** Accepted means on disk, here too: LevelDB would leave it to the operating system. */
function writeThrough(database: LevelDatabase, onFailure: (error: unknown) => void): void {
    const { _put, _del, _batch } = database;
    const noticed = async (written: Promise<void>) => {
        await written.catch((error: unknown) => {
            onFailure(error);
            throw error;
        });
    };
    database._put = (key, value, options) => noticed(_put.call(database, key, value, { ...options, sync: true }));
    database._del = (key, options) => noticed(_del.call(database, key, { ...options, sync: true }));
    database._batch = (batch, options) => noticed(_batch.call(database, batch, { ...options, sync: true }));
}

function isLevelFailure(error: unknown): error is Error & { readonly code: string } {
    return error instanceof Error && "code" in error && String(error.code).startsWith("LEVEL_");
}

/** What LevelDB says about its files or the disk as a {@link StoreError}; any other error as it is. */
function tablesFailure(error: unknown, path: string): unknown {
    if (!isLevelFailure(error)) return error;
    const { message } = error.cause instanceof Error ? error.cause : error;
    if (/No space left|quota exceeded/i.test(message)) {
        return new StoreError(`The twin's folder ${path} ${diskFull}.`, { cause: error });
    }
    return new StoreError(
        `The twin's DynamoDB tables in ${path} cannot be read or written: ${message}. Stop another twin that has them open, make the folder writable, restore it from a backup, or move it away to start afresh.`,
        { cause: error },
    );
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
