// SageMaker says by its message, not by its code, that something exists already or does not.

import { isAwsError } from "../provider/outcome";

export async function createOnceInSageMaker(resumed: boolean, work: () => Promise<unknown>): Promise<void> {
    try {
        await work();
    } catch (error) {
        const exists =
            isAwsError(error, "ResourceInUse", "ValidationException") && /already exist/i.test(error.message);
        if (!resumed || !exists) throw error;
    }
}

export async function unlessMissingInSageMaker(work: () => Promise<unknown>): Promise<void> {
    await foundInSageMaker(work);
}

/** What `work` finds, or undefined when there is nothing. */
export async function foundInSageMaker<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
        return await work();
    } catch (error) {
        if (isAwsError(error, "ResourceNotFound", "ResourceNotFoundException")) return undefined;
        const missing = /could not find|does not exist|not found/i;
        if (!isAwsError(error, "ValidationException") || !missing.test(error.message)) throw error;
        return undefined;
    }
}
