import * as path from "node:path";
import { isWhole } from "../argument-rules";
import { hasGpu } from "../instance-type";
import { inferenceImage } from "../sagemaker-image";
import { isOptions, shown } from "../shown-value";
import { ALGORITHMS } from "../training-algorithm";
import { requirementDoubts, requirementProblems } from "./source-requirements";
import { DEFAULT_RUN_HOURS, type TrainingOptions } from "./training-options";

/** SageMaker takes 100 hyperparameters; the component and SageMaker itself add up to ten. */
const MOST_HYPERPARAMETERS = 90;

/**
 * Which options of a training do not fit together, each of which may be right by itself.
 * @param args as the program gives them, right or not: the rules tell of what is wrong by itself.
 */
export function misfits(args: unknown): string[] {
    if (!isOptions(args)) return [];
    const { algorithm, source, baseModel, distribution, checkpoints, inference } = args;
    const instances = isOptions(args.instances) ? args.instances : {};
    const network = isOptions(args.network) ? args.network : {};
    const problems: string[] = [];
    const { maxRunHours = DEFAULT_RUN_HOURS } = args;
    const { spot, maxWaitHours, count } = instances;

    if (maxWaitHours !== undefined && spot !== true) {
        problems.push("instances.maxWaitHours is for spot capacity; leave it out, or set instances.spot to true");
    } else if (isWhole(maxWaitHours) && isWhole(maxRunHours) && maxWaitHours < maxRunHours) {
        problems.push(
            `instances.maxWaitHours is ${maxWaitHours}, below maxRunHours (${maxRunHours}); it must be at least that, since waiting and running count together`,
        );
    }
    const own = [args.hyperparameters, args.ranges].flatMap((each) => (isOptions(each) ? Object.values(each) : []));
    const hyperparameters = own.filter((each) => each !== undefined).length;
    if (hyperparameters > MOST_HYPERPARAMETERS) {
        problems.push(
            `hyperparameters and ranges have ${hyperparameters} members; there must be at most ${MOST_HYPERPARAMETERS}`,
        );
    }
    const known = ALGORITHMS.find((each) => each === algorithm);
    if (known !== undefined && inference === "gpu" && inferenceImage(known, inference) === undefined) {
        problems.push(`inference is "gpu"; it must be "cpu" for algorithm ${shown(known)}`);
    }
    if (algorithm === "linear") {
        if (baseModel !== undefined) problems.push('baseModel is for algorithm "bert"; leave it out');
        if (distribution !== undefined) problems.push('distribution is for algorithm "bert"; leave it out');
        if (source === undefined && isWhole(count) && count > 1) {
            problems.push(
                `instances.count is ${count}; it must be 1 for algorithm "linear", which trains on one instance`,
            );
        }
    }
    if (algorithm === "bert") {
        if (baseModel === undefined && source === undefined) {
            problems.push(
                'baseModel is missing; it must be a model\'s name at Hugging Face, such as "bert-base-uncased", or an S3 address',
            );
        }
        if (checkpoints === false) {
            problems.push('checkpoints is false; leave it out, since algorithm "bert" always keeps them');
        }
    }
    if (network.isolated === true) {
        if (typeof baseModel === "string" && !isS3Address(baseModel)) {
            problems.push(
                `baseModel is ${shown(baseModel)}, which a container without a network cannot fetch; give the S3 address of a folder with the model`,
            );
        }
    }
    if (typeof source === "string") {
        problems.push(...requirementProblems(path.resolve(source), network.isolated === true));
    }
    return problems;
}

/** Whether a base model lies in S3. */
export function isS3Address(name: string): boolean {
    return name.startsWith("s3://");
}

/** What is allowed and rarely meant. */
export function doubts({ algorithm, instances, network, source }: TrainingOptions): string[] {
    return [
        ...(algorithm === "bert" && !hasGpu(instances.type)
            ? [
                  `algorithm "bert" trains on ${instances.type}, which has no GPU: what takes minutes on ml.g6.xlarge takes hours there.`,
              ]
            : []),
        ...(network === undefined || source === undefined ? [] : requirementDoubts(path.resolve(source))),
    ];
}
