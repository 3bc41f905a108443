import type { FunctionConfiguration, FunctionEventInvokeConfig } from "@aws-sdk/client-lambda";
import type { PolicyDocument, PolicyStatement } from "../iam";
import { AwsError } from "../service";
import type { Store } from "../store";
import type { InstalledCode } from "./code";
import type { Settings } from "./configuration";
import { functionArn, functionNotFound } from "./names";

/** A function as the store keeps it. */
export interface StoredFunction {
    readonly name: string;
    readonly settings: Settings;
    readonly code: InstalledCode;
    readonly architecture: "x86_64" | "arm64";
    /** ISO 8601. */
    readonly lastModified: string;
    readonly revision: string;
    readonly tags: Readonly<Record<string, string>>;
    /** Statements of the resource policy. */
    readonly permissions: readonly PolicyStatement[];
    /** How asynchronous invocations are retried and where their results go. */
    readonly eventInvoke: FunctionEventInvokeConfig | undefined;
    /** At most so many invocations at a time. @default no limit of its own */
    readonly reservedConcurrency: number | undefined;
}

export interface FunctionStore {
    find(name: string): StoredFunction | undefined;
    /** @throws AwsError ResourceNotFoundException */
    get(name: string): StoredFunction;
    list(): StoredFunction[];
    /** @throws AwsError ResourceConflictException when there is a function of that name. */
    insert(created: StoredFunction): Promise<StoredFunction>;
    /** Stores what `change` makes of the function as it is then. @throws AwsError ResourceNotFoundException */
    update(name: string, change: (current: StoredFunction) => StoredFunction): Promise<StoredFunction>;
    remove(name: string): Promise<void>;
}

export function createFunctionStore(store: Store): FunctionStore {
    store.database.exec(
        "CREATE TABLE IF NOT EXISTS lambda_functions (name TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT",
    );
    const all = store.database.prepare("SELECT record FROM lambda_functions ORDER BY name");
    const upsert = store.database.prepare("INSERT OR REPLACE INTO lambda_functions VALUES (?, ?)");
    const erase = store.database.prepare("DELETE FROM lambda_functions WHERE name = ?");
    // Every invocation looks its function up.
    const known = new Map<string, StoredFunction>();
    for (const row of all.all()) {
        const record = JSON.parse(String(row.record)) as StoredFunction;
        known.set(record.name, record);
    }

    function get(name: string): StoredFunction {
        const found = known.get(name);
        if (found === undefined) throw functionNotFound(name);
        return found;
    }

    function write(record: StoredFunction): StoredFunction {
        upsert.run(record.name, JSON.stringify(record));
        known.set(record.name, record);
        return record;
    }

    return {
        find: (name) => known.get(name),
        get,
        list: () => [...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
        insert: (created) =>
            store.commit(() => {
                if (known.has(created.name)) {
                    throw new AwsError("ResourceConflictException", `Function already exist: ${created.name}`, 409, {
                        Type: "User",
                    });
                }
                return write(created);
            }),
        update: (name, change) => store.commit(() => write(change(get(name)))),
        remove: (name) =>
            store.commit(() => {
                get(name);
                erase.run(name);
                known.delete(name);
            }),
    };
}

export function resourcePolicy(of: StoredFunction): PolicyDocument | undefined {
    if (of.permissions.length === 0) return undefined;
    return { Version: "2012-10-17", Id: "default", Statement: of.permissions };
}

/** The function as GetFunctionConfiguration describes it. */
export function describe(of: StoredFunction): FunctionConfiguration {
    const { settings } = of;
    return {
        FunctionName: of.name,
        FunctionArn: functionArn(of.name),
        Runtime: settings.Runtime,
        Role: settings.Role,
        Handler: settings.Handler,
        CodeSize: of.code.size,
        CodeSha256: of.code.sha256,
        Description: settings.Description,
        Timeout: settings.Timeout,
        MemorySize: settings.MemorySize,
        LastModified: of.lastModified,
        Version: "$LATEST",
        ...(Object.keys(settings.Environment).length > 0
            ? { Environment: { Variables: { ...settings.Environment } } }
            : {}),
        ...(settings.DeadLetterTarget === undefined
            ? {}
            : { DeadLetterConfig: { TargetArn: settings.DeadLetterTarget } }),
        ...(settings.KMSKeyArn === undefined ? {} : { KMSKeyArn: settings.KMSKeyArn }),
        TracingConfig: { Mode: settings.TracingMode },
        RevisionId: of.revision,
        State: "Active",
        LastUpdateStatus: "Successful",
        PackageType: "Zip",
        Architectures: [of.architecture],
        EphemeralStorage: { Size: settings.EphemeralStorage },
        SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
        LoggingConfig: {
            LogFormat: settings.LogFormat,
            LogGroup: settings.LogGroup,
            ...(settings.LogFormat === "JSON"
                ? {
                      ApplicationLogLevel: settings.ApplicationLogLevel as "INFO",
                      SystemLogLevel: settings.SystemLogLevel as "INFO",
                  }
                : {}),
        },
    };
}
