import type { GetObjectCommandInput, HeadObjectCommandInput, PutObjectCommandInput } from "@aws-sdk/client-s3";
import { AwsError } from "../service";
import type { Buckets } from "./buckets";
import { bucketEncryption } from "./documents";
import { notImplemented } from "./errors";
import type { ObjectProperties, StoredObject } from "./versions";

const kept = [
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "StorageClass",
] as const;

/** The headers that an object gives back as they were sent. */
export function objectHeaders(input: Pick<PutObjectCommandInput, (typeof kept)[number]>): Record<string, string> {
    const headers: Record<string, string> = { ContentType: "application/octet-stream" };
    for (const name of kept) {
        const value = input[name];
        if (value !== undefined) headers[name] = value instanceof Date ? value.toISOString() : value;
    }
    // S3 does not tell of the standard class.
    if (headers.StorageClass === "STANDARD") delete headers.StorageClass;
    return headers;
}

/** What a reader wants the headers of this one answer to be instead. */
export function responseHeaders(input: GetObjectCommandInput | HeadObjectCommandInput) {
    const headers = {
        CacheControl: input.ResponseCacheControl,
        ContentDisposition: input.ResponseContentDisposition,
        ContentEncoding: input.ResponseContentEncoding,
        ContentLanguage: input.ResponseContentLanguage,
        ContentType: input.ResponseContentType,
        Expires: input.ResponseExpires,
    };
    return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
}

/** How an object is encrypted: as the request says, otherwise as the bucket does. On the twin this is bookkeeping. */
export function objectEncryption(
    buckets: Pick<Buckets, "document">,
    bucket: string,
    input: Pick<PutObjectCommandInput, "ServerSideEncryption" | "SSEKMSKeyId" | "BucketKeyEnabled">,
): ObjectProperties["encryption"] {
    if (input.ServerSideEncryption === undefined) return bucketEncryption(buckets, bucket);
    return { algorithm: input.ServerSideEncryption, keyArn: input.SSEKMSKeyId, bucketKey: input.BucketKeyEnabled };
}

const unsupported: Readonly<Record<string, string>> = {
    SSECustomerKey: "encryption with a key that the client sends",
    SSECustomerAlgorithm: "encryption with a key that the client sends",
    WebsiteRedirectLocation: "website redirects",
    ObjectLockMode: "object lock",
    ObjectLockLegalHoldStatus: "object lock",
    WriteOffsetBytes: "appending to an object",
    IfMatchLastModifiedTime: "conditional deletion by time",
    LastModifiedTime: "conditional deletion by time",
    IfMatchSize: "conditional deletion by size",
    Size: "conditional deletion by size",
    MFA: "deletion with multi-factor authentication",
};

/** @throws AwsError `NotImplemented` naming what the request asks for and the twin lacks; `AccessControlListNotSupported` */
export function refuseUnsupported(input: object): void {
    for (const [name, value] of Object.entries(input) as [string, unknown][]) {
        const feature = unsupported[name];
        if (feature !== undefined && value !== undefined) throw notImplemented(feature);
    }
    const acl = "ACL" in input ? input.ACL : undefined;
    if (acl !== undefined && acl !== "private" && acl !== "bucket-owner-full-control") {
        throw new AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs");
    }
}

/** @throws AwsError when a key is empty or longer than S3 takes. */
export function checkedKey(key: string | undefined): string {
    if (key === undefined || key === "") throw new AwsError("InvalidArgument", "The object key is empty.");
    const length = Buffer.byteLength(key);
    if (length > 1024) {
        throw new AwsError("KeyTooLongError", `Your key is too long: ${length} bytes; the maximum is 1024.`, 400, {
            Size: length,
            MaxSizeAllowed: 1024,
        });
    }
    return key;
}

export function encryptionHeaders({ encryption }: Pick<StoredObject, "encryption">) {
    return {
        ServerSideEncryption: encryption.algorithm as NonNullable<PutObjectCommandInput["ServerSideEncryption"]>,
        SSEKMSKeyId: encryption.keyArn,
        BucketKeyEnabled: encryption.bucketKey === true ? true : undefined,
    };
}
