import * as pulumi from "@pulumi/pulumi";
import { ArgumentCheck } from "../argument-check";
import type { Rules } from "../argument-rules";
import { type HasRunTimeSide, type RunTimeSide, runTimeOnly, runTimeSide } from "../inline/index";
import type { StartedRun } from "../runtime/start-run";
import { stackName } from "../stack-name";
import { type DefinitionOptions, type TrainingNodes, trainingDefinition } from "./training-definition";
import type { TrainingOptions } from "./training-options";

/** In what the components that define trainings differ. */
export interface TrainingKind<Args> extends Pick<DefinitionOptions, "follows" | "template"> {
    /** Name of the component. */
    readonly component: string;
    readonly rules: Rules<Args>;
    /** Which arguments do not fit together. */
    readonly misfits: readonly string[];
    /** A subclass may have options of its own. */
    readonly isSubclass: boolean;
    /** Longest prefix of its jobs' names. */
    readonly longestPrefix: number;
}

/** What `TrainingJob` and `TuningJob` have in common: a request template that runs are started from, and their judge. */
export abstract class TrainingComponent<Args extends TrainingOptions>
    extends pulumi.ComponentResource
    implements HasRunTimeSide
{
    readonly templateBucket: pulumi.Output<string>;
    readonly templateKey: pulumi.Output<string>;
    /** The component's own bucket: code and templates, and, unless `artifacts` names another place, data sets and models. */
    readonly artifactBucket: pulumi.Output<string>;
    readonly modelPackageGroupName: pulumi.Output<string>;
    /** Names of its runs begin with this and a hyphen; of a search, those of its trials do too. */
    readonly jobPrefix: string;
    /** The children. */
    readonly nodes: TrainingNodes;
    readonly [runTimeSide]: RunTimeSide;
    readonly #name: string;
    readonly #component: string;

    protected constructor(
        name: string,
        args: Args,
        options: pulumi.ComponentResourceOptions | undefined,
        kind: TrainingKind<Args>,
    ) {
        const { component, follows, template } = kind;
        const check = new ArgumentCheck(component, name);
        check.options<Args>("args", args, kind.rules, kind.isSubclass);
        check.add(...kind.misfits);
        check.resourceOptions(options);
        check.done();
        super(`sortline:index:${component}`, name, {}, options);
        this.#name = name;
        this.#component = component;
        const { nodes, outputs, registered, start } = trainingDefinition(name, args, {
            parent: this,
            jobPrefix: stackName(name, kind.longestPrefix),
            follows,
            template,
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
        return runTimeOnly(this.#component, this.#name, "start");
    }
}
