/** A folder in S3. */
export interface S3Folder {
    readonly bucket: string;
    /** Start of its keys: empty for all of the bucket, else with a slash at its end. */
    readonly key: string;
}

/**
 * Longest address of a folder, in characters: those of what lies in it become properties of a registered model, which
 * have 256 at most.
 */
const LONGEST = 200;

const BUCKET = /^[a-z0-9](?!.*\.\.)[a-z0-9.-]{1,61}[a-z0-9]$/;

/** Characters that the model registry keeps and a policy does not take for a pattern; one or two dots would be another folder. */
const SEGMENT = /^(?!\.{1,2}$)[A-Za-z0-9_.=+@-]+$/;

/** What the address of a folder must be, after "it must be". */
export const S3_FOLDER = `an S3 address such as s3://bucket/folder/, of at most ${LONGEST} characters; folders have letters, digits and _.=+@-`;

/** Reads the address of a folder, with a slash at its end or without; undefined for what is none that is taken. */
export function s3Folder(address: string): S3Folder | undefined {
    if (!address.startsWith("s3://") || address.length > LONGEST) return undefined;
    const [bucket = "", ...segments] = address.slice("s3://".length).replace(/\/$/, "").split("/");
    if (!BUCKET.test(bucket) || !segments.every((segment) => SEGMENT.test(segment))) return undefined;
    return { bucket, key: segments.map((segment) => `${segment}/`).join("") };
}
