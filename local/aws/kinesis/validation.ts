import { AwsError } from "../service";
import type { NewRecord } from "./records";
import { largestHashKey } from "./shards";

const mebibyte = 1 << 20;

/** Records of one call. */
const putRecordsLimit = 500;
/** Bytes of one PutRecords call: data and partition keys. */
const putRecordsBytes = 10 * mebibyte;

/** All that a call violates, in AWS's words. */
export function validationError(problems: readonly string[]): AwsError {
    const errors = problems.length === 1 ? "1 validation error" : `${problems.length} validation errors`;
    return new AwsError("ValidationException", `${errors} detected: ${problems.join("; ")}`);
}

export function failed(at: string, constraint: string, value?: string | number): string {
    const shown = value === undefined ? "Value" : `Value '${value}'`;
    return `${shown} at '${at}' failed to satisfy constraint: ${constraint}`;
}

/** @throws AwsError ValidationException when a whole number is outside of its range. */
export function checkRange(at: string, value: number | undefined, smallest: number, largest: number): void {
    if (value === undefined) return;
    if (!Number.isInteger(value)) throw validationError([failed(at, "Member must be an integer", value)]);
    if (value < smallest) {
        throw validationError([failed(at, `Member must have value greater than or equal to ${smallest}`, value)]);
    }
    if (value > largest) {
        throw validationError([failed(at, `Member must have value less than or equal to ${largest}`, value)]);
    }
}

/**
 * Checks one record, or those of one PutRecords call. Names of what is wrong, never what the records contain.
 * @param recordLimit bytes of data and partition key together
 */
export function checkRecords(records: readonly NewRecord[], recordLimit: number, isBatch: boolean): void {
    const problems: string[] = [];
    let total = 0;
    if (isBatch && records.length === 0) {
        problems.push(failed("records", "Member must have length greater than or equal to 1", "[]"));
    }
    if (records.length > putRecordsLimit) {
        problems.push(failed("records", `Member must have length less than or equal to ${putRecordsLimit}`));
    }
    records.forEach(({ data, partitionKey, explicitHashKey }, index) => {
        const at = (member: string) => (isBatch ? `records.${index + 1}.member.${member}` : member);
        if (!(data instanceof Uint8Array)) problems.push(failed(at("data"), "Member must not be null"));
        else {
            const bytes = data.length + Buffer.byteLength(partitionKey ?? "");
            total += bytes;
            if (bytes > recordLimit) {
                problems.push(failed(at("data"), `Member must have length less than or equal to ${recordLimit}`));
            }
        }
        if (typeof partitionKey !== "string") problems.push(failed(at("partitionKey"), "Member must not be null"));
        else if (partitionKey.length === 0) {
            problems.push(failed(at("partitionKey"), "Member must have length greater than or equal to 1", ""));
        } else if (partitionKey.length > 256) {
            problems.push(failed(at("partitionKey"), "Member must have length less than or equal to 256"));
        }
        if (explicitHashKey !== undefined && !/^(0|[1-9]\d{0,38})$/.test(explicitHashKey)) {
            const pattern = "Member must satisfy regular expression pattern: 0|([1-9]\\d{0,38})";
            problems.push(failed(at("explicitHashKey"), pattern, explicitHashKey));
        }
    });
    if (problems.length > 0) throw validationError(problems.slice(0, 10));
    for (const { explicitHashKey } of records) {
        if (explicitHashKey !== undefined && BigInt(explicitHashKey) > largestHashKey) {
            throw new AwsError(
                "InvalidArgumentException",
                `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${explicitHashKey}`,
            );
        }
    }
    if (total > putRecordsBytes && isBatch) {
        throw new AwsError("InvalidArgumentException", "Records size exceeds 10 MB limit");
    }
}
