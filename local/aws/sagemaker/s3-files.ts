import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { dirname, join, posix, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import * as tar from "tar";
import type { TwinContext } from "../context";
import { AwsError, type Caller } from "../service";
import { PART_BYTES, uploadObject } from "./s3-upload";

/** An address in S3. */
export interface S3Location {
    readonly bucket: string;
    /** A key or a key's beginning; may be empty. */
    readonly key: string;
}

/** Undefined when it is no S3 address. */
export function parseS3Uri(uri: string): S3Location | undefined {
    const [, bucket, key] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(uri) ?? [];
    return bucket === undefined ? undefined : { bucket, key: key ?? "" };
}

/** @throws AwsError ValidationException when it is no S3 address. */
function s3Location(uri: string): S3Location {
    const location = parseS3Uri(uri);
    if (location !== undefined) return location;
    throw new AwsError("ValidationException", `'${uri}' is not an S3 address such as s3://bucket/key.`);
}

/** Reads and writes objects for SageMaker, with the permissions of an execution role. */
export interface S3Files {
    exists(uri: string): Promise<boolean>;
    /** One object into a file. */
    download(uri: string, file: string): Promise<void>;
    /**
     * All objects below a prefix into a folder.
     * @param part only every so-many-th of them, in the order of their keys, from `index` on; 0 is the first.
     * @returns how many there are below the prefix.
     */
    downloadPrefix(
        uri: string,
        folder: string,
        part?: { readonly index: number; readonly of: number },
    ): Promise<number>;
    /** An archive (tar, gzip) into a folder. */
    extract(uri: string, folder: string): Promise<void>;
    /** @param kmsKey encrypts it. @default what the bucket says */
    uploadFile(file: string, uri: string, kmsKey?: string): Promise<void>;
    /** Every file of a folder, each as an object below the prefix. */
    uploadFolder(folder: string, prefix: string, kmsKey?: string): Promise<void>;
    /** A folder's content as one archive (tar, gzip). */
    uploadArchive(folder: string, uri: string, kmsKey?: string): Promise<void>;
}

/** @param partBytes of an upload; a larger file goes in several parts, of at least 5 MiB each. */
export function s3FilesOf(
    context: Pick<TwinContext, "services">,
    caller: Caller,
    partBytes: number = PART_BYTES,
): S3Files {
    const s3 = () => context.services().s3.operations;

    async function download(uri: string, file: string): Promise<void> {
        const { bucket, key } = s3Location(uri);
        await mkdir(dirname(file), { recursive: true });
        await pipeline(context.services().s3.openObject(bucket, key, caller), createWriteStream(file));
    }

    async function keysBelow({ bucket, key }: S3Location): Promise<string[]> {
        const keys: string[] = [];
        let ContinuationToken: string | undefined;
        do {
            const listed = await s3().ListObjectsV2({ Bucket: bucket, Prefix: key, ContinuationToken }, caller);
            for (const object of listed.Contents ?? []) if (object.Key !== undefined) keys.push(object.Key);
            ContinuationToken = listed.NextContinuationToken;
        } while (ContinuationToken !== undefined);
        return keys;
    }

    async function uploadFile(file: string, uri: string, kmsKey?: string): Promise<void> {
        const { bucket, key } = s3Location(uri);
        const encryption = kmsKey ? ({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: kmsKey } as const) : {};
        const target = { Bucket: bucket, Key: key, ...encryption };
        await uploadObject(file, target, { operations: s3(), caller, partBytes });
    }

    return {
        async exists(uri) {
            const { bucket, key } = s3Location(uri);
            try {
                await s3().HeadObject({ Bucket: bucket, Key: key }, caller);
                return true;
            } catch (error) {
                if (error instanceof AwsError && (error.status === 404 || error.status === 403)) return false;
                throw error;
            }
        },
        download,
        async downloadPrefix(uri, folder, part = { index: 0, of: 1 }) {
            const location = s3Location(uri);
            const keys = (await keysBelow(location)).filter((key) => !key.endsWith("/"));
            // A file keeps its path below the prefix's last slash, as with SageMaker.
            const base = location.key.slice(0, location.key.lastIndexOf("/") + 1);
            await mkdir(folder, { recursive: true });
            for (const key of keys.filter((_, index) => index % part.of === part.index)) {
                const path = posix.normalize(
                    key === location.key ? posix.basename(key) : relative(key, location.key, base),
                );
                if (path.startsWith("..") || path.startsWith("/")) {
                    throw new AwsError(
                        "ValidationException",
                        `The object key '${key}' leads out of the channel's folder.`,
                    );
                }
                await download(`s3://${location.bucket}/${key}`, join(folder, path));
            }
            return keys.length;
        },
        async extract(uri, folder) {
            await mkdir(folder, { recursive: true });
            const archive = join(folder, ".archive.tar.gz");
            await download(uri, archive);
            try {
                await pipeline(createReadStream(archive), tar.x({ cwd: folder, strict: true }));
            } catch (error) {
                throw new AwsError(
                    "ValidationException",
                    `${uri} is not a readable tar.gz archive: ${(error as Error).message}`,
                );
            } finally {
                await rm(archive, { force: true });
            }
        },
        uploadFile,
        async uploadFolder(folder, prefix, kmsKey) {
            for (const file of await filesIn(folder)) {
                const uri = `${prefix.replace(/\/$/, "")}/${file.split(sep).join("/")}`;
                await uploadFile(join(folder, file), uri, kmsKey);
            }
        },
        async uploadArchive(folder, uri, kmsKey) {
            const archive = `${folder}.tar.gz`;
            await tar.c({ cwd: folder, gzip: true, portable: true, file: archive }, await readdir(folder));
            await uploadFile(archive, uri, kmsKey);
            await rm(archive, { force: true });
        },
    };
}

/** `s3://b/data/train` and `s3://b/data/train/` both mean the objects below train; `s3://b/data/tr` their beginning. */
function relative(key: string, prefix: string, base: string): string {
    const below = `${prefix.replace(/\/$/, "")}/`;
    return key.startsWith(below) && prefix !== "" ? key.slice(below.length) : key.slice(base.length);
}

/** The paths of all files in a folder, relative to it, sorted. */
export async function filesIn(folder: string): Promise<string[]> {
    const entries = await readdir(folder, { recursive: true });
    const files: string[] = [];
    for (const entry of entries.sort()) {
        if ((await stat(join(folder, entry))).isFile()) files.push(entry);
    }
    return files;
}
