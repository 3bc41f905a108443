import type { Difference } from "../comparison";

export const lists: readonly Difference[] = [
    {
        right: "twin",
        because: "S3 was measured to write a space as + with encoding-type=url, as boto's decoder expects.",
        at: {
            "lists > encoded": {
                "output.Contents.4.Key": ["d+e", "d%20e"],
            },
        },
    },
    {
        right: "twin",
        because: "As documented: a token that was sent is in the answer.",
        at: {
            "lists > page 2": {
                "output.ContinuationToken": ["<ContinuationToken 2>", undefined],
            },
            "lists > page 3": {
                "output.ContinuationToken": ["<ContinuationToken 3>", undefined],
            },
        },
    },
    {
        right: "twin",
        because: "InvalidArgument; moto's server fails.",
        at: {
            "lists > with a bad token": {
                status: [400, undefined],
                "headers.request id": ["<id>", undefined],
                "error.ArgumentName": ["continuation-token", undefined],
                "error.RequestId": ["<id>", undefined],
                "error.HostId": ["<id>", undefined],
                "error.code": ["InvalidArgument", "an answer that the SDK cannot read"],
                "error.message": ["The continuation token provided is incorrect", undefined],
            },
        },
    },
    {
        right: "twin",
        because:
            "As documented: the marker that was sent, and the next one only with a delimiter, as a key or a prefix.",
        at: {
            "lists > version 1": {
                "output.Marker": ["", undefined],
                "output.NextMarker": [undefined, "83725edea4c6f6a7dae4d7f884b59894"],
            },
            "lists > version 1 by delimiter": {
                "output.Marker": ["", undefined],
                "output.NextMarker": ["b/", "450162cfa29e3a67ab8b112dd52ae0cf"],
            },
            "lists > version 1 from a marker": {
                "output.Marker": ["b/c/1", undefined],
            },
        },
    },
    {
        right: "twin",
        because: "The examples in the reference have an empty element.",
        at: {
            "lists > version 1": {
                "output.Prefix": ["", undefined],
            },
            "lists > version 1 by delimiter": {
                "output.Prefix": ["", undefined],
            },
            "lists > version 1 from a marker": {
                "output.Prefix": ["", undefined],
            },
        },
    },
    {
        right: "twin",
        because: "As documented: common prefixes count for max-keys.",
        at: {
            "lists > version 1 by delimiter": {
                "output.Contents.1": [
                    undefined,
                    {
                        Key: "d e",
                        LastModified: "<date>",
                        ETag: '"450162cfa29e3a67ab8b112dd52ae0cf"',
                        Size: 3,
                        StorageClass: "STANDARD",
                        Owner: {
                            DisplayName: "webfile",
                            ID: "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a",
                        },
                    },
                ],
            },
        },
    },
    {
        right: "twin",
        because: "As documented: in a bucket that has or had versioning, the version of before or meanwhile is null.",
        at: {
            "versions > get null": {
                "output.VersionId": ["null", undefined],
            },
            "versions > get while suspended": {
                "output.VersionId": ["null", undefined],
            },
            "versions > delete while suspended": {
                "output.VersionId": ["null", undefined],
            },
        },
    },
    {
        right: "twin",
        because: "S3 names the key and the version in the error.",
        at: {
            "versions > get one that is none": {
                "error.Key": ["a", undefined],
                "error.VersionId": ["<VersionId 6>", undefined],
            },
        },
    },
    {
        right: "twin",
        because: "InvalidArgument: the id is not of the form that S3 gives out.",
        at: {
            "versions > get a bad one": {
                status: [400, 404],
                "error.ArgumentName": ["versionId", undefined],
                "error.ArgumentValue": ["bad", undefined],
                "error.code": ["InvalidArgument", "NoSuchVersion"],
                "error.message": ["Invalid version id specified", "The specified version does not exist."],
            },
        },
    },
    {
        right: "twin",
        because: "As documented: the version that was tagged.",
        at: {
            "versions > tag the first": {
                "output.VersionId": ["<VersionId 1>", undefined],
            },
        },
    },
    {
        right: "twin",
        because: "Working with delete markers: 404 with x-amz-delete-marker: true.",
        at: {
            "versions > get what was deleted": {
                "headers.x-amz-delete-marker": ["true", undefined],
            },
        },
    },
    {
        right: "twin",
        because: "Working with delete markers: 405 MethodNotAllowed, with x-amz-delete-marker: true and Allow: DELETE.",
        at: {
            "versions > get the marker": {
                status: [405, 404],
                "headers.x-amz-delete-marker": ["true", undefined],
                "headers.allow": ["DELETE", undefined],
                "error.Method": ["GET", undefined],
                "error.ResourceType": ["DeleteMarker", undefined],
                "error.code": ["MethodNotAllowed", "NoSuchVersion"],
                "error.message": [
                    "The specified method is not allowed against this resource.",
                    "The specified version does not exist.",
                ],
            },
        },
    },
    {
        right: "twin",
        because: "Working with delete markers: x-amz-delete-marker: true when a marker was made or removed.",
        at: {
            "versions > delete the marker": {
                "headers.x-amz-delete-marker": ["true", undefined],
                "output.DeleteMarker": [true, undefined],
            },
            "versions > delete while suspended": {
                "headers.x-amz-delete-marker": ["true", undefined],
                "output.DeleteMarker": [true, undefined],
            },
        },
    },
    {
        right: "twin",
        because:
            "Managing delete markers: while versioning is suspended, a marker with the version null takes the place of that version.",
        at: {
            "versions > list while suspended": {
                "output.DeleteMarkers": [
                    [
                        {
                            Owner: { ID: "<account>" },
                            Key: "a",
                            VersionId: "null",
                            IsLatest: true,
                            LastModified: "<date>",
                        },
                    ],
                    undefined,
                ],
            },
        },
    },
];
