import type { Services } from "./aws/services";
import type { Store } from "./aws/store";
import { type DeployResult, deploy, type EngineEvent, exportStack, type StackExport } from "./pulumi";
import { type ConfigValue, configAsText, readStackConfig, type StackConfig, writeStackConfig } from "./stack-config";

/** The one stack of a twin: its program deployed by the embedded engine, and its configuration. */
export interface Stack {
    /** Deploys the program. A call while another is under way waits for its turn. @throws DeployError */
    up(onEvent: (event: EngineEvent) => void): Promise<DeployResult>;
    export(): StackExport;
    config(): StackConfig;
    /** Sets a configuration value, or removes it where it is undefined. It counts from the next `up` on. */
    setConfig(key: string, value: ConfigValue | undefined): void;
}

export const stackName = "local";

export function createStack(options: {
    readonly home: string;
    readonly project: string;
    readonly services: Services;
    readonly store: Store;
    readonly address: string;
    readonly token: string;
}): Stack {
    const { home, project, services, store, address, token } = options;
    let turn: Promise<unknown> = Promise.resolve();
    return {
        up(onEvent) {
            const run = () =>
                deploy({
                    project,
                    stack: stackName,
                    config: configAsText(readStackConfig(home)),
                    services,
                    store,
                    address,
                    rootAccessKey: { accessKeyId: token, secretAccessKey: token },
                    onEvent,
                });
            const result = turn.then(run, run);
            turn = result.catch(() => undefined);
            return result;
        },
        export: () => exportStack(store, stackName),
        config: () => readStackConfig(home),
        setConfig: (key, value) => {
            writeStackConfig(home, key, value);
        },
    };
}
