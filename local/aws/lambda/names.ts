import { AwsError, account, partition, region } from "../service";

export function functionArn(name: string): string {
    return `arn:${partition}:lambda:${region}:${account}:function:${name}`;
}

/**
 * The function's name in what a caller gives as `FunctionName`: a name, `ACCOUNT:function:NAME` or an ARN, each with an
 * optional `:$LATEST`, the only version that the twin has.
 * @throws AwsError ResourceNotFoundException for another version, account or region.
 */
export function functionName(reference: string | undefined, qualifier?: string): string {
    const match = /^(?:(?:arn:aws:lambda:([a-z0-9-]+):)?(\d{12}):function:)?([A-Za-z0-9_-]{1,64})(?::([^:]+))?$/.exec(
        reference ?? "",
    );
    if (match === null) {
        throw new AwsError(
            "ValidationException",
            `FunctionName '${reference ?? ""}' is not a function's name (1 to 64 letters, digits, '-' and '_') or ARN.`,
        );
    }
    const [, inRegion = region, inAccount = account, name = "", suffix] = match;
    const version = qualifier ?? suffix ?? "$LATEST";
    if (inRegion !== region || inAccount !== account || version !== "$LATEST") {
        throw new AwsError("ResourceNotFoundException", `Function not found: ${reference}:${version}`, 404, {
            Type: "User",
        });
    }
    return name;
}

export function functionNotFound(name: string): AwsError {
    return new AwsError("ResourceNotFoundException", `Function not found: ${functionArn(name)}`, 404, { Type: "User" });
}

/** A parameter with a value that Lambda refuses. */
export function invalidParameter(message: string): AwsError {
    return new AwsError("InvalidParameterValueException", message, 400, { Type: "User" });
}

/** A member of an input that the twin does not honour: better refused by name than ignored. */
export function unsupported(operation: string, member: string): AwsError {
    return new AwsError("NotImplemented", `The local twin does not implement lambda ${operation} with ${member}.`, 501);
}
