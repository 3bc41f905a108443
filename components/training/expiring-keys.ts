/** Where checkpoints lie in a component's own bucket, those of each run in a folder of its own. */
export const CHECKPOINTS = "checkpoints/";
/** Start of the keys in it under which Lambda keeps asynchronous calls that failed for good. */
export const FAILED_CALLS = "aws/lambda/async/";

/** Days after which objects of a component's own bucket are deleted, by what their keys begin with; others stay. */
export const KEEP_DAYS = { [CHECKPOINTS]: 30, [FAILED_CALLS]: 90 } as const;

/** Why data sets and models must not lie in this folder of a component's own bucket; undefined where they may. */
export function whyDeleted(folder: string): string | undefined {
    const [prefix, days] = Object.entries(KEEP_DAYS).find(([each]) => folder.startsWith(each)) ?? [];
    return prefix === undefined
        ? undefined
        : `all below ${prefix} in the component's own bucket is deleted after ${days} days`;
}
