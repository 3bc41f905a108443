import type { Difference } from "../comparison";
import { refused } from "./refused";

export const uploads: readonly Difference[] = [
    {
        right: "twin",
        because: "InvalidArgument with the range of part numbers, as for 10,001.",
        at: {
            "uploads in parts > part 0": {
                status: [400, 404],
                "error.ArgumentName": ["partNumber", undefined],
                "error.ArgumentValue": ["0", undefined],
                "error.UploadId": [undefined, "0"],
                "error.code": ["InvalidArgument", "NoSuchUpload"],
                "error.message": [
                    "Part number must be an integer between 1 and 10000, inclusive",
                    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
                ],
            },
        },
    },
    {
        right: "twin",
        because: "NoSuchUpload; moto's server fails.",
        at: {
            "uploads in parts > part of none": {
                status: [404, undefined],
                "headers.request id": ["<id>", undefined],
                "error.UploadId": ["<UploadId 3>", undefined],
                "error.RequestId": ["<id>", undefined],
                "error.HostId": ["<id>", undefined],
                "error.code": ["NoSuchUpload", "an answer that the SDK cannot read"],
                "error.message": [
                    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
                    undefined,
                ],
            },
        },
    },
    {
        right: "twin",
        because: "As documented: the range must be within the source.",
        at: {
            "uploads in parts > copied part beyond the end": refused(
                400,
                {
                    ArgumentName: "x-amz-copy-source-range",
                    ArgumentValue: "bytes=2-40",
                    code: "InvalidArgument",
                    message:
                        "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy; the source has 10 bytes.",
                },
                { CopyPartResult: { ETag: '"4428c6c474502e61151877825bb41961"', LastModified: "<date>" } },
            ),
        },
    },
    {
        right: "twin",
        because: "moto has taken the part that the twin refused, from beyond the end of its source.",
        at: {
            "uploads in parts > parts": {
                "output.Parts.2.ETag": ['"289dff07669d7a23de0ef88d2f7129e7"', '"4428c6c474502e61151877825bb41961"'],
                "output.Parts.2.Size": [3, 8],
            },
        },
    },
    {
        right: "twin",
        because: "As documented: a part's checksum, where it was sent.",
        at: {
            "uploads in parts > parts": {
                "output.Parts.0.ChecksumCRC32": ["BwQzxA==", undefined],
                "output.Parts.1.ChecksumCRC32": ["APwzsQ==", undefined],
            },
            "uploads in parts > parts, page 1": {
                "output.Parts.0.ChecksumCRC32": ["BwQzxA==", undefined],
            },
            "uploads in parts > parts, page 2": {
                "output.Parts.0.ChecksumCRC32": ["APwzsQ==", undefined],
            },
        },
    },
    {
        right: "both",
        because: "Elements that S3 has in every answer; empty on the last page.",
        at: {
            "uploads in parts > uploads": {
                "output.NextKeyMarker": ["", undefined],
                "output.NextUploadIdMarker": ["", undefined],
            },
            "uploads in parts > uploads afterwards": {
                "output.NextKeyMarker": ["", undefined],
                "output.NextUploadIdMarker": ["", undefined],
            },
        },
    },
    {
        right: "twin",
        because: "InvalidPartOrder, as documented; moto looks at the sizes first.",
        at: {
            "uploads in parts > complete in another order": {
                "error.code": ["InvalidPartOrder", "EntityTooSmall"],
                "error.message": [
                    "The list of parts was not in ascending order. Parts must be ordered by part number.",
                    "Your proposed upload is smaller than the minimum allowed object size.",
                ],
            },
        },
    },
    {
        right: "twin",
        because: "The messages and members of S3's own answers.",
        at: {
            "uploads in parts > complete with a part that is none": {
                "error.PartNumber": ["7", undefined],
                "error.ETag": ["0", undefined],
                "error.message": [
                    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
                    "One or more of the specified parts could not be found. The part might not have been uploaded, or the specified entity tag might not have matched the part's entity tag.",
                ],
            },
            "uploads in parts > complete with small parts": {
                "error.ETag": ["03c7c0ace395d80182db07ae2c30f034", undefined],
                "error.MinSizeAllowed": ["5242880", undefined],
                "error.PartNumber": ["1", undefined],
                "error.ProposedSize": ["1", undefined],
                "error.message": [
                    "Your proposed upload is smaller than the minimum allowed size",
                    "Your proposed upload is smaller than the minimum allowed object size.",
                ],
            },
        },
    },
    {
        right: "both",
        because: "The address of the object: on the twin one that answers.",
        at: {
            "uploads in parts > complete": {
                "output.Location": ["<address>/uploads/model.tar.gz", "http://uploads.s3.amazonaws.com/model.tar.gz"],
            },
        },
    },
    {
        right: "twin",
        because: "As documented: in a bucket with versioning only.",
        at: {
            "uploads in parts > complete": {
                "output.VersionId": [undefined, "null"],
            },
        },
    },
    {
        right: "twin",
        because: "As documented: the checksum of an upload that named none, since December 2024.",
        at: {
            "uploads in parts > complete": {
                "output.ChecksumCRC64NVME": ["AQBdTd3OzQI=", undefined],
            },
        },
    },
];
