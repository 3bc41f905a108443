import { badInput } from "../exit";
import { addressText, type S3Address } from "../s3-address";
import { printable } from "../terminal";

/** What a person can do about what S3 says, by its error's code or else its status. */
const REMEDIES: Readonly<Record<string, string>> = {
    NoSuchBucket: "there is no such bucket; look at the address",
    PermanentRedirect: "the bucket is in another region; copy the records into one of this region",
    "301": "the bucket is in another region; copy the records into one of this region",
    AccessDenied: "access is denied; look at the address, and at who may list and read it",
    "403": "access is denied; look at the address, and at who may list and read it",
    NoSuchKey: "it is not there; it may have been deleted meanwhile",
    "404": "it is not there; look at the address",
    PreconditionFailed: "it was changed while it was read; run the command again",
    "412": "it was changed while it was read; run the command again",
    InvalidObjectState: "it is archived (Glacier); restore it first, or copy it into another storage class",
};

/**
 * An error of S3 in the words of the person who gave an address: what cannot be read, and what to do.
 * @param what could not be done with it. @default "read"
 * @returns any other error as it is.
 */
export function s3Refusal(address: S3Address, error: unknown, what = "read"): unknown {
    if (!(error instanceof Error)) return error;
    const status = "$metadata" in error ? (error.$metadata as { httpStatusCode?: number }).httpStatusCode : undefined;
    const known = [error.name, String(status)].find((each) => Object.hasOwn(REMEDIES, each));
    if (known === undefined) return error;
    return badInput(`${printable(addressText(address))} cannot be ${what} (${error.name}): ${REMEDIES[known]}.`);
}
