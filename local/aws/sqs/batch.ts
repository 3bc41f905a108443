import type { BatchResultErrorEntry } from "@aws-sdk/client-sqs";
import { AwsError } from "../service";
import { queryCode } from "./errors";

/**
 * Applies an operation to each entry of a batch; what fails is reported beside what succeeded.
 * @param entryName the entries' shape, by which SQS calls them in its message.
 * @throws AwsError when the batch itself is not valid: empty, more than ten entries, ids that are not distinct.
 */
export async function forEachEntry<Entry extends { Id: string | undefined }, Result>(
    entryName: string,
    entries: readonly Entry[] | undefined,
    apply: (entry: Entry) => Promise<Result>,
): Promise<{ Successful: ({ Id: string } & Result)[]; Failed: BatchResultErrorEntry[] }> {
    const list = entries ?? [];
    if (list.length === 0)
        throw new AwsError("EmptyBatchRequest", `There should be at least one ${entryName} in the request.`);
    if (list.length > 10) {
        throw new AwsError(
            "TooManyEntriesInBatchRequest",
            `Maximum number of entries per request are 10. You have sent ${list.length}.`,
        );
    }
    const ids = list.map(({ Id = "" }) => Id);
    const invalid = ids.find((id) => !/^[A-Za-z0-9_-]{1,80}$/.test(id));
    if (invalid !== undefined) {
        throw new AwsError(
            "InvalidBatchEntryId",
            "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
        );
    }
    const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
    if (repeated !== undefined) throw new AwsError("BatchEntryIdsNotDistinct", `Id ${repeated} repeated.`);

    const Successful: ({ Id: string } & Result)[] = [];
    const Failed: BatchResultErrorEntry[] = [];
    // Started in order, so that a FIFO queue gets them in order.
    const outcomes = await Promise.allSettled(list.map((entry) => apply(entry)));
    outcomes.forEach((outcome, index) => {
        const Id = ids[index] ?? "";
        if (outcome.status === "fulfilled") Successful.push({ Id, ...outcome.value });
        else if (outcome.reason instanceof AwsError) {
            const { message, status } = outcome.reason;
            Failed.push({ Id, Code: queryCode(outcome.reason), Message: message, SenderFault: status < 500 });
        } else throw outcome.reason;
    });
    return { Successful, Failed };
}
