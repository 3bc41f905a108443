import { AwsError } from "../../service";

/** @param reason why a filter pattern is none */
export function invalidPattern(reason: string): AwsError {
    return new AwsError("InvalidParameterException", `Invalid filter pattern: ${reason}.`);
}
