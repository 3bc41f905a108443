import { failed, validationError } from "../protocol/constraints";
import { invalidArgument } from "./lookup";
import type { NewRecord } from "./records";
import { putRecordsBytes } from "./shapes";
import { largestHashKey } from "./shards";

/**
 * Checks one record, or those of one PutRecords call, for what depends on the stream or on several members. Names what
 * is wrong, never what the records contain.
 * @param recordLimit bytes of data and partition key together
 */
export function checkRecords(records: readonly NewRecord[], recordLimit: number, isBatch: boolean): void {
    let total = 0;
    const tooLarge = records.flatMap(({ data, partitionKey }, index) => {
        const bytes = data.length + Buffer.byteLength(partitionKey);
        total += bytes;
        if (bytes <= recordLimit) return [];
        const at = isBatch ? `records.${index + 1}.member.data` : "data";
        return [failed(at, `Member must have length less than or equal to ${recordLimit}`)];
    });
    if (tooLarge.length > 0) throw validationError(tooLarge);
    for (const { explicitHashKey } of records) {
        if (explicitHashKey !== undefined && BigInt(explicitHashKey) > largestHashKey) {
            throw invalidArgument(
                `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${explicitHashKey}`,
            );
        }
    }
    if (total > putRecordsBytes && isBatch) throw invalidArgument("Records size exceeds 10 MB limit");
}
