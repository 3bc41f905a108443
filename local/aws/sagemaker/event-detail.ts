import type { Tag } from "@aws-sdk/client-sagemaker";

/** The detail of SageMaker's events: what Describe answers of a job, with times in milliseconds. */
export function eventDetail(described: object, tags: readonly Tag[]): Record<string, unknown> {
    const detail = JSON.parse(
        JSON.stringify(described, function (this: Record<string, unknown>, key, value) {
            // JSON would make text of a date before the replacer sees it: hence the look at its owner.
            const own = this[key];
            return own instanceof Date ? own.getTime() : value;
        }),
    );
    return { ...detail, Tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])) };
}
