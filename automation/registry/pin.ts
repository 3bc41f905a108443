import type { RegisteredModel } from "./models";

/** The configuration key that the program reads. */
export const pinKey = "sortline:model";

/** Which model the program puts into service. */
export interface Pin {
    /** ARN of the model package. */
    readonly package: string;
    /** S3 address of its `model.tar.gz`. */
    readonly artefact: string;
    /** Today's instance count, which an update of the endpoint would reset. Without it for a serverless endpoint. */
    readonly instances?: number;
}

/** The pin that brings a model into service. */
export function pinOf(model: RegisteredModel, instances: number | undefined): Pin {
    return { package: model.arn, artefact: model.artefact, ...(instances === undefined ? {} : { instances }) };
}
