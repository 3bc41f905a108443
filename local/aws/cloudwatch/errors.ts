import { AwsError } from "../service";

/** What the older query protocol called an error; SDKs know it by that name too. */
const queryCodes: Readonly<Record<string, string>> = {
    InternalServiceFault: "InternalServiceError",
    InvalidFormatFault: "InvalidFormat",
    InvalidParameterCombinationException: "InvalidParameterCombination",
    InvalidParameterValueException: "InvalidParameterValue",
    LimitExceededFault: "LimitExceeded",
    MissingRequiredParameterException: "MissingParameter",
};

/** An error's code in the query protocol. */
export function queryCode({ code }: AwsError): string {
    return queryCodes[code] ?? code;
}

/** The header by which SDKs learn the older code. */
export function queryErrorHeader(error: AwsError): Record<string, string> {
    return { "x-amzn-query-error": `${queryCode(error)};${error.status < 500 ? "Sender" : "Receiver"}` };
}

export function invalidValue(message: string): AwsError {
    return new AwsError("InvalidParameterValueException", message);
}

export function invalidCombination(message: string): AwsError {
    return new AwsError("InvalidParameterCombinationException", message);
}

export function validationError(message: string): AwsError {
    return new AwsError("ValidationError", message);
}

export function missingParameter(name: string): AwsError {
    return new AwsError("MissingRequiredParameterException", `The parameter ${name} is required.`);
}

/** @throws AwsError when a member that must be there is not. */
export function required<T>(value: T | undefined | null, name: string): T {
    if (value === undefined || value === null) throw missingParameter(name);
    return value;
}

/** @throws AwsError with all problems of a request, when there are any. */
export function refuseAll(problems: readonly string[]): void {
    if (problems.length > 0) throw invalidValue(problems.join(" "));
}
