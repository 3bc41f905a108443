import type * as pulumi from "@pulumi/pulumi";
import { TrainingComponent } from "./training-component";
import { misfits } from "./training-fit";
import type { TrainingOptions } from "./training-options";
import { trainingTemplate } from "./training-request";
import { trainingRules } from "./training-rules";

export type TrainingJobArgs = TrainingOptions;

/** Longest prefix of job names: a run adds a time and a random part, its evaluation "-eval", and 63 is the limit. */
const MAX_PREFIX = 36;

/**
 * Defines how a model is trained: code, image, role, limits. A run is started from the request template that lies in the
 * component's bucket, by `sortline train`, or by `start` inside a handler. When it has completed, its model is evaluated on
 * the test set and registered; the registry's policy or a person approves it.
 */
export class TrainingJob extends TrainingComponent<TrainingJobArgs> {
    /** @throws RunError with every argument that is out of range, what does not fit together, and what a source lacks. */
    constructor(name: string, args: TrainingJobArgs, options?: pulumi.ComponentResourceOptions) {
        super(name, args, options, {
            component: "TrainingJob",
            rules: trainingRules(args),
            misfits: misfits(args),
            isSubclass: new.target !== TrainingJob,
            longestPrefix: MAX_PREFIX,
            follows: "training",
            template: (parts) => trainingTemplate(args, parts),
        });
    }
}
