import { createHash } from "node:crypto";
import {
    CopyObjectCommand,
    GetObjectCommand,
    PutObjectCommand,
    type PutObjectCommandInput,
    paginateListObjectsV2,
    type S3Client,
} from "@aws-sdk/client-s3";
import { LATEST_DATA_SET, type LatestDataSet } from "../../components/runtime/latest-data-set";
import { badInput } from "../exit";
import { type Pipeline, sortlineCommand } from "../next-command";
import { addressText, asFolder, isWithin, type S3Address, s3Address } from "../s3-address";
import { printable } from "../terminal";
import { toCsv } from "./csv-text";
import { CLEANING_METADATA, type DataSetManifest, MANIFEST, readManifest } from "./manifest";
import type { PreparedData } from "./prepare";
import { s3Refusal } from "./s3-refusal";

/** Where a data set is put: a folder in S3. */
export interface DataSetPlace extends S3Address {
    /** ARN of a KMS key that its objects are encrypted with. @default what the bucket says */
    readonly encryption?: string;
}

type ObjectSettings = Pick<PutObjectCommandInput, "Metadata" | "ServerSideEncryption" | "SSEKMSKeyId">;

/** A data set in S3, as jobs take it. */
export interface StoredDataSet {
    /** S3 addresses of folders. */
    readonly train: string;
    readonly test: string;
    readonly manifest: DataSetManifest;
}

/**
 * The data set that lies at an address, made by an earlier `sortline train`; undefined where there is none.
 * @param pipeline that is to learn from it, for what to do.
 * @throws CommandError exit code 2 when its texts went through another cleaning than is needed, or its files are not
 * those that its digest tells of.
 */
export async function storedDataSet(
    s3: S3Client,
    address: S3Address,
    cleaning: string,
    pipeline: Pipeline,
): Promise<StoredDataSet | undefined> {
    const again = `Make it again from the original records: ${sortlineCommand(pipeline, "train --data FILE")}`;
    const stored = await dataSetAt(s3, address);
    if (stored === undefined) return undefined;
    if (stored.manifest.cleaning === cleaning) {
        await checkUnchanged(s3, asFolder(address), stored.manifest, again);
        return stored;
    }
    throw badInput(
        `${addressText(asFolder(address))} has texts of the cleaning ${stored.manifest.cleaning}, and ${cleaning} is needed. ${again}`,
    );
}

/** A model's lineage names the digest of what it learnt from: what was changed since must not go by that name. */
async function checkUnchanged(
    s3: S3Client,
    folder: S3Address,
    { cleaning, digest }: DataSetManifest,
    again: string,
): Promise<void> {
    const wanted = ["train/train.csv", "test/test.csv"].map((name) => `${folder.key}${name}`);
    const others: string[] = [];
    const pages = paginateListObjectsV2({ client: s3 }, { Bucket: folder.bucket, Prefix: folder.key });
    for await (const page of pages) {
        for (const { Key: key = "", Size: size = 0 } of page.Contents ?? []) {
            // The jobs would read it as well.
            const isRead = /^(train|test)\//.test(key.slice(folder.key.length)) && size > 0;
            if (isRead && !wanted.includes(key)) others.push(addressText({ ...folder, key }));
        }
    }
    const hash = createHash("sha256").update(cleaning).update("\0");
    const missing: string[] = [];
    for (const key of wanted) {
        try {
            const { Body } = await s3.send(new GetObjectCommand({ Bucket: folder.bucket, Key: key }));
            for await (const chunk of Body as unknown as AsyncIterable<Uint8Array>) hash.update(chunk);
            hash.update("\0");
        } catch (error) {
            if ((error as Error).name !== "NoSuchKey") throw s3Refusal({ ...folder, key }, error);
            missing.push(addressText({ ...folder, key }));
        }
    }
    const found = hash.digest("hex").slice(0, 16);
    const problems = [
        ...others.map((name) => `${name} was not there when it was made`),
        ...missing.map((name) => `${name} is missing`),
        ...(missing.length === 0 && found !== digest
            ? [`train/train.csv and test/test.csv have the digest ${found}, and ${MANIFEST} says ${digest}`]
            : []),
    ];
    if (problems.length === 0) return;
    throw badInput(
        `${addressText(folder)} is no longer the data set that it was made as: ${printable(problems.join("; "))}. ${again}`,
    );
}

/** The same, whatever cleaning its texts went through. */
export async function dataSetAt(s3: S3Client, address: S3Address): Promise<StoredDataSet | undefined> {
    const folder = asFolder(address);
    const text = await textAt(s3, { ...folder, key: `${folder.key}${MANIFEST}` });
    const manifest = text === undefined ? undefined : readManifest(text);
    if (manifest === undefined) return undefined;
    const uri = addressText(folder);
    return { train: `${uri}train/`, test: `${uri}test/`, manifest };
}

