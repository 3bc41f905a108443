import * as fs from "node:fs";
import * as path from "node:path";
import {
    flag,
    input,
    integer,
    mismatch,
    oneOf,
    options,
    type Rule,
    type Rules,
    required,
    text,
} from "../argument-rules";
import { instanceTypeRule } from "../capacity";
import { cleaningRule } from "../cleaning-rule";
import { encryptionRule } from "../encryption";
import type { FunctionTransform } from "../lambda-function";
import { pinRule } from "../model-pin";
import { registryRule } from "../model-registry";
import { networkRule } from "../network";
import { isOptions } from "../shown-value";
import { symbolicLinks } from "../source-archive";
import { ALGORITHMS, type Algorithm } from "../training-algorithm";
import { transformOf } from "../transform";
import { artifactsRule } from "./artifact-place";
import { fixedProblems, HYPERPARAMETERS, type Hyperparameter } from "./hyperparameter";
import { tagsRule } from "./job-tags";
import { LONGEST_TRAINING_HOURS } from "./run-limits";
import type { TrainingInstances, TrainingOptions } from "./training-options";

/** Files that a source folder must hold. */
const ENTRY_POINTS = ["train.py", "evaluate.py", "inference.py"];

const sourceRule: Rule = {
    what: "the path of a folder",
    problems: (option, given) => {
        if (typeof given !== "string" || given === "") return [mismatch(option, given, sourceRule.what)];
        const source = path.resolve(given);
        const missing = ENTRY_POINTS.filter((file) => !fs.existsSync(path.join(source, file)));
        return missing.length > 0
            ? [`${option} is ${source}, which has no ${missing.join(", ")}`]
            : linkProblems(option, source);
    },
};

/** What a link leads to would be missing in the container. */
function linkProblems(option: string, source: string): string[] {
    const links = symbolicLinks(source);
    if (links.length === 0) return [];
    const shown = links.map((link) => `${link} -> ${fs.readlinkSync(path.join(source, link))}`);
    return [
        `${option} is ${source}, which has symbolic links, and these are not packed: ${shown.join(", ")}; put the files themselves there`,
    ];
}

/** The hyperparameters that training code takes; undefined where it is the program's own. */
export function knownHyperparameters(args: unknown): Readonly<Record<string, Hyperparameter>> | undefined {
    if (!isOptions(args) || args.source !== undefined) return undefined;
    const algorithm = ALGORITHMS.find((each) => each === args.algorithm);
    return algorithm === undefined ? undefined : HYPERPARAMETERS[algorithm satisfies Algorithm];
}

/** What begins like an address must be one, with a place in the bucket. */
const BASE_MODEL = /^(?!s3:\/\/).*\S|^s3:\/\/[^/]+\//s;

/**
 * What the options of a training may be, each by itself.
 * @param args all of them, since hyperparameters go by the algorithm.
 */
export function trainingRules(args: unknown): Rules<TrainingOptions> {
    return {
        registry: required(registryRule),
        algorithm: required(oneOf(ALGORITHMS)),
        instances: required(
            options<TrainingInstances>({
                type: required(instanceTypeRule),
                count: integer({ from: 1, to: 20, unit: "instances" }),
                spot: flag,
                maxWaitHours: integer({ from: 1, to: 672, unit: "hours" }),
                volumeGigabytes: integer({ from: 1, to: 16_384, unit: "GB" }),
            }),
        ),
        baseModel: input(text("a model's name at Hugging Face, or an address such as s3://bucket/folder/", BASE_MODEL)),
        source: sourceRule,
        hyperparameters: {
            what: "an object: name, value",
            problems: (option, given) => fixedProblems(option, given, knownHyperparameters(args)),
        },
        distribution: options<NonNullable<TrainingOptions["distribution"]>>({
            processesPerHost: required(integer({ from: 1, to: 128, unit: "processes" })),
        }),
        maxRunHours: integer({ from: 1, to: LONGEST_TRAINING_HOURS, unit: "hours" }),
        checkpoints: flag,
        cleaning: required(cleaningRule),
        champion: pinRule,
        inference: oneOf(["cpu", "gpu"]),
        network: networkRule,
        artifacts: artifactsRule,
        encryption: encryptionRule,
        tags: tagsRule,
        transform: transformOf<NonNullable<TrainingOptions["transform"]>>({
            bucket: true,
            role: true,
            judge: transformOf<FunctionTransform>({ function: true, role: true, logGroup: true }),
        }),
    };
}
