import { GetObjectCommand, HeadObjectCommand, paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { badInput } from "../exit";
import { addressText, asFolder, type S3Address } from "../s3-address";
import { printable } from "../terminal";
import { CLEANING_METADATA } from "./manifest";
import { s3Refusal } from "./s3-refusal";
import { type DataSource, isRecordFile, recordFileNames } from "./source";

/** Objects that are asked at a time. */
const PARALLEL = 16;

/**
 * The objects of records at an address: the object itself, or all below it. Each is read as a stream.
 * @param cleaning the version that is wanted: objects that say by their metadata that they have it are not cleaned again.
 * @throws CommandError exit code 2 where there are none, S3 refuses, or objects have another version of the cleaning.
 */
export async function s3Sources(s3: S3Client, address: S3Address, cleaning: string): Promise<DataSource[]> {
    const objects = await listed(s3, address);
    if (objects.length === 0) {
        throw badInput(
            `${addressText(address)} has no objects that end in ${recordFileNames}. Give a folder with labelled records (CSV or JSON Lines), or an object.`,
        );
    }
    const versions = await inTurns(objects, (object) => cleaningOf(s3, object));
    const others = objects.filter((_, at) => versions[at] !== undefined && versions[at] !== cleaning);
    if (others.length > 0) {
        const found = [...new Set(versions)].filter((version) => version !== undefined && version !== cleaning);
        const names = others.slice(0, 10).map((each) => `  ${printable(addressText(each))}`);
        const message = `${others.length} of ${objects.length} objects have texts of the cleaning ${found.join(", ")} (metadata ${CLEANING_METADATA}), and ${cleaning} is needed. Texts cannot be cleaned again: give the original records, or deploy a program with that cleaning.`;
        throw badInput([printable(message), ...names, ...(others.length > 10 ? ["  …"] : [])].join("\n"));
    }
    return objects.map((object, at) => ({
        name: addressText(object),
        open: () => contentOf(s3, object),
        cleaning: versions[at],
    }));
}

interface ListedObject extends S3Address {
    /** What both readings must find, so that they read the same. */
    readonly tag: string | undefined;
}

async function listed(s3: S3Client, address: S3Address): Promise<ListedObject[]> {
    const found: ListedObject[] = [];
    const folder = asFolder(address).key;
    try {
        const pages = paginateListObjectsV2({ client: s3 }, { Bucket: address.bucket, Prefix: address.key });
        for await (const page of pages) {
            for (const { Key: key = "", Size: size = 0, ETag: tag } of page.Contents ?? []) {
                if (key === address.key && size > 0) return [{ bucket: address.bucket, key, tag }];
                if (size > 0 && key.startsWith(folder) && isRecordFile(key)) {
                    found.push({ bucket: address.bucket, key, tag });
                }
            }
        }
    } catch (error) {
        throw s3Refusal(address, error);
    }
    return found;
}

async function cleaningOf(s3: S3Client, object: S3Address): Promise<string | undefined> {
    try {
        const { Metadata } = await s3.send(new HeadObjectCommand({ Bucket: object.bucket, Key: object.key }));
        return Metadata?.[CLEANING_METADATA];
    } catch (error) {
        throw s3Refusal(object, error);
    }
}

async function* contentOf(s3: S3Client, object: ListedObject): AsyncGenerator<Uint8Array> {
    const { bucket, key, tag } = object;
    try {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: tag }));
        if (Body !== undefined) yield* Body as unknown as AsyncIterable<Uint8Array>;
    } catch (error) {
        throw s3Refusal(object, error);
    }
}

async function inTurns<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
    const results: Result[] = [];
    for (let from = 0; from < items.length; from += PARALLEL) {
        results.push(...(await Promise.all(items.slice(from, from + PARALLEL).map(work))));
    }
    return results;
}
