import { badInput } from "./exit";

/** A bucket and what keys begin with. */
export interface S3Address {
    readonly bucket: string;
    /** Without a slash at its beginning; empty for all of the bucket. */
    readonly key: string;
}

const ADDRESS = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s;

/** True for what is meant as an S3 address, right or wrong. */
export function isS3(text: string): boolean {
    return /^s3:/i.test(text);
}

/** Reads `s3://bucket/key`. @throws CommandError exit code 2 for anything else. */
export function s3Address(text: string): S3Address {
    const match = ADDRESS.exec(text);
    if (match === null) throw badInput(`${JSON.stringify(text)} is not an S3 address (s3://bucket/prefix).`);
    return { bucket: match[1] ?? "", key: match[2] ?? "" };
}

/** The same as a folder: its key is empty or ends with a slash. */
export function asFolder({ bucket, key }: S3Address): S3Address {
    return { bucket, key: key === "" || key.endsWith("/") ? key : `${key}/` };
}

/** Whether an address is a folder's, or of something in it. */
export function isWithin(address: S3Address, folder: S3Address): boolean {
    return address.bucket === folder.bucket && address.key.startsWith(folder.key);
}

export function addressText({ bucket, key }: S3Address): string {
    return `s3://${bucket}/${key}`;
}
