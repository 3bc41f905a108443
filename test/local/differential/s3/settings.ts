import type { Difference } from "../comparison";
import { refused } from "./refused";

export const settings: readonly Difference[] = [
    {
        right: "twin",
        because: "Since 2023 every bucket has an encryption configuration.",
        at: {
            "configuration > encryption": {
                status: [200, 404],
                output: [
                    {
                        ServerSideEncryptionConfiguration: {
                            Rules: [
                                {
                                    ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" },
                                    BucketKeyEnabled: false,
                                },
                            ],
                        },
                    },
                    undefined,
                ],
                error: [
                    undefined,
                    {
                        BucketName: "configuration",
                        RequestId: "<id>",
                        HostId: "<id>",
                        code: "ServerSideEncryptionConfigurationNotFoundError",
                        message: "The server side encryption configuration was not found",
                    },
                ],
            },
        },
    },
    {
        right: "twin",
        because: "InvalidTag, as documented: tag keys are unique.",
        at: {
            "tags > put one twice": refused(
                400,
                { TagKey: "x", code: "InvalidTag", message: "Cannot provide multiple Tags with the same key" },
                {},
            ),
        },
    },
    {
        right: "twin",
        because: "S3's own words for an invalid tag, with the key.",
        at: {
            "tags > put another character": {
                "error.TagKey": ["x", undefined],
                "error.message": [
                    "The TagValue you have provided is invalid",
                    "1 validation error detected: Value '<1>' at 'tags.1.member.value' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[{a-zA-Z0-9 }_.://=+-@%]*$",
                ],
            },
            "tags > put AWS's own": {
                "error.TagKey": ["aws:x", undefined],
            },
        },
    },
    {
        right: "twin",
        because: "200, as documented; S3 was also seen to answer 204. Clients take both.",
        at: {
            "tags > put the bucket's": {
                status: [200, 204],
            },
        },
    },
    {
        right: "twin",
        because: "As documented: the default since September 2024.",
        at: {
            "configuration > put lifecycle": {
                "output.TransitionDefaultMinimumObjectSize": ["all_storage_classes_128K", undefined],
            },
        },
    },
    {
        right: "twin",
        because: "Members that moto does not know.",
        at: {
            "configuration > lifecycle": {
                "output.Rules.1.Filter.And.ObjectSizeGreaterThan": [10, undefined],
                "output.Rules.1.NoncurrentVersionExpiration.NewerNoncurrentVersions": [2, undefined],
            },
        },
    },
    {
        right: "twin",
        because: "What the reference says that a rule must be; moto takes anything.",
        at: {
            "configuration > put lifecycle without an action": refused(
                400,
                { code: "InvalidRequest", message: "At least one action needs to be specified in a rule." },
                {},
            ),
            "configuration > put lifecycle with one id twice": refused(
                400,
                { code: "InvalidArgument", message: "Rule ID must be unique. Found same ID for more than one rule" },
                {},
            ),
            "configuration > put lifecycle with a bad date": refused(
                400,
                { code: "InvalidArgument", message: "'Date' must be at midnight GMT" },
                {},
            ),
        },
    },
];
