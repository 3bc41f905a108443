import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { Report } from "./aws/context";
import type { FaultPlan } from "./aws/faults";
import { region } from "./aws/service";
import type { DeployResult, EngineEvent } from "./pulumi";
import type { ConfigValue } from "./stack-config";
import { startTwin, type Twin } from "./twin";

export interface LocalOptions {
    /** Folder of a Pulumi project: the program that runs. */
    readonly project: string;
    /** Stack configuration by full key, such as `sortline:threshold`. @default {} */
    readonly config?: Readonly<Record<string, ConfigValue>>;
    /** Where the twin keeps its state. @default a temporary folder that `close` deletes */
    readonly home?: string;
    /** Faults on demand, with a seed. @default none */
    readonly faults?: FaultPlan;
    /** What the twin has to say, for example which faults it injected. */
    onReport?(report: Report): void;
    onEvent?(event: EngineEvent): void;
}

/** A program that runs on a twin of its own. */
export interface Local {
    readonly twin: Twin;
    readonly home: string;
    /** What an AWS SDK client is made with to talk to it, as root. */
    readonly client: {
        readonly region: string;
        readonly endpoint: string;
        readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    };
    /** The result of the first deployment. */
    readonly deployed: DeployResult;
    close(): Promise<void>;
}

/**
 * Starts a twin on a free port and deploys a program on it: a real run for a test.
 * @throws DeployError when the deployment fails; nothing is left behind.
 */
export async function startLocal(options: LocalOptions): Promise<Local> {
    const home = options.home ?? fs.mkdtempSync(path.join(os.tmpdir(), "sortline-"));
    const { faults, onReport } = options;
    const removeHome = () => {
        if (options.home === undefined) fs.rmSync(home, { recursive: true, force: true });
    };
    const project = path.resolve(options.project);
    const twin = await startTwin({ home, project, ports: [0], faults, onReport, keepReady: true }).catch(
        (error: unknown) => {
            removeHome();
            throw error;
        },
    );
    const close = async () => {
        await twin.close();
        removeHome();
    };
    try {
        for (const [key, value] of Object.entries(options.config ?? {})) twin.stack.setConfig(key, value);
        const deployed = await twin.stack.up((event) => options.onEvent?.(event));
        const { address: endpoint, token } = twin.file;
        return {
            twin,
            home,
            client: { region, endpoint, credentials: { accessKeyId: token, secretAccessKey: token } },
            deployed,
            close,
        };
    } catch (error) {
        await close();
        throw error;
    }
}
