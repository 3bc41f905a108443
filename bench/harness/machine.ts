import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";

/** What a figure depends on beside the code. */
export interface Machine {
    readonly cpu: string;
    readonly cores: number;
    /** GiB. */
    readonly memory: number;
    readonly node: string;
    readonly platform: string;
}

export function machine(): Machine {
    return {
        cpu: cpus()[0]?.model.trim() ?? "unknown",
        cores: availableParallelism(),
        memory: Math.round(totalmem() / 2 ** 30),
        node: process.version,
        platform: `${platform()}-${arch()}`,
    };
}
