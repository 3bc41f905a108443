/** A callback of the program returned what it may not. The message names types and counts only, never content. */
export class ResultError extends Error {
    override readonly name = "ResultError";

    constructor(callback: string, stage: string, result: unknown, wanted: string) {
        super(`${callback} returned ${kindOf(result)} in the stage ${stage}, not ${wanted}.`);
    }
}

/** What a value is, without what it says. */
function kindOf(value: unknown): string {
    return Array.isArray(value) ? `an array of ${value.length}` : value === "" ? "an empty string" : typeof value;
}
