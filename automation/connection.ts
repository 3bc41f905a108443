import type { FaultAccount } from "../local/aws/faults";
import type { UsedPermission } from "../local/aws/iam";
import { region } from "../local/aws/service";
import { isLocked } from "../local/lock";
import type { StackExport } from "../local/pulumi";
import type { ConfigValue, StackConfig } from "../local/stack-config";
import { readTwinFile, type TwinFile } from "../local/twin-file";
import { type Clients, createClients } from "./clients";
import { CommandError, exitCodes, jobFailed } from "./exit";
import { sortlineCommand } from "./next-command";

/** Where a pipeline runs, as the commands see it: its stack and the AWS services that serve it. */
export interface Connection {
    /** Name of the stack that the Pulumi command deployed; undefined for the one that the twin deploys itself. */
    readonly stack: string | undefined;
    /** Folder of the twin's state, for commands that go on with it; undefined on a stack, and in a test. */
    readonly home: string | undefined;
    readonly clients: Clients;
    /** How long to wait between two looks at what goes on. */
    readonly pollMilliseconds: number;
    exportStack(): Promise<StackExport>;
    close(): void;
}

/** A connection to the twin, which can more than AWS. */
export interface TwinConnection extends Connection {
    config(): Promise<StackConfig>;
    setConfig(key: string, value: ConfigValue | undefined): Promise<void>;
    /** Deploys the program; events as the embedded engine reports them. @throws CommandError with exit code 4 */
    up(onEvent: (event: DeploymentEvent) => void): Promise<DeploymentSummary>;
    /** What the roles of the stack did and tried, as the twin saw it since its home was made. */
    usedPermissions(): Promise<readonly UsedPermission[]>;
    /** What was injected since the twin's fault plan came into force; undefined without one. */
    faults(): Promise<FaultAccount | undefined>;
    /** Puts a fault plan into force, or none where it is undefined. @throws CommandError when it cannot be used. */
    setFaults(plan: unknown): Promise<void>;
    /** A link that opens the console page once; undefined where there is no page. */
    consoleLink(): Promise<string | undefined>;
}

export type DeploymentEvent = import("../local/pulumi").EngineEvent;
export type DeploymentSummary = import("../local/pulumi").DeployResult;

/**
 * Runs some work with a connection to the twin that runs in a home folder.
 * @throws CommandError exit code 3 when none runs there, or it ends before the work does.
 */
export async function withConnection<T>(home: string, work: (connection: TwinConnection) => Promise<T>): Promise<T> {
    const file = runningTwin(home);
    if (file === undefined) {
        if (!isLocked(home)) throw noTwin(`No twin is running in ${home}.`, home);
        throw new CommandError(
            `A twin is just starting or ending in ${home}. Try again in a moment; if that does not help, end it and start it again with: ${sortlineCommand({ home }, "start")}`,
            exitCodes.noTwin,
        );
    }
    const connection = connectTo(file, home);
    try {
        return await work(connection);
    } catch (error) {
        // However the broken connection showed, this is what the person needs to know.
        if (runningTwin(home)?.token === file.token) throw error;
        throw noTwin(`The twin of ${home} ended before this was done. What it had accepted is kept.`, home);
    } finally {
        connection.close();
    }
}

function noTwin(what: string, home: string): CommandError {
    return new CommandError(`${what}\nStart one with: ${sortlineCommand({ home }, "start")}`, exitCodes.noTwin);
}

/** The twin that runs in a home folder, or undefined. A file left behind by a killed twin does not count. */
export function runningTwin(home: string): TwinFile | undefined {
    return isLocked(home) ? readTwinFile(home) : undefined;
}

/** Connects to a running twin by its address and token. @param home for commands that go on with it. */
export function connectTo(file: TwinFile, home?: string): TwinConnection {
    const options = {
        region,
        endpoint: file.address,
        credentials: { accessKeyId: file.token, secretAccessKey: file.token },
        maxAttempts: 3,
    };
    const { clients, close } = createClients(options, { forcePathStyle: true });
    const control = async (method: string, path: string, content?: unknown): Promise<Response> => {
        const response = await fetch(`${file.address}/_sortline/${path}`, {
            method,
            headers: { authorization: `Bearer ${file.token}` },
            body: content === undefined ? undefined : JSON.stringify(content),
        }).catch((error: unknown) => {
            throw new CommandError(
                `The twin at ${file.address} does not answer (${(error as Error).message}). Start it again with: ${sortlineCommand({ home }, "start")}`,
                exitCodes.noTwin,
            );
        });
        if (!response.ok) {
            const { message } = (await response.json().catch(() => ({ message: response.statusText }))) as {
                message: string;
            };
            throw new CommandError(`The twin refused ${method} ${path}: ${message}`);
        }
        return response;
    };
    return {
        stack: undefined,
        home,
        clients,
        pollMilliseconds: 250,
        exportStack: async () => (await control("GET", "stack")).json() as Promise<StackExport>,
        config: async () => (await control("GET", "config")).json() as Promise<StackConfig>,
        setConfig: async (key, value) => {
            await control("PUT", "config", { key, value });
        },
        up: async (onEvent) => {
            const response = await control("POST", "up", {});
            for await (const line of lines(response)) {
                const event = JSON.parse(line) as
                    | DeploymentEvent
                    | ({ kind: "result" } & DeploymentSummary)
                    | { kind: "failed"; message: string };
                if (event.kind === "result") return event;
                if (event.kind === "failed") throw jobFailed(event.message);
                onEvent(event);
            }
            throw jobFailed(
                `The twin stopped before the deployment ended. Run again: ${sortlineCommand({ home }, "up")}`,
            );
        },
        usedPermissions: async () =>
            (await control("GET", "permissions/used")).json() as Promise<readonly UsedPermission[]>,
        faults: async () => ((await (await control("GET", "faults")).json()) as FaultAccount | null) ?? undefined,
        setFaults: async (plan) => {
            await control("PUT", "faults", plan ?? null);
        },
        consoleLink: async () => ((await (await control("GET", "console")).json()) as { link?: string }).link,
        close,
    };
}

async function* lines(response: Response): AsyncGenerator<string> {
    if (response.body === null) return;
    const decoder = new TextDecoder();
    let rest = "";
    for await (const piece of response.body) {
        const parts = (rest + decoder.decode(piece, { stream: true })).split("\n");
        rest = parts.pop() ?? "";
        yield* parts.filter((line) => line !== "");
    }
}
