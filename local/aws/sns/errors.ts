import { AwsError } from "../service";

/** SNS's error for an input that it refuses. */
export function invalidParameter(reason: string): AwsError {
    return new AwsError("InvalidParameter", `Invalid parameter: ${reason}`);
}

/** A value that SNS's model does not allow. */
export function invalidValue(message: string): AwsError {
    return new AwsError("ParameterValueInvalid", message);
}

export function notFound(what: "Topic" | "Subscription" | "Resource"): AwsError {
    return new AwsError("NotFound", `${what} does not exist`, 404);
}

/** A member or attribute that the twin does not honour: better refused by name than ignored. */
export function unsupported(what: string): AwsError {
    return new AwsError("NotImplemented", `The local twin does not implement SNS ${what}.`, 501);
}
