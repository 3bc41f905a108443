import type { Difference } from "../comparison";
import { refused } from "./refused";

export const objects: readonly Difference[] = [
    {
        right: "twin",
        because: "The naming rules allow lower-case letters, digits, dots and hyphens.",
        at: {
            "buckets > create with a bad name": refused(
                400,
                { BucketName: "Bad_Name", code: "InvalidBucketName", message: "The specified bucket is not valid." },
                { Location: "/Bad_Name" },
            ),
        },
    },
    {
        right: "twin",
        because: "S3 names the bucket in errors about it.",
        at: {
            "buckets > create with a short name": {
                "error.BucketName": ["ab", undefined],
            },
        },
    },
    {
        right: "twin",
        because: "As documented: in the answer to a request that has a parameter.",
        at: {
            "buckets > list": {
                "output.Buckets.0.BucketRegion": ["eu-central-1", undefined],
            },
        },
    },
    {
        right: "twin",
        because: "A key has at most 1,024 bytes.",
        at: {
            "objects > put with a key that is too long": refused(
                400,
                {
                    Size: "1025",
                    MaxSizeAllowed: "1024",
                    code: "KeyTooLongError",
                    message: "Your key is too long: 1025 bytes; the maximum is 1024.",
                },
                { ChecksumCRC32: "g9zvtw==", ETag: '"c4ca4238a0b923820dcc509a6f75849b"' },
            ),
        },
    },
    {
        right: "twin",
        because: "They were asked for; moto knows fewer.",
        at: {
            "objects > attributes": {
                "output.StorageClass": ["STANDARD", undefined],
                "output.ObjectSize": [4, undefined],
            },
        },
    },
    {
        right: "both",
        because:
            "A checksum of all of the object, when a range happens to be all of it; S3 does not document which it is.",
        at: {
            "ranges > bytes=-100": {
                "output.ChecksumCRC32": [undefined, "poTHxg=="],
            },
        },
    },
    {
        right: "twin",
        because: "Every answer of S3 has a request id.",
        at: {
            "ranges > bytes=10-": {
                "headers.request id": ["<id>", undefined],
            },
            "ranges > nothing's bytes=0-": {
                "headers.request id": ["<id>", undefined],
            },
        },
    },
    {
        right: "twin",
        because: "BadDigest, as documented; moto does not compare.",
        at: {
            "checksums > put with a wrong MD5": refused(
                400,
                { code: "BadDigest", message: "The Content-MD5 you specified did not match what we received." },
                { ChecksumCRC32: "O4unxw==", ETag: '"1cb251ec0d568de6a929b520c4aed8d1"' },
            ),
            "checksums > put with a wrong checksum": refused(
                400,
                { code: "BadDigest", message: "The CRC32 you specified did not match the calculated checksum." },
                { ETag: '"1cb251ec0d568de6a929b520c4aed8d1"' },
            ),
        },
    },
    {
        right: "twin",
        because: "412, as documented for x-amz-copy-source-if-match; moto ignores it.",
        at: {
            "copies > copy if it does not match": refused(
                412,
                {
                    Condition: "x-amz-copy-source-If-Match",
                    code: "PreconditionFailed",
                    message: "At least one of the pre-conditions you specified did not hold",
                },
                {
                    CopyObjectResult: {
                        ETag: '"1cb251ec0d568de6a929b520c4aed8d1"',
                        LastModified: "<date>",
                        ChecksumCRC32: "O4unxw==",
                    },
                },
            ),
        },
    },
    {
        right: "twin",
        because: "As documented: in quiet mode only errors are told.",
        at: {
            "deletions of several > delete quietly": {
                "output.Deleted": [undefined, [{ Key: "b" }]],
            },
        },
    },
];
