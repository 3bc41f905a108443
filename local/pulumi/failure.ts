import { AwsError } from "../aws/service";
import type { OperationKind } from "./events";
import type { CheckFailure } from "./provider/shape";
import { parseUrn, typeOf } from "./urn";

type Attempt = OperationKind | "check" | "read";

/** What went wrong with one resource, in words for the person who wrote the program. */
export class ResourceFailure extends Error {
    override readonly name = "ResourceFailure";

    constructor(
        readonly urn: string,
        attempt: Attempt,
        cause: unknown,
    ) {
        super(`${typeOf(urn)} "${parseUrn(urn).name}": ${sentences[attempt]}: ${reason(cause)}`, { cause });
    }

    /** All that is wrong with the arguments, at once. */
    static ofArguments(urn: string, failures: readonly CheckFailure[]): ResourceFailure {
        const lines = failures.map(({ property, reason }) => `argument ${property} ${reason}.`);
        return new ResourceFailure(urn, "check", new Error(lines.join("\n  ")));
    }

    static isProtected(urn: string, attempt: "delete" | "replace", because: readonly string[]): ResourceFailure {
        const changed = because.length === 0 ? "" : ` The change of ${because.join(", ")} would replace it.`;
        return new ResourceFailure(
            urn,
            attempt,
            new Error(`it is protected.${changed} Deploy once with "protect: false", or take the change back.`),
        );
    }
}

const sentences: Readonly<Record<Attempt, string>> = {
    check: "is refused",
    create: "could not be created",
    update: "could not be updated",
    replace: "could not be replaced",
    delete: "could not be deleted",
    same: "could not be recorded",
    read: "could not be read",
};

/** What went wrong, with AWS's code and what to do about it where that is known. */
export function reason(cause: unknown): string {
    if (cause instanceof ResourceFailure) return cause.message;
    if (cause instanceof AwsError) {
        const next = advice[cause.code];
        return `${cause.code}: ${cause.message}${next === undefined ? "" : `\n  ${next}`}`;
    }
    return cause instanceof Error ? cause.message : String(cause);
}

/** What to do about errors that are common. */
const advice: Readonly<Record<string, string>> = {
    ResourceConflictException: "Something of this name exists that this stack did not make. Choose another name.",
    ResourceInUseException: "Something of this name exists that this stack did not make. Choose another name.",
    BucketAlreadyOwnedByYou: "A bucket of this name exists that this stack did not make. Choose another name.",
    BucketNotEmpty: "Empty the bucket, or set forceDestroy and deploy, then delete it.",
};
