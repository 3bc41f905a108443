import type { Clock } from "../clock";
import { AwsError } from "../service";
import type { Store } from "../store";
import type { Engine, Members } from "./engine";

/** What dynalite does not keep about a table. */
interface TableSettings {
    readonly deletionProtected: boolean;
    readonly encryption?: Members;
    readonly tableClass?: string;
    /** The attribute that holds an item's expiry in epoch seconds. */
    readonly timeToLive?: string;
}

/** The operations on tables, each `(input) => output` in JSON as it travels. */
export interface Tables {
    readonly operations: Readonly<Record<string, (input: Members) => Promise<Members>>>;
    /** Deletes the items of all tables whose time to live is over. */
    expire(): Promise<void>;
}

const none: TableSettings = { deletionProtected: false };

/**
 * Tables around dynalite's: at once ACTIVE, or gone; with time to live, deletion protection, and what is told about
 * encryption and class, of which nothing can be seen on one machine.
 */
export function createTables(store: Store, engine: Engine, clock: Pick<Clock, "now">): Tables {
    const { database } = store;
    database.exec("CREATE TABLE IF NOT EXISTS dynamodb_tables (name TEXT PRIMARY KEY, settings TEXT NOT NULL) STRICT");
    const select = database.prepare("SELECT settings FROM dynamodb_tables WHERE name = ?");
    const all = database.prepare("SELECT name, settings FROM dynamodb_tables");
    const insert = database.prepare("INSERT OR REPLACE INTO dynamodb_tables VALUES (?, ?)");
    const erase = database.prepare("DELETE FROM dynamodb_tables WHERE name = ?");

    function settings(name: string): TableSettings {
        const row = select.get(name);
        return row === undefined ? none : (JSON.parse(String(row.settings)) as TableSettings);
    }

    async function change(name: string, changes: Partial<TableSettings>): Promise<void> {
        await store.commit(() => insert.run(name, JSON.stringify({ ...settings(name), ...changes })));
    }

    function described(table: Members): Members {
        const { deletionProtected, encryption, tableClass } = settings(String(table.TableName));
        return {
            ...table,
            DeletionProtectionEnabled: deletionProtected,
            ...(encryption?.Enabled === true && {
                SSEDescription: { Status: "ENABLED", SSEType: "KMS", KMSMasterKeyArn: encryption.KMSMasterKeyId },
            }),
            ...(tableClass !== undefined && { TableClassSummary: { TableClass: tableClass } }),
        };
    }

    /** The table, once nothing about it is under way; undefined when there is none. */
    async function settled(TableName: unknown): Promise<Members | undefined> {
        for (;;) {
            try {
                const table = (await engine.call("DescribeTable", { TableName })).Table as Members;
                if (table.TableStatus === "ACTIVE") return described(table);
            } catch (error) {
                if (error instanceof AwsError && error.code === "ResourceNotFoundException") return undefined;
                throw error;
            }
            await new Promise((resolve) => setTimeout(resolve, 2));
        }
    }

    async function existing(TableName: unknown): Promise<string> {
        await engine.call("DescribeTable", { TableName });
        return String(TableName);
    }

    const operations: Tables["operations"] = {
        async CreateTable(input) {
            const { SSESpecification, DeletionProtectionEnabled, TableClass, Tags, ...rest } = input;
            const { TableDescription } = await engine.call("CreateTable", rest);
            const { TableName, TableArn } = TableDescription as Members;
            await change(String(TableName), {
                deletionProtected: DeletionProtectionEnabled === true,
                encryption: SSESpecification as Members | undefined,
                tableClass: TableClass as string | undefined,
            });
            if (Array.isArray(Tags) && Tags.length > 0)
                await engine.call("TagResource", { ResourceArn: TableArn, Tags });
            return { TableDescription: (await settled(TableName)) ?? TableDescription };
        },
        async DescribeTable(input) {
            const { Table } = await engine.call("DescribeTable", input);
            return { Table: described(Table as Members) };
        },
        async UpdateTable(input) {
            const { SSESpecification, DeletionProtectionEnabled, TableClass, ...rest } = input;
            const name = await existing(input.TableName);
            const { TableName: _, AttributeDefinitions: __, ...changes } = rest;
            if (Object.keys(changes).length > 0) await engine.call("UpdateTable", rest);
            await change(name, {
                ...(DeletionProtectionEnabled !== undefined && {
                    deletionProtected: DeletionProtectionEnabled === true,
                }),
                ...(SSESpecification !== undefined && { encryption: SSESpecification as Members }),
                ...(TableClass !== undefined && { tableClass: String(TableClass) }),
            });
            return { TableDescription: (await settled(name)) ?? {} };
        },
        async DeleteTable(input) {
            const name = await existing(input.TableName);
            if (settings(name).deletionProtected) {
                throw new AwsError(
                    "ValidationException",
                    `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first: table ${name}.`,
                );
            }
            const output = await engine.call("DeleteTable", input);
            await settled(name);
            await store.commit(() => erase.run(name));
            return output;
        },
        async UpdateTimeToLive({ TableName, TimeToLiveSpecification }) {
            const name = await existing(TableName);
            const { Enabled, AttributeName } = (TimeToLiveSpecification ?? {}) as Members;
            if (typeof Enabled !== "boolean" || typeof AttributeName !== "string") {
                throw new AwsError("ValidationException", "TimeToLiveSpecification needs Enabled and AttributeName.");
            }
            await change(name, { timeToLive: Enabled ? AttributeName : undefined });
            return { TimeToLiveSpecification };
        },
        async DescribeTimeToLive({ TableName }) {
            const { timeToLive } = settings(await existing(TableName));
            const TimeToLiveStatus = timeToLive === undefined ? "DISABLED" : "ENABLED";
            return { TimeToLiveDescription: { TimeToLiveStatus, AttributeName: timeToLive } };
        },
    };

    async function expireItems(TableName: string, attribute: string): Promise<void> {
        const now = { N: String(Math.floor(clock.now() / 1000)) };
        const condition = {
            ExpressionAttributeNames: { "#expiry": attribute },
            ExpressionAttributeValues: { ":now": now },
        };
        const { KeySchema } = (await engine.call("DescribeTable", { TableName })).Table as {
            KeySchema: { AttributeName: string }[];
        };
        let start: unknown;
        do {
            const page = await engine.call("Scan", {
                TableName,
                ...condition,
                FilterExpression: "#expiry < :now",
                ...(start !== undefined && { ExclusiveStartKey: start }),
            });
            for (const item of page.Items as Members[]) {
                const Key = Object.fromEntries(KeySchema.map(({ AttributeName: name }) => [name, item[name]]));
                await engine
                    .call("DeleteItem", { TableName, Key, ...condition, ConditionExpression: "#expiry < :now" })
                    .catch((error: unknown) => {
                        // It was written again meanwhile, and lives.
                        if (!(error instanceof AwsError && error.code === "ConditionalCheckFailedException"))
                            throw error;
                    });
            }
            start = page.LastEvaluatedKey;
        } while (start !== undefined);
    }

    return {
        operations,
        async expire() {
            for (const row of all.all()) {
                const { timeToLive } = JSON.parse(String(row.settings)) as TableSettings;
                if (timeToLive !== undefined) await expireItems(String(row.name), timeToLive);
            }
        },
    };
}
