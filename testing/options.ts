import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Pace, Report } from "../local/aws/context";
import type { FaultPlan } from "../local/aws/faults";
import type { EngineEvent } from "../local/pulumi";
import { ProjectError, readProject } from "../local/pulumi/project";
import { type ConfigValue, isConfigKey } from "../local/stack-config";
import type { WatchOptions } from "../local/watch";

export interface LocalOptions {
    /** Folder of a Pulumi project: the program that runs. */
    readonly project: string;
    /** Stack configuration by full key, such as `sortline:threshold`. @default {} */
    readonly config?: Readonly<Record<string, ConfigValue>>;
    /** Where the twin keeps its state. @default a temporary folder that `close` deletes */
    readonly home?: string;
    /** Faults on demand, with a seed. @default none */
    readonly faults?: FaultPlan;
    /** `aws` keeps AWS's intervals and quotas. @default "fast" */
    readonly pace?: Pace;
    /** Deploys again whenever the program's source is saved. @default no watch */
    readonly watch?: WatchOptions;
    /** What the twin has to say, for example which faults it injected. */
    onReport?(report: Report): void;
    onEvent?(event: EngineEvent): void;
}

/** A program cannot be started so. The message names all that is wrong. */
export class InvalidOptions extends Error {
    override readonly name = "InvalidOptions";
    constructor(readonly problems: readonly string[]) {
        super(`The program cannot be started with these options:\n${problems.map((each) => `  ${each}`).join("\n")}`);
    }
}

const paces: readonly unknown[] = ["fast", "aws"] satisfies Pace[];

/** @throws InvalidOptions with all problems: option, value, valid values. */
export function checkOptions({ project, pace = "fast", config = {} }: LocalOptions): void {
    const problems = projectProblems(project);
    if (!paces.includes(pace)) problems.push(`pace is ${JSON.stringify(pace)}; it must be "fast" or "aws"`);
    for (const key of Object.keys(config).filter((each) => !isConfigKey(each))) {
        problems.push(
            `config has the key ${JSON.stringify(key)}; a key has a namespace, a colon and a name, such as "sortline:threshold"`,
        );
    }
    if (problems.length > 0) throw new InvalidOptions(problems);
}

function projectProblems(project: string): string[] {
    const wrong = (why: string) => [`project is ${JSON.stringify(project)}; ${why}`];
    const valid = "it must be the folder of a Pulumi project";
    if (typeof project !== "string" || project === "") return wrong(valid);
    const folder = resolve(project);
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found?.isDirectory() !== true) {
        return wrong(`${valid}, and ${found === undefined ? "there is no such folder" : "this is none"}: ${folder}`);
    }
    try {
        readProject(folder);
        return [];
    } catch (error) {
        if (!(error instanceof ProjectError)) throw error;
        return wrong(`${valid} that runs here. ${error.message}`);
    }
}
