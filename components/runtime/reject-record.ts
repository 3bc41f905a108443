/**
 * Thrown by a handler for a record that can never succeed: it is set aside in the failure bucket with this reason, at
 * once and without a retry, and the rest of the batch goes on. Any other error is taken to be temporary.
 *
 * The reason is stored and shown to people: say what is wrong, without quoting the record.
 */
export class RejectRecord extends Error {
    override readonly name = "RejectRecord";
}

/** By name, so that code which knows nothing of this package can reject too, and two copies of it agree. */
export function isRejection(error: unknown): error is Error {
    return error instanceof Error && error.name === "RejectRecord";
}
