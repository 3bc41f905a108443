/** What SageMaker's ModelError says of the model's own answer. */
interface ModelAnswer {
    readonly OriginalStatusCode?: number;
    readonly OriginalMessage?: string;
    readonly LogStreamArn?: string;
}

export type ModelError = Error & ModelAnswer;

/**
 * What is at fault where a model has not answered: the model itself, the cleaning that it was trained with, how much it
 * was asked at once, or what it was asked.
 */
export type ModelFault = "model" | "cleaning" | "size" | "request";

/** How messages of the package's serving code begin: `training/inference.py`. */
const OWN_FAILURE = /^internal failure\b/;
const OTHER_CLEANING = /^the texts were cleaned by version /;
const TOO_LARGE = /^the request is too large\b/;
/** What a model says of a request that it cannot take: wrong, too large, not to be processed. */
const WRONG_REQUEST: readonly (number | undefined)[] = [400, 413, 422];

/** An endpoint that did not say what its model thinks of the texts, which are not at fault. The message quotes nothing. */
export class EndpointError extends Error {
    override readonly name = "EndpointError";

    /** @param code `ModelFailure`: it may work later. `CleaningRefused`: not before another model is in service. */
    constructor(
        readonly code: "ModelFailure" | "CleaningRefused",
        message: string,
    ) {
        super(message);
    }
}

/** Whether an error is a model's own, and not SageMaker's. */
export function isModelError(error: unknown): error is ModelError {
    return error instanceof Error && error.name === "ModelError";
}

/**
 * The Hugging Face images answer every exception of the serving code with 400 and its message, which tells a failure of
 * the model from a request that is wrong; in scikit-learn's the serving code answers a wrong request so by itself.
 */
export function faultOf({ OriginalStatusCode: status, OriginalMessage: body = "" }: ModelAnswer): ModelFault {
    if (!WRONG_REQUEST.includes(status)) return "model";
    const message = messageIn(body);
    if (OWN_FAILURE.test(message)) return "model";
    if (OTHER_CLEANING.test(message)) return "cleaning";
    return TOO_LARGE.test(message) ? "size" : "request";
}

/** Model servers wrap the message of an exception in an object. */
function messageIn(body: string): string {
    try {
        const { message } = JSON.parse(body) as { readonly message?: unknown };
        return typeof message === "string" ? message : body;
    } catch {
        return body;
    }
}
