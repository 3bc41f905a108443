import type {
    ListObjectsCommandInput,
    ListObjectsCommandOutput,
    ListObjectsV2CommandInput,
    ListObjectsV2CommandOutput,
    ListObjectVersionsCommandInput,
    ListObjectVersionsCommandOutput,
    ObjectVersionStorageClass,
} from "@aws-sdk/client-s3";
import { AwsError, account, type Caller, type Operation } from "../service";
import type { ObjectStore } from "./object-store";
import { keyEncoding, pageSize, takePage } from "./pages";
import type { ListedObject } from "./versions";

export interface ListingOperations {
    ListObjects: Operation<ListObjectsCommandInput, ListObjectsCommandOutput>;
    ListObjectsV2: Operation<ListObjectsV2CommandInput, ListObjectsV2CommandOutput>;
    ListObjectVersions: Operation<ListObjectVersionsCommandInput, ListObjectVersionsCommandOutput>;
}

interface ListInput {
    readonly Bucket?: string;
    readonly Prefix?: string;
    readonly Delimiter?: string;
    readonly MaxKeys?: number;
}

const owner = { ID: account };

export function listingOperations({ buckets, versions, access }: ObjectStore): ListingOperations {
    function permitted({ Bucket, Prefix = "", Delimiter = "", MaxKeys }: ListInput, caller: Caller, action: string) {
        const bucket = buckets.require(Bucket);
        const limit = pageSize("max-keys", MaxKeys);
        access.bucket(caller, action, bucket, {
            "s3:prefix": Prefix,
            "s3:delimiter": Delimiter,
            "s3:max-keys": String(limit),
        });
        return { bucket, prefix: Prefix, delimiter: Delimiter, limit };
    }

    return {
        async ListObjects(input, caller) {
            const { bucket, prefix, delimiter, limit } = permitted(input, caller, "s3:ListBucket");
            const after = input.Marker ?? "";
            const rows = versions.objects(bucket, { prefix, after });
            const { items, prefixes, next } = takePage(rows, { prefix, delimiter, limit, after });
            const encode = keyEncoding(input.EncodingType);
            return {
                Name: bucket,
                Prefix: encode(prefix),
                Marker: encode(after),
                Delimiter: delimiter === "" ? undefined : encode(delimiter),
                MaxKeys: limit,
                EncodingType: input.EncodingType,
                IsTruncated: next !== undefined,
                // As on S3: without a delimiter the last key of the page is the next marker.
                NextMarker: delimiter === "" || next === undefined ? undefined : encode(next.marker),
                Contents: items.map((item) => ({ ...listed(item, encode), Owner: owner })),
                CommonPrefixes: prefixes.map((common) => ({ Prefix: encode(common) })),
            };
        },

        async ListObjectsV2(input, caller) {
            const { bucket, prefix, delimiter, limit } = permitted(input, caller, "s3:ListBucket");
            const { StartAfter = "", ContinuationToken } = input;
            const after = ContinuationToken === undefined ? StartAfter : fromToken(ContinuationToken);
            const rows = versions.objects(bucket, { prefix, after });
            const { items, prefixes, next } = takePage(rows, { prefix, delimiter, limit, after });
            const encode = keyEncoding(input.EncodingType);
            return {
                Name: bucket,
                Prefix: encode(prefix),
                Delimiter: delimiter === "" ? undefined : encode(delimiter),
                MaxKeys: limit,
                EncodingType: input.EncodingType,
                KeyCount: items.length + prefixes.length,
                IsTruncated: next !== undefined,
                ContinuationToken,
                NextContinuationToken: next && Buffer.from(next.marker, "utf8").toString("base64"),
                StartAfter: input.StartAfter === undefined ? undefined : encode(input.StartAfter),
                Contents: items.map((item) => ({
                    ...listed(item, encode),
                    ...(input.FetchOwner === true ? { Owner: owner } : {}),
                })),
                CommonPrefixes: prefixes.map((common) => ({ Prefix: encode(common) })),
            };
        },

        async ListObjectVersions(input, caller) {
            const { bucket, prefix, delimiter, limit } = permitted(input, caller, "s3:ListBucketVersions");
            const { KeyMarker: after = "", VersionIdMarker: afterVersion = "" } = input;
            if (afterVersion !== "" && after === "") {
                throw new AwsError(
                    "InvalidArgument",
                    "A version-id marker cannot be specified without a key marker.",
                    400,
                    {
                        ArgumentName: "version-id-marker",
                        ArgumentValue: afterVersion,
                    },
                );
            }
            const rows = versions.all(bucket, { prefix, after, afterVersion });
            const { items, prefixes, next } = takePage(rows, { prefix, delimiter, limit, after });
            const encode = keyEncoding(input.EncodingType);
            const shown = items.map(({ kind, version, latest, ...item }) => ({
                kind,
                entry: { Key: encode(item.key), VersionId: version, IsLatest: latest },
                item,
            }));
            return {
                Name: bucket,
                Prefix: encode(prefix),
                Delimiter: delimiter === "" ? undefined : encode(delimiter),
                MaxKeys: limit,
                EncodingType: input.EncodingType,
                KeyMarker: encode(after),
                VersionIdMarker: afterVersion,
                IsTruncated: next !== undefined,
                NextKeyMarker: next && encode(next.marker),
                NextVersionIdMarker: next?.item?.version,
                Versions: shown
                    .filter(({ kind }) => kind === "object")
                    .map(({ entry, item }) => ({
                        ...entry,
                        ...listed(item, encode),
                        StorageClass: item.storageClass as ObjectVersionStorageClass,
                        Owner: owner,
                    })),
                DeleteMarkers: shown
                    .filter(({ kind }) => kind === "marker")
                    .map(({ entry, item }) => ({ ...entry, LastModified: new Date(item.modified), Owner: owner })),
                CommonPrefixes: prefixes.map((common) => ({ Prefix: encode(common) })),
            };
        },
    };
}

function listed(
    { key, size, etag, modified, storageClass, checksumAlgorithms, checksumType }: ListedObject,
    encode: (key: string) => string,
) {
    return {
        Key: encode(key),
        LastModified: new Date(modified),
        ETag: etag,
        Size: size,
        StorageClass: storageClass as "STANDARD",
        ...(checksumAlgorithms.length === 0
            ? {}
            : { ChecksumAlgorithm: [...checksumAlgorithms], ChecksumType: checksumType }),
    };
}

function fromToken(token: string): string {
    const key = Buffer.from(token, "base64");
    if (key.toString("base64") !== token) {
        throw new AwsError("InvalidArgument", "The continuation token provided is incorrect", 400, {
            ArgumentName: "continuation-token",
        });
    }
    return key.toString("utf8");
}
