import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { FunctionTransform } from "../lambda-function";
import type { PinnedModel } from "../model-pin";
import type { ModelRegistry } from "../model-registry";
import type { Network } from "../network";
import type { InferenceProcessor } from "../sagemaker-image";
import type { Algorithm } from "../training-algorithm";
import type { Transform } from "../transform";

/** What a run trains on. */
export interface TrainingInstances {
    /** For example "ml.m5.large", or "ml.g6.xlarge", which has a GPU. */
    readonly type: string;
    /** 1 to 20. With `algorithm: "bert"` they train one model together. @default 1 */
    readonly count?: number;
    /** Spot capacity: cheaper, may be interrupted. @default false */
    readonly spot?: boolean;
    /**
     * Hours after which a run with spot capacity is given up, waiting included: `maxRunHours` to 672.
     * @default twice `maxRunHours`
     */
    readonly maxWaitHours?: number;
    /** Of each instance's disk, where it has none of its own: 1 to 16384. @default 30 */
    readonly volumeGigabytes?: number;
}

/** What every training has in common, whether it is one run or each run of a search. */
export interface TrainingOptions {
    /** Where trained models wait for approval. */
    readonly registry: ModelRegistry;
    /**
     * `linear`: word and character n-grams with a linear classifier; trains in seconds on a CPU. `bert`: fine-tunes a
     * Hugging Face encoder on GPUs.
     */
    readonly algorithm: Algorithm;
    readonly instances: TrainingInstances;
    /**
     * The encoder that `bert` begins with: its name at Hugging Face, or the S3 address of a folder with `config.json`,
     * `model.safetensors` and a tokenizer (an Output is taken for an address).
     */
    readonly baseModel?: pulumi.Input<string>;
    /**
     * Folder with `train.py`, `evaluate.py` and `inference.py`; a relative path is the Pulumi project's.
     * @default the package's own training code
     */
    readonly source?: string;
    /** Passed to `train.py` as `--name value`, for example `seed`. @default {} */
    readonly hyperparameters?: Readonly<Record<string, string | number | boolean>>;
    /** How `bert` is spread over processes. */
    readonly distribution?: {
        /** Processes of each instance: 1 to 128. @default one a GPU, or one */
        readonly processesPerHost: number;
    };
    /** Hours after which a run is stopped, and so is the evaluation of its model: 1 to 120. @default 4 */
    readonly maxRunHours?: number;
    /**
     * Keeps checkpoints in the component's own bucket for 30 days, from which a run goes on after an interruption.
     * @default true for `bert`, which always does; false for `linear`, which is done in seconds
     */
    readonly checkpoints?: boolean;
    /** Version of the cleaning that training texts went through; stored with the model. */
    readonly cleaning: string;
    /**
     * The model in service: a new one is judged beside it, on the same texts. Give what the endpoint's `model` is given.
     * @default none to be compared with
     */
    readonly champion?: PinnedModel;
    /**
     * What will serve the model, which decides the image that is registered with it: "cpu" is what serverless endpoints
     * and instances without a GPU need. @default "cpu"
     */
    readonly inference?: InferenceProcessor;
    /** The network (VPC) that jobs run in. @default SageMaker's, with access to the internet */
    readonly network?: Network;
    /**
     * S3 address such as s3://bucket/folder/, in the stack's region, where data sets, models and evaluations go: below
     * `datasets/` and `jobs/`. Jobs, judge and runs that a handler starts may use it, and what it holds is left to its
     * owner. Code, template and checkpoints stay in the component's own bucket. @default the component's own bucket
     */
    readonly artifacts?: pulumi.Input<string>;
    /**
     * ARN of a KMS key for the component's bucket, for data sets and what jobs make wherever they lie, and for the
     * instances' volumes (instances that store on disks of their own encrypt these themselves). Where `artifacts` is a
     * bucket that a key of one's own encrypts, give that key. @default keys of AWS's
     */
    readonly encryption?: pulumi.Input<string>;
    /** Tags of all jobs, 50 at most. @default {} */
    readonly tags?: Readonly<Record<string, string>>;
    /**
     * Changes the arguments of children: with `bucket: { forceDestroy: true }`, `pulumi destroy` deletes the bucket with
     * all data sets and models. @default nothing is changed
     */
    readonly transform?: {
        readonly bucket?: Transform<aws.s3.BucketArgs>;
        readonly role?: Transform<aws.iam.RoleArgs>;
        readonly judge?: FunctionTransform;
    };
}

export const DEFAULT_RUN_HOURS = 4;
