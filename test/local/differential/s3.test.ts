import { S3 } from "@aws-sdk/client-s3";
import { compareScenarios, type Scenario } from "./both";
import { s3Differences } from "./s3-differences";

type Clients = { readonly s3: S3 };

const scenarios: Scenario<Clients>[] = [
    {
        name: "buckets",
        async run({ s3 }, { call }) {
            const Bucket = "buckets";
            await call(
                "create",
                s3.createBucket({ Bucket, CreateBucketConfiguration: { LocationConstraint: "eu-central-1" } }),
            );
            await call(
                "create again",
                s3.createBucket({ Bucket, CreateBucketConfiguration: { LocationConstraint: "eu-central-1" } }),
            );
            await call("create with a bad name", s3.createBucket({ Bucket: "Bad_Name" }));
            await call("create with a short name", s3.createBucket({ Bucket: "ab" }));
            await call(
                "create elsewhere",
                s3.createBucket({ Bucket: "else", CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } }),
            );
            await call("head", s3.headBucket({ Bucket }));
            await call("head none", s3.headBucket({ Bucket: "none" }));
            await call("location", s3.getBucketLocation({ Bucket }));
            await call("list", s3.listBuckets({ Prefix: "buckets" }));
            await call("put into none", s3.putObject({ Bucket: "none", Key: "a", Body: "1" }));
            await s3.putObject({ Bucket, Key: "a", Body: "1" });
            await call("delete a full one", s3.deleteBucket({ Bucket }));
            await s3.deleteObject({ Bucket, Key: "a" });
            await call("delete", s3.deleteBucket({ Bucket }));
            await call("delete none", s3.deleteBucket({ Bucket }));
        },
    },
    {
        name: "objects",
        async run({ s3 }, { call }) {
            const Bucket = await bucket(s3, "objects");
            const Expires = new Date("2030-01-01T00:00:00Z");
            const headers = {
                CacheControl: "no-store",
                ContentDisposition: 'attachment; filename="a.eml"',
                ContentEncoding: "gzip",
                ContentLanguage: "de",
                ContentType: "message/rfc822",
                Expires,
                Metadata: { source: "upload", UPPER: "Case" },
            };
            await call("put", s3.putObject({ Bucket, Key: "a", Body: "text" }));
            await call("put nothing", s3.putObject({ Bucket, Key: "empty", Body: "" }));
            await call("put with headers", s3.putObject({ Bucket, Key: "folder/b c+d.eml", Body: "mail", ...headers }));
            await call("get", s3.getObject({ Bucket, Key: "a" }));
            await call("get nothing", s3.getObject({ Bucket, Key: "empty" }));
            await call("get with headers", s3.getObject({ Bucket, Key: "folder/b c+d.eml" }));
            await call(
                "get with other headers",
                s3.getObject({
                    Bucket,
                    Key: "a",
                    ResponseContentType: "text/html",
                    ResponseCacheControl: "max-age=1",
                    ResponseContentDisposition: "inline",
                    ResponseContentLanguage: "fr",
                    ResponseContentEncoding: "identity",
                }),
            );
            await call("get none", s3.getObject({ Bucket, Key: "none" }));
            await call("get from no bucket", s3.getObject({ Bucket: "none", Key: "a" }));
            await call("head", s3.headObject({ Bucket, Key: "a" }));
            await call("head none", s3.headObject({ Bucket, Key: "none" }));
            await call(
                "put in another class",
                s3.putObject({ Bucket, Key: "ia", Body: "1", StorageClass: "STANDARD_IA" }),
            );
            await call("head in another class", s3.headObject({ Bucket, Key: "ia" }));
            await call("put with a key that is too long", s3.putObject({ Bucket, Key: "k".repeat(1025), Body: "1" }));
            await call(
                "attributes",
                s3.getObjectAttributes({ Bucket, Key: "a", ObjectAttributes: ["ETag", "ObjectSize", "StorageClass"] }),
            );
            await call("delete", s3.deleteObject({ Bucket, Key: "a" }));
            await call("delete none", s3.deleteObject({ Bucket, Key: "none" }));
            await call("get what was deleted", s3.getObject({ Bucket, Key: "a" }));
        },
    },
    {
        name: "ranges",
        async run({ s3 }, { call }) {
            const Bucket = await bucket(s3, "ranges");
            await s3.putObject({ Bucket, Key: "a", Body: "0123456789" });
            await s3.putObject({ Bucket, Key: "empty", Body: "" });
            for (const Range of [
                "bytes=0-3",
                "bytes=4-",
                "bytes=-3",
                "bytes=8-100",
                "bytes=-100",
                "bytes=10-",
                "bytes=5-2",
                "bytes=a-b",
                "bytes=0-1,4-5",
            ]) {
                await call(Range, s3.getObject({ Bucket, Key: "a", Range }));
            }
            await call("head bytes=2-4", s3.headObject({ Bucket, Key: "a", Range: "bytes=2-4" }));
            await call("nothing's bytes=0-", s3.getObject({ Bucket, Key: "empty", Range: "bytes=0-" }));
        },
    },
    {
        name: "conditions",
        async run({ s3 }, { call }) {
            const Bucket = await bucket(s3, "conditions");
            const { ETag } = await call("put", s3.putObject({ Bucket, Key: "a", Body: "1" }));
            const other = '"00000000000000000000000000000000"';
            const [past, future] = [new Date("2020-01-01T00:00:00Z"), new Date("2037-01-01T00:00:00Z")];
            const Key = "a";
            await call("get if matches", s3.getObject({ Bucket, Key, IfMatch: ETag }));
            await call("get if other matches", s3.getObject({ Bucket, Key, IfMatch: other }));
            await call("get if none matches", s3.getObject({ Bucket, Key, IfNoneMatch: ETag }));
            await call("get if not other", s3.getObject({ Bucket, Key, IfNoneMatch: other }));
            await call("get if modified since the past", s3.getObject({ Bucket, Key, IfModifiedSince: past }));
            await call("get if modified since the future", s3.getObject({ Bucket, Key, IfModifiedSince: future }));
            await call("get if unmodified since the past", s3.getObject({ Bucket, Key, IfUnmodifiedSince: past }));
            await call("get if unmodified since the future", s3.getObject({ Bucket, Key, IfUnmodifiedSince: future }));
            await call("head if other matches", s3.headObject({ Bucket, Key, IfMatch: other }));
            await call("head if none matches", s3.headObject({ Bucket, Key, IfNoneMatch: ETag }));
            await call("put if new", s3.putObject({ Bucket, Key: "b", Body: "1", IfNoneMatch: "*" }));
            await call("put if new, when it is not", s3.putObject({ Bucket, Key: "b", Body: "2", IfNoneMatch: "*" }));
            await call("put if matches", s3.putObject({ Bucket, Key, Body: "2", IfMatch: ETag }));
            await call("put if matches, when it does not", s3.putObject({ Bucket, Key, Body: "3", IfMatch: ETag }));
            await call(
                "put if matches, when there is none",
                s3.putObject({ Bucket, Key: "none", Body: "3", IfMatch: ETag }),
            );
            await call("get what was put", s3.getObject({ Bucket, Key }));
        },
    },
    {
        name: "checksums",
        async run({ s3 }, { call }) {
            const Bucket = await bucket(s3, "checksums");
            for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "SHA1", "SHA256"] as const) {
                await call(
                    `put with ${ChecksumAlgorithm}`,
                    s3.putObject({ Bucket, Key: ChecksumAlgorithm, Body: "text", ChecksumAlgorithm }),
                );
                await call(
                    `head with ${ChecksumAlgorithm}`,
                    s3.headObject({ Bucket, Key: ChecksumAlgorithm, ChecksumMode: "ENABLED" }),
                );
            }
            await call(
                "put with a wrong MD5",
                s3.putObject({ Bucket, Key: "md5", Body: "text", ContentMD5: "1B2M2Y8AsgTpgAmY7PhCfg==" }),
            );
            await call(
                "put with a wrong checksum",
                s3.putObject({ Bucket, Key: "crc", Body: "text", ChecksumCRC32: "AAAAAA==" }),
            );
        },
    },
    {
        name: "copies",
        async run({ s3 }, { call }) {
            const Bucket = await bucket(s3, "copies");
            const { ETag } = await s3.putObject({
                Bucket,
                Key: "a",
                Body: "text",
                ContentType: "text/plain",
                Metadata: { a: "1" },
                Tagging: "t=1",
            });
            const copy = { Bucket, CopySource: `${Bucket}/a` };
            await call("copy", s3.copyObject({ ...copy, Key: "b" }));
            await call("get the copy", s3.getObject({ Bucket, Key: "b" }));
            await call("tags of the copy", s3.getObjectTagging({ Bucket, Key: "b" }));
            await call(
                "copy with other metadata",
                s3.copyObject({
                    ...copy,
                    Key: "c",
                    MetadataDirective: "REPLACE",
                    Metadata: { b: "2" },
                    ContentType: "text/html",
                }),
            );
            await call("get the copy with other metadata", s3.getObject({ Bucket, Key: "c" }));
            await call(
                "copy with other tags",
                s3.copyObject({ ...copy, Key: "d", TaggingDirective: "REPLACE", Tagging: "u=2" }),
            );
            await call("tags of the copy with other tags", s3.getObjectTagging({ Bucket, Key: "d" }));
            await call("copy to itself", s3.copyObject({ ...copy, Key: "a" }));
            await call("copy if matches", s3.copyObject({ ...copy, Key: "e", CopySourceIfMatch: ETag }));
            await call("copy if it does not match", s3.copyObject({ ...copy, Key: "e", CopySourceIfMatch: '"0"' }));
            await call("copy none", s3.copyObject({ Bucket, Key: "f", CopySource: `${Bucket}/none` }));
            await call("copy from no bucket", s3.copyObject({ Bucket, Key: "f", CopySource: "none/a" }));
        },
    },
    {
        name: "deletions of several",
        async run({ s3 }, { call }) {
            const Bucket = await bucket(s3, "deletions");
            for (const Key of ["a", "b", "c"]) await s3.putObject({ Bucket, Key, Body: Key });
            await call("delete", s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key: "a" }, { Key: "none" }] } }));
            await call(
                "delete quietly",
                s3.deleteObjects({ Bucket, Delete: { Quiet: true, Objects: [{ Key: "b" }] } }),
            );
            await call("delete nothing", s3.deleteObjects({ Bucket, Delete: { Objects: [] } }));
            await call("what is left", s3.listObjectsV2({ Bucket }));
        },
    },
    {
        name: "lists",
        async run({ s3 }, { call }) {
            const Bucket = await bucket(s3, "lists");
            await call("nothing", s3.listObjectsV2({ Bucket }));
            const keys = ["a", "b/1", "b/2", "b/c/1", "d e", "ü&<>", "z"];
            for (const Key of keys) await s3.putObject({ Bucket, Key, Body: Key });
            await call("all", s3.listObjectsV2({ Bucket }));
            await call("with owners", s3.listObjectsV2({ Bucket, FetchOwner: true, MaxKeys: 1 }));
            await call("by prefix", s3.listObjectsV2({ Bucket, Prefix: "b/" }));
            await call("by delimiter", s3.listObjectsV2({ Bucket, Delimiter: "/" }));
            await call("by prefix and delimiter", s3.listObjectsV2({ Bucket, Prefix: "b/", Delimiter: "/" }));
            await call("after a key", s3.listObjectsV2({ Bucket, StartAfter: "b/2" }));
            await call("encoded", s3.listObjectsV2({ Bucket, EncodingType: "url" }));
            await call("none", s3.listObjectsV2({ Bucket, MaxKeys: 0 }));
            const first = await call("page 1", s3.listObjectsV2({ Bucket, MaxKeys: 2, Delimiter: "/" }));
            const second = await call(
                "page 2",
                s3.listObjectsV2({
                    Bucket,
                    MaxKeys: 2,
                    Delimiter: "/",
                    ContinuationToken: first.NextContinuationToken,
                }),
            );
            await call(
                "page 3",
                s3.listObjectsV2({
                    Bucket,
                    MaxKeys: 2,
                    Delimiter: "/",
                    ContinuationToken: second.NextContinuationToken,
                }),
            );
            await call("with a bad token", s3.listObjectsV2({ Bucket, ContinuationToken: "!" }));
            await call("of none", s3.listObjectsV2({ Bucket: "none" }));
            await call("version 1", s3.listObjects({ Bucket, MaxKeys: 3 }));
            await call("version 1 by delimiter", s3.listObjects({ Bucket, MaxKeys: 2, Delimiter: "/" }));
            await call("version 1 from a marker", s3.listObjects({ Bucket, Marker: "b/c/1" }));
        },
    },
    {
        name: "versions",
        async run({ s3 }, { call }) {
            const Bucket = await bucket(s3, "versions");
            const Key = "a";
            const status = (Status: "Enabled" | "Suspended") =>
                s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status } });
            await call("before", s3.getBucketVersioning({ Bucket }));
            await call("put before", s3.putObject({ Bucket, Key, Body: "0" }));
            await call("list before", s3.listObjectVersions({ Bucket }));
            await call("enable", status("Enabled"));
            await call("status", s3.getBucketVersioning({ Bucket }));
            const one = await call("put the first", s3.putObject({ Bucket, Key, Body: "1" }));
            const two = await call("put the second", s3.putObject({ Bucket, Key, Body: "2" }));
            await call("get", s3.getObject({ Bucket, Key }));
            await call("get the first", s3.getObject({ Bucket, Key, VersionId: one.VersionId }));
            await call("get null", s3.getObject({ Bucket, Key, VersionId: "null" }));
            await call("head the first", s3.headObject({ Bucket, Key, VersionId: one.VersionId }));
            await call("get a bad one", s3.getObject({ Bucket, Key, VersionId: "bad" }));
            await call(
                "copy the first",
                s3.copyObject({ Bucket, Key: "copy", CopySource: `${Bucket}/a?versionId=${one.VersionId}` }),
            );
            await call("list", s3.listObjectVersions({ Bucket }));
            const page = await call("page 1", s3.listObjectVersions({ Bucket, MaxKeys: 2 }));
            await call(
                "page 2",
                s3.listObjectVersions({
                    Bucket,
                    MaxKeys: 2,
                    KeyMarker: page.NextKeyMarker,
                    VersionIdMarker: page.NextVersionIdMarker,
                }),
            );
            await call(
                "tag the first",
                s3.putObjectTagging({
                    Bucket,
                    Key,
                    VersionId: one.VersionId,
                    Tagging: { TagSet: [{ Key: "t", Value: "1" }] },
                }),
            );
            await call("tags of the first", s3.getObjectTagging({ Bucket, Key, VersionId: one.VersionId }));
            await call("tags of the newest", s3.getObjectTagging({ Bucket, Key }));
            const marker = await call("delete", s3.deleteObject({ Bucket, Key }));
            await call("get what was deleted", s3.getObject({ Bucket, Key }));
            await call("head what was deleted", s3.headObject({ Bucket, Key }));
            await call("get the marker", s3.getObject({ Bucket, Key, VersionId: marker.VersionId }));
            await call("list with the marker", s3.listObjectVersions({ Bucket, Prefix: "a" }));
            await call("list objects", s3.listObjectsV2({ Bucket }));
            await call("delete a bucket with versions only", s3.deleteBucket({ Bucket }));
            await call("delete the marker", s3.deleteObject({ Bucket, Key, VersionId: marker.VersionId }));
            await call("get what is back", s3.getObject({ Bucket, Key }));
            await call("delete the second", s3.deleteObject({ Bucket, Key, VersionId: two.VersionId }));
            await call("get the one before", s3.getObject({ Bucket, Key }));
            await call("delete one that is none", s3.deleteObject({ Bucket, Key, VersionId: two.VersionId }));
            await call(
                "delete several",
                s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key: "copy" }, { Key, VersionId: one.VersionId }] } }),
            );
            await call("suspend", status("Suspended"));
            await call("put while suspended", s3.putObject({ Bucket, Key, Body: "3" }));
            await call("get while suspended", s3.getObject({ Bucket, Key }));
            await call("delete while suspended", s3.deleteObject({ Bucket, Key }));
            await call("list while suspended", s3.listObjectVersions({ Bucket, Prefix: "a" }));
            await call(
                "get one that is none",
                s3.getObject({ Bucket, Key, VersionId: "DnPJDzAlzyfDR3bCYMJhWbNVR6sEzlAu" }),
            );
        },
    },
    {
        name: "uploads in parts",
        async run({ s3 }, { call }) {
            const Bucket = await bucket(s3, "uploads");
            const Key = "model.tar.gz";
            const large = Buffer.alloc(5 << 20, "x");
            const { UploadId } = await call(
                "create",
                s3.createMultipartUpload({ Bucket, Key, ContentType: "application/gzip", Metadata: { m: "1" } }),
            );
            const target = { Bucket, Key, UploadId };
            const first = await call("part 1", s3.uploadPart({ ...target, PartNumber: 1, Body: large }));
            const second = await call("part 2", s3.uploadPart({ ...target, PartNumber: 2, Body: "end" }));
            await call("part 0", s3.uploadPart({ ...target, PartNumber: 0, Body: "end" }));
            await call("part 10001", s3.uploadPart({ ...target, PartNumber: 10_001, Body: "end" }));
            await s3.putObject({ Bucket, Key: "source", Body: "0123456789" });
            await call(
                "copied part 3",
                s3.uploadPartCopy({
                    ...target,
                    PartNumber: 3,
                    CopySource: `${Bucket}/source`,
                    CopySourceRange: "bytes=2-4",
                }),
            );
            await call(
                "copied part beyond the end",
                s3.uploadPartCopy({
                    ...target,
                    PartNumber: 3,
                    CopySource: `${Bucket}/source`,
                    CopySourceRange: "bytes=2-40",
                }),
            );
            await call("parts", s3.listParts(target));
            await call("parts, page 1", s3.listParts({ ...target, MaxParts: 1 }));
            await call("parts, page 2", s3.listParts({ ...target, MaxParts: 1, PartNumberMarker: "1" }));
            await call("uploads", s3.listMultipartUploads({ Bucket }));
            await call("get before the end", s3.getObject({ Bucket, Key }));
            const Parts = [
                { PartNumber: 1, ETag: first.ETag },
                { PartNumber: 2, ETag: second.ETag },
            ];
            await call(
                "complete in another order",
                s3.completeMultipartUpload({ ...target, MultipartUpload: { Parts: [...Parts].reverse() } }),
            );
            await call(
                "complete with a part that is none",
                s3.completeMultipartUpload({ ...target, MultipartUpload: { Parts: [{ PartNumber: 7, ETag: '"0"' }] } }),
            );
            await call(
                "complete without parts",
                s3.completeMultipartUpload({ ...target, MultipartUpload: { Parts: [] } }),
            );
            await call("complete", s3.completeMultipartUpload({ ...target, MultipartUpload: { Parts } }));
            await call("head", s3.headObject({ Bucket, Key }));
            await call("last bytes", s3.getObject({ Bucket, Key, Range: "bytes=-4" }));
            await call("parts afterwards", s3.listParts(target));
            const small = await s3.createMultipartUpload({ Bucket, Key: "small" });
            const smallTarget = { Bucket, Key: "small", UploadId: small.UploadId };
            const parts = [1, 2].map(async (PartNumber) => ({
                PartNumber,
                ETag: (await s3.uploadPart({ ...smallTarget, PartNumber, Body: "s" })).ETag,
            }));
            await call(
                "complete with small parts",
                s3.completeMultipartUpload({ ...smallTarget, MultipartUpload: { Parts: await Promise.all(parts) } }),
            );
            await call("abort", s3.abortMultipartUpload(smallTarget));
            await call("abort again", s3.abortMultipartUpload(smallTarget));
            await call("uploads afterwards", s3.listMultipartUploads({ Bucket }));
            await call("part of none", s3.uploadPart({ ...target, UploadId: "none", PartNumber: 1, Body: "end" }));
        },
    },
    {
        name: "tags",
        async run({ s3 }, { call }) {
            const Bucket = await bucket(s3, "tags");
            const target = { Bucket, Key: "a" };
            await call("put with tags", s3.putObject({ ...target, Body: "1", Tagging: "a=1&b%20c=2%2F3" }));
            await call("get", s3.getObjectTagging(target));
            await call("head", s3.headObject(target));
            await call("put", s3.putObjectTagging({ ...target, Tagging: { TagSet: [{ Key: "x", Value: "ü @:+" }] } }));
            await call("get again", s3.getObjectTagging(target));
            await call(
                "put one twice",
                s3.putObjectTagging({
                    ...target,
                    Tagging: {
                        TagSet: [
                            { Key: "x", Value: "1" },
                            { Key: "x", Value: "2" },
                        ],
                    },
                }),
            );
            await call(
                "put another character",
                s3.putObjectTagging({ ...target, Tagging: { TagSet: [{ Key: "x", Value: "<1>" }] } }),
            );
            const eleven = Array.from({ length: 11 }, (_, index) => ({ Key: `k${index}`, Value: "v" }));
            await call("put too many", s3.putObjectTagging({ ...target, Tagging: { TagSet: eleven } }));
            await call(
                "put AWS's own",
                s3.putObjectTagging({ ...target, Tagging: { TagSet: [{ Key: "aws:x", Value: "1" }] } }),
            );
            await call("put on none", s3.putObjectTagging({ Bucket, Key: "none", Tagging: { TagSet: [] } }));
            await call("delete", s3.deleteObjectTagging(target));
            await call("get none", s3.getObjectTagging(target));
            await call("bucket's before", s3.getBucketTagging({ Bucket }));
            await call(
                "put the bucket's",
                s3.putBucketTagging({ Bucket, Tagging: { TagSet: [{ Key: "team", Value: "mail" }] } }),
            );
            await call("bucket's", s3.getBucketTagging({ Bucket }));
            await call("delete the bucket's", s3.deleteBucketTagging({ Bucket }));
        },
    },
    {
        name: "configuration",
        async run({ s3 }, { call }) {
            const Bucket = await bucket(s3, "configuration");
            await call("lifecycle before", s3.getBucketLifecycleConfiguration({ Bucket }));
            await call(
                "put lifecycle",
                s3.putBucketLifecycleConfiguration({
                    Bucket,
                    LifecycleConfiguration: {
                        Rules: [
                            { ID: "raw", Status: "Enabled", Filter: { Prefix: "raw/" }, Expiration: { Days: 30 } },
                            {
                                ID: "versions",
                                Status: "Disabled",
                                Filter: {
                                    And: { Prefix: "a/", Tags: [{ Key: "t", Value: "1" }], ObjectSizeGreaterThan: 10 },
                                },
                                NoncurrentVersionExpiration: { NoncurrentDays: 7, NewerNoncurrentVersions: 2 },
                            },
                            {
                                ID: "uploads",
                                Status: "Enabled",
                                Filter: { Prefix: "" },
                                AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 },
                            },
                            {
                                ID: "markers",
                                Status: "Enabled",
                                Filter: { Prefix: "" },
                                Expiration: { ExpiredObjectDeleteMarker: true },
                            },
                        ],
                    },
                }),
            );
            await call("lifecycle", s3.getBucketLifecycleConfiguration({ Bucket }));
            await call(
                "put lifecycle without an action",
                s3.putBucketLifecycleConfiguration({
                    Bucket,
                    LifecycleConfiguration: { Rules: [{ ID: "a", Status: "Enabled", Filter: { Prefix: "" } }] },
                }),
            );
            await call(
                "put lifecycle with one id twice",
                s3.putBucketLifecycleConfiguration({
                    Bucket,
                    LifecycleConfiguration: {
                        Rules: [1, 2].map((Days) => ({
                            ID: "a",
                            Status: "Enabled",
                            Filter: { Prefix: "" },
                            Expiration: { Days },
                        })),
                    },
                }),
            );
            await call(
                "put lifecycle with a bad date",
                s3.putBucketLifecycleConfiguration({
                    Bucket,
                    LifecycleConfiguration: {
                        Rules: [
                            {
                                ID: "a",
                                Status: "Enabled",
                                Filter: { Prefix: "" },
                                Expiration: { Date: new Date("2030-01-01T01:00:00Z") },
                            },
                        ],
                    },
                }),
            );
            await call("delete lifecycle", s3.deleteBucketLifecycle({ Bucket }));
            await call("policy before", s3.getBucketPolicy({ Bucket }));
            const Policy = JSON.stringify({
                Version: "2012-10-17",
                Statement: [
                    {
                        Effect: "Deny",
                        Principal: "*",
                        Action: "s3:*",
                        Resource: `arn:aws:s3:::${Bucket}/secret/*`,
                        Condition: { Bool: { "aws:SecureTransport": "false" } },
                    },
                ],
            });
            await call("put policy", s3.putBucketPolicy({ Bucket, Policy }));
            await call("policy", s3.getBucketPolicy({ Bucket }));
            await call("delete policy", s3.deleteBucketPolicy({ Bucket }));
            await call("encryption", s3.getBucketEncryption({ Bucket }));
            await call(
                "put encryption",
                s3.putBucketEncryption({
                    Bucket,
                    ServerSideEncryptionConfiguration: {
                        Rules: [
                            {
                                ApplyServerSideEncryptionByDefault: {
                                    SSEAlgorithm: "aws:kms",
                                    KMSMasterKeyID: "arn:aws:kms:eu-central-1:000000000000:key/1",
                                },
                                BucketKeyEnabled: true,
                            },
                        ],
                    },
                }),
            );
            await call("put encrypted", s3.putObject({ Bucket, Key: "a", Body: "1" }));
            await call("get encrypted", s3.getObject({ Bucket, Key: "a" }));
            await call("delete encryption", s3.deleteBucketEncryption({ Bucket }));
            await call("public access before", s3.getPublicAccessBlock({ Bucket: "none" }));
            await call(
                "put public access",
                s3.putPublicAccessBlock({
                    Bucket,
                    PublicAccessBlockConfiguration: {
                        BlockPublicAcls: true,
                        IgnorePublicAcls: true,
                        BlockPublicPolicy: true,
                        RestrictPublicBuckets: true,
                    },
                }),
            );
            await call("public access", s3.getPublicAccessBlock({ Bucket }));
            await call("delete public access", s3.deletePublicAccessBlock({ Bucket }));
            await call(
                "put ownership",
                s3.putBucketOwnershipControls({
                    Bucket,
                    OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
                }),
            );
            await call("ownership", s3.getBucketOwnershipControls({ Bucket }));
            await call("delete ownership", s3.deleteBucketOwnershipControls({ Bucket }));
            await call("ownership afterwards", s3.getBucketOwnershipControls({ Bucket }));
            await call("notifications", s3.getBucketNotificationConfiguration({ Bucket }));
        },
    },
];

async function bucket(s3: S3, Bucket: string): Promise<string> {
    await s3.createBucket({ Bucket, CreateBucketConfiguration: { LocationConstraint: "eu-central-1" } });
    return Bucket;
}

compareScenarios(
    "S3 of the twin beside moto's",
    (options) => ({ s3: new S3({ ...options, forcePathStyle: true }) }),
    scenarios,
    s3Differences,
);
