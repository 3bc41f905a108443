import * as pulumi from "@pulumi/pulumi";
import { ArgumentCheck } from "./argument-check";
import { type HasRunTimeSide, type RunTimeSide, runTimeOnly, runTimeSide } from "./inline";
import type { StartedRun } from "./runtime/start-run";
import { stackName } from "./stack-name";
import { type TrainingNodes, trainingDefinition } from "./training-definition";
import { tuningMisfits } from "./tuning-fit";
import type { TuningJobArgs } from "./tuning-options";
import { tuningTemplate } from "./tuning-request";
import { tuningRules } from "./tuning-rules";

/** Longest prefix of job names: a search adds a time and a random part in 11 characters, and SageMaker takes 32. */
const MAX_PREFIX = 21;

/**
 * Defines a search for the best hyperparameters: what is searched, how, and for how long, and how each trial is trained. A
 * search is started from the request template that lies in the artefact bucket, by `sortline train`, or by `start` inside a
 * handler. Trials are compared on validation data; when the search has ended, the best model is evaluated on the test set
 * and registered, as that of a `TrainingJob` is.
 */
export class TuningJob extends pulumi.ComponentResource implements HasRunTimeSide {
    readonly templateBucket: pulumi.Output<string>;
    readonly templateKey: pulumi.Output<string>;
    readonly artifactBucket: pulumi.Output<string>;
    readonly modelPackageGroupName: pulumi.Output<string>;
    /** Names of the searches begin with this and a hyphen, and so do those of their trials. */
    readonly jobPrefix: string;
    /** The children. */
    readonly nodes: TrainingNodes;
    readonly [runTimeSide]: RunTimeSide;
    readonly #name: string;

    /** @throws RunError with every argument that is out of range, what does not fit together, and what a source lacks. */
    constructor(name: string, args: TuningJobArgs, options?: pulumi.ComponentResourceOptions) {
        const check = new ArgumentCheck("TuningJob", name);
        check.options<TuningJobArgs>("args", args, tuningRules(args), new.target !== TuningJob);
        check.add(...tuningMisfits(args));
        check.resourceOptions(options);
        check.done();
        super("sortline:index:TuningJob", name, {}, options);
        this.#name = name;
        const { nodes, outputs, registered, start } = trainingDefinition(name, args, {
            parent: this,
            jobPrefix: stackName(name, MAX_PREFIX),
            follows: "tuning",
            template: (parts) => tuningTemplate(args, parts),
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
     * Starts a search with the data set that the last `sortline train` made, for handlers that train again by a schedule or
     * an event. While one is under way, whoever started it, none is started: the answer then names that one.
     * Throws where there is no data set yet, or its texts went through another cleaning.
     */
    start(): Promise<StartedRun> {
        return runTimeOnly("TuningJob", this.#name, "start");
    }
}
