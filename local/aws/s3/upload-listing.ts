import type {
    ListMultipartUploadsCommandInput,
    ListMultipartUploadsCommandOutput,
    ListPartsCommandInput,
    ListPartsCommandOutput,
} from "@aws-sdk/client-s3";
import type { TwinContext } from "../context";
import { account, type Operation } from "../service";
import type { ObjectStore } from "./object-store";
import { keyEncoding, pageSize, takePage } from "./pages";
import { checkedKey } from "./properties";
import type { Uploads } from "./uploads";

export interface UploadListingOperations {
    ListParts: Operation<ListPartsCommandInput, ListPartsCommandOutput>;
    ListMultipartUploads: Operation<ListMultipartUploadsCommandInput, ListMultipartUploadsCommandOutput>;
}

const owner = { ID: account };

/** What was uploaded in parts so far. */
export function uploadListingOperations(
    { iam }: Pick<TwinContext, "iam">,
    { buckets, access }: ObjectStore,
    uploads: Uploads,
): UploadListingOperations {
    return {
        async ListParts(input, caller) {
            const bucket = buckets.require(input.Bucket);
            const key = checkedKey(input.Key);
            access.object(caller, "s3:ListMultipartUploadParts", bucket, key);
            const { id, properties, checksum } = uploads.require(bucket, key, input.UploadId);
            const after = Number(input.PartNumberMarker ?? 0);
            const limit = pageSize("max-parts", input.MaxParts);
            const left = uploads.parts(id).filter(({ number }) => number > after);
            const page = left.slice(0, limit);
            return {
                Bucket: bucket,
                Key: key,
                UploadId: id,
                PartNumberMarker: String(after),
                NextPartNumberMarker: String(page.at(-1)?.number ?? 0),
                MaxParts: limit,
                IsTruncated: left.length > page.length,
                Parts: page.map(({ number, etag, checksums, size, modified }) => ({
                    ...checksums,
                    PartNumber: number,
                    LastModified: new Date(modified),
                    ETag: etag,
                    Size: size,
                })),
                ChecksumAlgorithm: checksum?.algorithm,
                ChecksumType: checksum?.type,
                // An account has the id that its objects' owner has, other principals have their ARN.
                Initiator: caller.kind === "root" ? owner : { ID: iam.callerArn(caller) },
                Owner: owner,
                StorageClass: (properties.headers.StorageClass ?? "STANDARD") as "STANDARD",
            };
        },

        async ListMultipartUploads(input, caller) {
            const bucket = buckets.require(input.Bucket);
            access.bucket(caller, "s3:ListBucketMultipartUploads", bucket);
            const { Prefix: prefix = "", Delimiter: delimiter = "", KeyMarker: after = "", UploadIdMarker } = input;
            const limit = pageSize("max-uploads", input.MaxUploads);
            const all = uploads.list(bucket, prefix);
            const marked = all.findIndex(({ key, id }) => key === after && id === UploadIdMarker);
            const left = marked >= 0 ? all.slice(marked + 1) : all.filter(({ key }) => key > after);
            const { items, prefixes, next } = takePage(left, { prefix, delimiter, limit, after });
            const encode = keyEncoding(input.EncodingType);
            return {
                Bucket: bucket,
                KeyMarker: encode(after),
                UploadIdMarker: UploadIdMarker ?? "",
                NextKeyMarker: next === undefined ? "" : encode(next.marker),
                NextUploadIdMarker: next?.item?.id ?? "",
                Prefix: prefix === "" ? undefined : encode(prefix),
                Delimiter: delimiter === "" ? undefined : encode(delimiter),
                EncodingType: input.EncodingType,
                MaxUploads: limit,
                IsTruncated: next !== undefined,
                Uploads: items.map(({ key, id, initiated, properties, checksum }) => ({
                    Key: encode(key),
                    UploadId: id,
                    Initiated: new Date(initiated),
                    StorageClass: (properties.headers.StorageClass ?? "STANDARD") as "STANDARD",
                    ChecksumAlgorithm: checksum?.algorithm,
                    ChecksumType: checksum?.type,
                    Owner: owner,
                    Initiator: owner,
                })),
                CommonPrefixes: prefixes.map((common) => ({ Prefix: encode(common) })),
            };
        },
    };
}
