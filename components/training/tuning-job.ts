import type * as pulumi from "@pulumi/pulumi";
import { TrainingComponent } from "./training-component";
import { tuningMisfits } from "./tuning-fit";
import type { TuningJobArgs } from "./tuning-options";
import { tuningTemplate } from "./tuning-request";
import { tuningRules } from "./tuning-rules";

/** Longest prefix of job names: a search adds a time and a random part in 11 characters, and SageMaker takes 32. */
const MAX_PREFIX = 21;

/**
 * Defines a search for the best hyperparameters: what is searched, how, and for how long, and how each trial is trained. A
 * search is started from the request template that lies in its own bucket, by `sortline train`, or by `start` inside a
 * handler. Trials are compared on validation data; when the search has ended, the best model is evaluated on the test set
 * and registered, as that of a `TrainingJob` is.
 */
export class TuningJob extends TrainingComponent<TuningJobArgs> {
    /** @throws RunError with every argument that is out of range, what does not fit together, and what a source lacks. */
    constructor(name: string, args: TuningJobArgs, options?: pulumi.ComponentResourceOptions) {
        super(name, args, options, {
            component: "TuningJob",
            rules: tuningRules(args),
            misfits: tuningMisfits(args),
            isSubclass: new.target !== TuningJob,
            longestPrefix: MAX_PREFIX,
            follows: "tuning",
            template: (parts) => tuningTemplate(args, parts),
        });
    }
}
