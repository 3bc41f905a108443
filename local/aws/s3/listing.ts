import type { ListObjectsV2CommandInput, ListObjectsV2CommandOutput } from "@aws-sdk/client-s3";
import { AwsError, type Operation } from "../service";
import type { Access } from "./access";
import type { Buckets } from "./buckets";
import type { ListedObject, ObjectRows } from "./rows";

export interface ListingOperations {
    ListObjectsV2: Operation<ListObjectsV2CommandInput, ListObjectsV2CommandOutput>;
}

const largestPage = 1000;

export function listingOperations({
    buckets,
    rows,
    access,
}: {
    buckets: Buckets;
    rows: ObjectRows;
    access: Access;
}): ListingOperations {
    return {
        async ListObjectsV2(input, caller) {
            const bucket = buckets.require(input.Bucket);
            const { Prefix = "", Delimiter = "", StartAfter = "", ContinuationToken, EncodingType } = input;
            access.bucket(caller, "s3:ListBucket", bucket, {
                "s3:prefix": Prefix,
                "s3:delimiter": Delimiter,
                "s3:max-keys": String(input.MaxKeys ?? largestPage),
            });
            const limit = Math.min(input.MaxKeys ?? largestPage, largestPage);
            if (limit < 0) throw new AwsError("InvalidArgument", "max-keys must not be negative");
            const after = ContinuationToken === undefined ? StartAfter : fromToken(ContinuationToken);
            const { objects, prefixes, last, truncated } = page(rows.list(bucket, { prefix: Prefix, after }), {
                prefix: Prefix,
                delimiter: Delimiter,
                limit,
                after,
            });
            const encode = EncodingType === "url" ? encodeKey : (key: string) => key;
            return {
                Name: bucket,
                Prefix: encode(Prefix),
                Delimiter: Delimiter === "" ? undefined : encode(Delimiter),
                MaxKeys: limit,
                EncodingType,
                KeyCount: objects.length + prefixes.length,
                IsTruncated: truncated,
                ContinuationToken,
                NextContinuationToken: truncated ? Buffer.from(last, "utf8").toString("base64") : undefined,
                StartAfter: input.StartAfter === undefined ? undefined : encode(input.StartAfter),
                Contents: objects.map(({ key, size, etag, modified }) => ({
                    Key: encode(key),
                    LastModified: new Date(modified),
                    ETag: etag,
                    Size: size,
                    StorageClass: "STANDARD" as const,
                })),
                CommonPrefixes: prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
            };
        },
    };
}

function page(
    rows: Iterable<ListedObject>,
    { prefix, delimiter, limit, after }: { prefix: string; delimiter: string; limit: number; after: string },
) {
    const objects: ListedObject[] = [];
    const prefixes: string[] = [];
    let last = after;
    for (const row of rows) {
        const cut = delimiter === "" ? -1 : row.key.indexOf(delimiter, prefix.length);
        const common = cut < 0 ? undefined : row.key.slice(0, cut + delimiter.length);
        // All keys of one common prefix count once, and the next page starts behind them.
        if (common === undefined || common !== prefixes.at(-1)) {
            if (objects.length + prefixes.length === limit) return { objects, prefixes, last, truncated: limit > 0 };
            if (common === undefined) objects.push(row);
            else prefixes.push(common);
        }
        last = row.key;
    }
    return { objects, prefixes, last, truncated: false };
}

function fromToken(token: string): string {
    const key = Buffer.from(token, "base64");
    if (key.toString("base64") !== token) {
        throw new AwsError("InvalidArgument", "The continuation token provided is incorrect");
    }
    return key.toString("utf8");
}

function encodeKey(key: string): string {
    return encodeURIComponent(key).replaceAll("%2F", "/");
}
