// Ways in which an operation of a service may end that a resource type counts as done.

import { AwsError } from "../../aws/service";

/** True for an error of a service with one of these codes. */
export function isAwsError(error: unknown, ...codes: readonly string[]): error is AwsError {
    return error instanceof AwsError && codes.includes(error.code);
}

/** Runs `work`; when the thing is there already because an interrupted attempt made it, that is as good. */
export async function createOnce(resumed: boolean, alreadyExists: string, work: () => Promise<unknown>): Promise<void> {
    try {
        await work();
    } catch (error) {
        if (!resumed || !isAwsError(error, alreadyExists)) throw error;
    }
}

/** Runs `work`; when the thing is gone already, that is as good. */
export async function unlessMissing(missing: readonly string[], work: () => Promise<unknown>): Promise<void> {
    await foundOrUndefined(missing, work);
}

/** What `work` finds, or undefined when there is nothing. */
export async function foundOrUndefined<T>(missing: readonly string[], work: () => Promise<T>): Promise<T | undefined> {
    try {
        return await work();
    } catch (error) {
        if (isAwsError(error, ...missing)) return undefined;
        throw error;
    }
}

/** Runs the later steps of a creation; when one fails, `undo` takes the earlier ones back. */
export async function orUndo<T>(work: () => Promise<T>, undo: () => Promise<unknown>): Promise<T> {
    try {
        return await work();
    } catch (error) {
        await undo();
        throw error;
    }
}
