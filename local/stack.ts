import { setTimeout as wait } from "node:timers/promises";
import type { Services } from "./aws/services";
import type { Store } from "./aws/store";
import { type DeployResult, deploy, type EngineEvent, exportStack, type KeepReady, type StackExport } from "./pulumi";
import { type ConfigValue, configAsText, readStackConfig, type StackConfig, writeStackConfig } from "./stack-config";

/** The one stack of a twin: its program deployed by the embedded engine, and its configuration. */
export interface Stack {
    /**
     * Deploys the program. A call while another is under way waits for its turn.
     * @param superseded Ends the program, if it runs, since there is a newer one.
     * @throws DeployError
     */
    up(onEvent: (event: EngineEvent) => void, superseded?: AbortSignal): Promise<DeployResult>;
    /**
     * Calls back whenever a program has run, with the files that it had loaded, without those of packages.
     * @returns a function that ends this.
     */
    onLoaded(listener: (files: readonly string[]) => void): () => void;
    export(): StackExport;
    config(): StackConfig;
    /** Sets a configuration value, or removes it where it is undefined. It counts from the next `up` on. */
    setConfig(key: string, value: ConfigValue | undefined): void;
    /** Interrupts a deployment that is under way, and waits a while for the operations that it has begun. */
    close(): Promise<void>;
}

/** What is not done by then is taken up by the next deployment. */
const closingMilliseconds = 2000;

export const stackName = "local";

export function createStack(options: {
    readonly home: string;
    readonly project: string;
    readonly services: Services;
    readonly store: Store;
    readonly address: string;
    readonly token: string;
    readonly keepReady?: KeepReady;
}): Stack {
    const { home, project, services, store, address, token, keepReady } = options;
    const closing = new AbortController();
    let turn: Promise<unknown> = Promise.resolve();
    const listeners = new Set<(files: readonly string[]) => void>();
    return {
        up(onEvent, superseded) {
            const run = () =>
                deploy({
                    project,
                    stack: stackName,
                    config: configAsText(readStackConfig(home)),
                    services,
                    store,
                    address,
                    rootAccessKey: { accessKeyId: token, secretAccessKey: token },
                    keepReady,
                    onEvent(event) {
                        if (event.kind === "loaded") for (const listener of listeners) listener(event.files);
                        onEvent(event);
                    },
                    signal: closing.signal,
                    superseded,
                });
            const result = turn.then(run, run);
            turn = result.catch(() => undefined);
            return result;
        },
        onLoaded(listener) {
            listeners.add(listener);
            return () => {
                listeners.delete(listener);
            };
        },
        export: () => exportStack(store, stackName),
        config: () => readStackConfig(home),
        setConfig: (key, value) => {
            writeStackConfig(home, key, value);
        },
        async close() {
            closing.abort();
            await Promise.race([turn, wait(closingMilliseconds, undefined, { ref: false })]);
        },
    };
}
