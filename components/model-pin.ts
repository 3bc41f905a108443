import { integer, options, type Rule, required, text } from "./argument-rules";
import { isOptions } from "./shown-value";

/** The model that is in service, as the stack's configuration names it. Written by `sortline promote`. */
export interface ModelPin {
    /** ARN of an approved model package. */
    readonly package: string;
    /** S3 address of its model artefact. */
    readonly artefact: string;
    /** How many instances run now; a deployment would reset the number. @default the capacity's count */
    readonly instances?: number;
}

const PACKAGE = /^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:model-package\/.+\/\d+$/;
const ARTEFACT = /^s3:\/\/([^/]+)\/(.+)$/;

/**
 * What the configuration holds: a pin, or nothing. An empty object is nothing too, since a key that `Pulumi.yaml`
 * declares needs a default.
 */
export type PinnedModel = ModelPin | Readonly<Record<string, never>> | undefined;

/** The pin, if there is one. */
export function pinOf(model: PinnedModel): ModelPin | undefined {
    return model === undefined || Object.keys(model).length === 0 ? undefined : (model as ModelPin);
}

const shape = options<ModelPin>({
    package: required(text("the ARN of a model package version", PACKAGE)),
    artefact: required(text("an address such as s3://bucket/key", ARTEFACT)),
    instances: integer({ from: 1, to: 1000, unit: "instances" }),
});

/** What a pin may be, which a person may have edited. */
export const pinRule: Rule = {
    ...shape,
    problems: (option, given) =>
        isOptions(given) && Object.keys(given).length === 0 ? [] : shape.problems(option, given),
};

/** How SageMaker lays out the artefact of a training job: output path, job, and this. */
const JOB_ARTEFACT = /^(.*\/)?[^/]+\/output\/model\.tar\.gz$/;

/**
 * Bucket and key, as a policy names them, of the pinned artefact and of those of all jobs with the same output path. The
 * others are the models that were in service before: they still serve while an endpoint is updated, and again after
 * SageMaker has rolled back.
 */
export function servedArtefacts(pin: ModelPin): string {
    const [, bucket, key = ""] = ARTEFACT.exec(pin.artefact) ?? [];
    const job = JOB_ARTEFACT.exec(key);
    return `${bucket}/${job === null ? key : `${job[1] ?? ""}*/output/model.tar.gz`}`;
}
