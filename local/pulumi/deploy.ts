import { join } from "node:path";
import { region } from "../aws/service";
import type { Services } from "../aws/services";
import { type Store, storeFailure } from "../aws/store";
import { cacheFolder } from "../python/cache";
import { createDeployment } from "./deployment";
import { DeployError, type EngineEvent, type OperationKind } from "./events";
import { startMonitor } from "./monitor";
import { type KeepReady, runProgram } from "./program";
import { type Configuration, configure, type Project, ProjectError, readProject } from "./project";
import { createProvider, type Provider } from "./provider/provider";
import { serviceResources } from "./resources";
import { readableError } from "./stack-trace";
import { openState } from "./state";
import { type Properties, shown } from "./values";

export interface DeployOptions {
    /** Folder with Pulumi.yaml. */
    readonly project: string;
    readonly stack: string;
    /** Configuration by full key, for example `sortline:model`; objects as JSON text. */
    readonly config: Readonly<Record<string, string>>;
    readonly services: Services;
    readonly store: Store;
    /** Address of the twin, `http://127.0.0.1:PORT`. */
    readonly address: string;
    /** Access key by which the program itself may call the twin as root. */
    readonly rootAccessKey: { readonly accessKeyId: string; readonly secretAccessKey: string };
    /** Further variables for the program's process. @default {} */
    readonly environment?: Readonly<Record<string, string>>;
    /** Keeps a process with Pulumi loaded for the next deployment of the same program. @default none */
    readonly keepReady?: KeepReady;
    onEvent(event: EngineEvent): void;
    /** Ends the program; operations under way are finished. */
    readonly signal?: AbortSignal;
    /** Ends the program, since there is a newer one. A deployment whose program has ended by then goes on. */
    readonly superseded?: AbortSignal;
}

export interface DeployResult {
    /** How many resources were created, updated and so on; components count. */
    readonly changes: Readonly<Record<OperationKind, number>>;
    /** What the program exports, secrets replaced by `[secret]`. */
    readonly outputs: Properties;
    readonly milliseconds: number;
}

/** How long a program may go on after it was told that a resource failed. */
const patienceMilliseconds = 3000;

/** Exit code of a program that has told its errors already. */
const errorsReported = 32;

/** Runs a project's program and brings the stack to what it describes. @throws DeployError */
export function deploy(options: DeployOptions): Promise<DeployResult> {
    return exclusively(options, async () => {
        const started = performance.now();
        const { project, configuration } = readConfigured(options);
        const { state, provider, deployment } = prepare(options, project);
        const ending = new AbortController();
        let patience: NodeJS.Timeout | undefined;
        const monitor = await startMonitor({
            deployment,
            provider,
            onEvent: options.onEvent,
            onStop: () => {
                patience = setTimeout(() => ending.abort(), patienceMilliseconds);
            },
        });
        try {
            const result = await runProgram({
                project,
                stack: options.stack,
                configuration,
                monitor: monitor.address,
                environment: { ...twinVariables(options), ...options.environment },
                compileCache: join(cacheFolder(), "node"),
                keepReady: options.keepReady,
                onLine: (line) => options.onEvent({ kind: "output", line }),
                onLoaded: (files) => options.onEvent({ kind: "loaded", files }),
                signal: AbortSignal.any(
                    [ending.signal, options.signal, options.superseded].filter((each) => each !== undefined),
                ),
            });
            await monitor.idle();
            const failures = [...monitor.failures];
            if (options.signal?.aborted)
                failures.push("The deployment was interrupted. Deploy again to go on from here.");
            else if (options.superseded?.aborted && result.exitCode === undefined)
                failures.push("The program was ended, since a newer one is there. What it had begun is done.");
            else if (failures.length === 0 && result.exitCode !== 0) failures.push(crashed(project, result));
            if (failures.length > 0) throw new DeployError(failures);
        } finally {
            clearTimeout(patience);
            monitor.close();
        }
        const failures = await deployment.finish();
        if (failures.length > 0) throw new DeployError(failures);
        const milliseconds = Math.round(performance.now() - started);
        return { changes: deployment.changes, outputs: shown(state.outputs()) as Properties, milliseconds };
    });
}

/** Deletes all resources of a stack. The program does not run. @throws DeployError */
export function destroy(options: DeployOptions): Promise<DeployResult> {
    return exclusively(options, async () => {
        const started = performance.now();
        const { deployment } = prepare(options, readProjectOrFail(options.project));
        const failures = await deployment.finish();
        if (failures.length > 0) throw new DeployError(failures);
        return { changes: deployment.changes, outputs: {}, milliseconds: Math.round(performance.now() - started) };
    });
}

function prepare(options: DeployOptions, project: Project) {
    const state = openState(options.store, options.stack);
    const provider: Provider = createProvider(serviceResources, {
        services: options.services,
        tell: (severity, message) => options.onEvent({ kind: "log", severity, message }),
    });
    const deployment = createDeployment({
        stack: options.stack,
        project: project.name,
        programFolder: project.programFolder,
        state,
        provider,
        onEvent: options.onEvent,
    });
    return { state, provider, deployment };
}

function readConfigured(options: DeployOptions): { project: Project; configuration: Configuration } {
    const project = readProjectOrFail(options.project);
    try {
        return { project, configuration: configure(project, options.config, { "aws:region": region }) };
    } catch (error) {
        throw asDeployError(error);
    }
}

function readProjectOrFail(folder: string): Project {
    try {
        return readProject(folder);
    } catch (error) {
        throw asDeployError(error);
    }
}

function asDeployError(error: unknown): unknown {
    return error instanceof ProjectError ? new DeployError([error.message]) : error;
}

/** A program that calls AWS by itself meets the twin, never an account. */
function twinVariables({ address, rootAccessKey }: DeployOptions): Record<string, string> {
    return {
        AWS_ENDPOINT_URL: address,
        AWS_ACCESS_KEY_ID: rootAccessKey.accessKeyId,
        AWS_SECRET_ACCESS_KEY: rootAccessKey.secretAccessKey,
        AWS_REGION: region,
    };
}

function crashed(project: Project, result: { exitCode: number | undefined; errorOutput: readonly string[] }): string {
    const how = result.exitCode === undefined ? "was killed" : `ended with exit code ${result.exitCode}`;
    const said = readableError(result.errorOutput.join("\n"));
    const reported = result.exitCode === errorsReported && said === "";
    const why = reported || said === "" ? "" : `:\n${said}`;
    return `The program in ${project.programFolder} ${how}${why}`;
}

const busy = new WeakMap<Store, Set<string>>();

/** One deployment of a stack at a time: two would undo each other's work. */
async function exclusively<T>({ store, stack }: DeployOptions, work: () => Promise<T>): Promise<T> {
    const stacks = busy.get(store) ?? new Set();
    busy.set(store, stacks);
    if (stacks.has(stack))
        throw new DeployError([`The stack "${stack}" is being deployed already. Wait until that has ended.`]);
    stacks.add(stack);
    try {
        return await work();
    } catch (error) {
        throw storeFailure(error, store.folder);
    } finally {
        stacks.delete(stack);
    }
}
