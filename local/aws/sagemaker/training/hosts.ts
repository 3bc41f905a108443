import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import type { SupervisedProcess } from "../supervised-process";
import type { TrainingJobDocument } from "./job";

/** The names of a job's hosts, as SageMaker gives them, in their order. */
export function hostsOf(job: TrainingJobDocument): string[] {
    return Array.from({ length: job.ResourceConfig?.InstanceCount ?? 1 }, (_, index) => `algo-${index + 1}`);
}

/**
 * How the processes of several hosts find each other: on SageMaker by the hosts' names, which mean nothing on this
 * machine. Nothing for one host.
 */
export async function meetingPoint(hosts: readonly string[]): Promise<Readonly<Record<string, string>>> {
    if (hosts.length === 1) return {};
    return { MASTER_ADDR: "127.0.0.1", MASTER_PORT: String(await freePort()) };
}

/** A port that is free now; another program may take it before it is used. */
function freePort(): Promise<number> {
    return new Promise((resolve, reject) => {
        const server = createServer();
        server.once("error", reject);
        server.listen(0, "127.0.0.1", () => {
            const { port } = server.address() as AddressInfo;
            server.close(() => resolve(port));
        });
    });
}

/** A host's script that runs. */
export interface HostScript extends SupervisedProcess {
    /** Why it failed, once it has exited with a code other than 0. */
    failureReason(exitCode: number): string;
}

/** The scripts of all hosts of a job. */
export interface HostScripts {
    /** Why the first that failed did; undefined when all have succeeded. Once all have ended. */
    readonly ended: Promise<string | undefined>;
    /** SIGTERM to all. */
    terminate(): void;
    /** SIGKILL to all. */
    kill(): void;
}

/** One that fails ends all others, which would wait for it. */
export function together(scripts: readonly HostScript[]): HostScripts {
    const kill = () => {
        for (const script of scripts) script.kill();
    };
    let failure: string | undefined;
    const ends = scripts.map(async (script) => {
        const code = await script.exited;
        if (code === 0 || failure !== undefined) return;
        failure = script.failureReason(code);
        kill();
    });
    return {
        ended: Promise.all(ends).then(() => failure),
        kill,
        terminate() {
            for (const script of scripts) script.terminate();
        },
    };
}