/** Puts a data set where the jobs may read it, as `datasets/<digest>/`. */
export async function storeDataSet(
    s3: S3Client,
    artifacts: DataSetPlace,
    { train, test, account, sources }: PreparedData,
    cleaning: string,
): Promise<StoredDataSet> {
    const files = { train: toCsv(train), test: toCsv(test) };
    const digest = digestOf(cleaning, files.train, files.test);
    const folder = dataSetFolder(artifacts, digest);
    for (const side of ["train", "test"] as const) {
        await s3.send(
            new PutObjectCommand({
                Bucket: folder.bucket,
                Key: `${folder.key}${side}/${side}.csv`,
                Body: files[side],
                ContentType: "text/csv; charset=utf-8",
                Metadata: { [CLEANING_METADATA]: cleaning },
                ...encryptedWith(artifacts),
            }),
        );
    }
    const manifest: DataSetManifest = {
        format: 1,
        cleaning,
        digest,
        testDigest: digestOf(cleaning, files.test),
        account,
        sources: sources.map(({ name }) => name),
    };
    await putJson(s3, { ...folder, key: `${folder.key}${MANIFEST}` }, manifest, {
        Metadata: { [CLEANING_METADATA]: cleaning },
        ...encryptedWith(artifacts),
    });
    const uri = addressText(folder);
    return { train: `${uri}train/`, test: `${uri}test/`, manifest };
}

/**
 * Copies a data set to where the jobs may read it; one that they may read already stays as it is.
 * @param readable what they may read.
 */
export async function withinReach(
    s3: S3Client,
    artifacts: DataSetPlace,
    stored: StoredDataSet,
    readable: readonly S3Address[],
): Promise<StoredDataSet> {
    const source = s3Address(stored.train.replace(/train\/$/, ""));
    if (readable.some((place) => isWithin(source, place))) return stored;
    const folder = dataSetFolder(artifacts, stored.manifest.digest);
    const pages = paginateListObjectsV2({ client: s3 }, { Bucket: source.bucket, Prefix: source.key });
    for await (const page of pages) {
        for (const { Key: key = "" } of page.Contents ?? []) {
            if (!/^(train|test)\/.+\.csv$|^dataset\.json$/.test(key.slice(source.key.length))) continue;
            try {
                await s3.send(
                    new CopyObjectCommand({
                        Bucket: folder.bucket,
                        Key: `${folder.key}${key.slice(source.key.length)}`,
                        CopySource: `${source.bucket}/${key.split("/").map(encodeURIComponent).join("/")}`,
                        ...encryptedWith(artifacts),
                    }),
                );
            } catch (error) {
                throw s3Refusal({ bucket: source.bucket, key }, error, `copied to ${addressText(folder)}`);
            }
        }
    }
    const uri = addressText(folder);
    return { ...stored, train: `${uri}train/`, test: `${uri}test/` };
}

/** Notes a data set as the one that `TrainingJob.start` takes. */
export async function noteLatest(
    s3: S3Client,
    bucket: string,
    { train, test, manifest }: StoredDataSet,
): Promise<void> {
    const latest: LatestDataSet = { train, test, cleaning: manifest.cleaning };
    await putJson(s3, { bucket, key: LATEST_DATA_SET }, latest);
}

/** The key is the jobs' own, which they may decrypt with: that of another bucket's default they may not. */
function encryptedWith({ encryption }: DataSetPlace): ObjectSettings {
    return encryption === undefined ? {} : { ServerSideEncryption: "aws:kms", SSEKMSKeyId: encryption };
}

function dataSetFolder({ bucket, key }: S3Address, digest: string): S3Address {
    return { bucket, key: `${asFolder({ bucket, key }).key}datasets/${digest}/` };
}

function digestOf(...parts: readonly (string | Buffer)[]): string {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part).update("\0");
    return hash.digest("hex").slice(0, 16);
}

async function putJson(
    s3: S3Client,
    { bucket, key }: S3Address,
    content: unknown,
    settings: ObjectSettings = {},
): Promise<void> {
    await s3.send(
        new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Body: `${JSON.stringify(content, undefined, 1)}\n`,
            ContentType: "application/json",
            ...settings,
        }),
    );
}

async function textAt(s3: S3Client, { bucket, key }: S3Address): Promise<string | undefined> {
    try {
        const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return await object.Body?.transformToString("utf8");
    } catch (error) {
        if (["NoSuchKey", "NoSuchBucket"].includes((error as Error).name)) return undefined;
        throw s3Refusal({ bucket, key }, error);
    }
}
