import * as pulumi from "@pulumi/pulumi";
import { ArgumentCheck } from "./argument-check";
import { type HasRunTimeSide, type RunTimeSide, runTimeOnly, runTimeSide } from "./inline";
import type { StartedRun } from "./runtime/start-run";
import { stackName } from "./stack-name";
import { type TrainingNodes, trainingDefinition } from "./training-definition";
import { misfits } from "./training-fit";
import type { TrainingOptions } from "./training-options";
import { trainingTemplate } from "./training-request";
import { trainingRules } from "./training-rules";

export type TrainingJobArgs = TrainingOptions;

/** Longest prefix of job names: a run adds a time and a random part, its evaluation "-eval", and 63 is the limit. */
const MAX_PREFIX = 36;

/**
 * Defines how a model is trained: code, image, role, limits. A run is started from the request template that lies in the
 * artefact bucket, by `sortline train`, or by `start` inside a handler. When it has completed, its model is evaluated on
 * the test set and registered; the registry's policy or a person approves it.
 */
export class TrainingJob extends pulumi.ComponentResource implements HasRunTimeSide {
    readonly templateBucket: pulumi.Output<string>;
    readonly templateKey: pulumi.Output<string>;
    readonly artifactBucket: pulumi.Output<string>;
    readonly modelPackageGroupName: pulumi.Output<string>;
    /** Names of the job's runs begin with this and a hyphen. */
    readonly jobPrefix: string;
    /** The children. */
    readonly nodes: TrainingNodes;
    readonly [runTimeSide]: RunTimeSide;
    readonly #name: string;

    /** @throws RunError with every argument that is out of range, what does not fit together, and what a source lacks. */
    constructor(name: string, args: TrainingJobArgs, options?: pulumi.ComponentResourceOptions) {
        const check = new ArgumentCheck("TrainingJob", name);
        check.options<TrainingJobArgs>("args", args, trainingRules(args), new.target !== TrainingJob);
        check.add(...misfits(args));
        check.resourceOptions(options);
        check.done();
        super("sortline:index:TrainingJob", name, {}, options);
        this.#name = name;
        const { nodes, outputs, registered, start } = trainingDefinition(name, args, {
            parent: this,
            jobPrefix: stackName(name, MAX_PREFIX),
            follows: "training",
            template: (parts) => trainingTemplate(args, parts),
        });
        this.nodes = nodes;
        this.templateBucket = outputs.templateBucket;
        this.templateKey = outputs.templateKey;
        this.artifactBucket = outputs.artifactBucket;
        this.modelPackageGroupName = outputs.modelPackageGroupName;
        this.jobPrefix = outputs.jobPrefix;
        this[runTimeSide] = start;
        this.registerOutputs(registered);
    }

    /**
     * Starts a run with the data set that the last `sortline train` made, for handlers that train again by a schedule or
     * an event. While one is under way, whoever started it, none is started: the answer then names that one.
     * Throws where there is no data set yet, or its texts went through another cleaning.
     */
    start(): Promise<StartedRun> {
        return runTimeOnly("TrainingJob", this.#name, "start");
    }
}
