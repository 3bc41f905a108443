import { AwsError } from "../service";

/** @returns the error with which Systems Manager refuses most inputs. */
export function invalid(message: string): AwsError {
    return new AwsError("ValidationException", message);
}

/** A violation of a member's constraint, in AWS's words. The value is shown only where it cannot be a secret. */
export function violated(at: string, constraint: string, shown?: string): AwsError {
    const value = shown === undefined ? "Value" : `Value '${shown}'`;
    return invalid(`1 validation error detected: ${value} at '${at}' failed to satisfy constraint: ${constraint}`);
}

/** @throws AwsError when a member that must be there is not. */
export function required<T>(value: T | undefined, at: string): T {
    if (value === undefined) throw violated(at, "Member must not be null");
    return value;
}

/** @throws AwsError when the list is empty or longer than `most`. */
export function oneTo(most: number, given: readonly string[] | undefined, at: string): readonly string[] {
    const list = required(given, at);
    const shown = `[${list.join(", ")}]`;
    if (list.length === 0) throw violated(at, "Member must have length greater than or equal to 1", shown);
    if (list.length > most) throw violated(at, `Member must have length less than or equal to ${most}`, shown);
    return list;
}

/** @throws AwsError when the value is none of the choices. */
export function oneOf<T extends string>(choices: readonly T[], value: string | undefined, at: string): T | undefined {
    const found = choices.find((choice) => choice === value);
    if (value === undefined || found !== undefined) return found;
    throw violated(at, `Member must satisfy enum value set: [${choices.join(", ")}]`, value);
}
