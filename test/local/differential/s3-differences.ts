import type { Differences, RepeatedDifference } from "./comparison";
import { lists } from "./s3/lists";
import { objects } from "./s3/objects";
import { settings } from "./s3/settings";
import { uploads } from "./s3/uploads";

const motoOwner = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a";

const repeated: readonly RepeatedDifference[] = [
    {
        right: "twin",
        because:
            "Documents are application/xml, and an answer without a body has no type; moto's server adds text/html.",
        members: [
            ["headers.content-type", 47, undefined, "text/html; charset=utf-8"],
            ["headers.content-type", 8, "application/xml", "text/html; charset=utf-8"],
            ["headers.content-type", 4, undefined, "application/xml"],
            ["headers.content-type", 1, undefined, "application/octet-stream"],
            ["headers.content-type", 2, "application/xml", undefined],
        ],
    },
    {
        right: "both",
        because: "The owner is an id of 64 digits; the twin uses the account's. S3 has no display names any more.",
        members: [
            ["output.Owner.ID", 1, "<account>", "bcaf1ffd86f41161ca5fb16fd081034f"],
            ["output.Owner.DisplayName", 4, undefined, "webfile"],
            ["output.Contents.#.Owner.ID", 8, "<account>", motoOwner],
            ["output.Contents.#.Owner.DisplayName", 8, undefined, "webfile"],
            ["output.Versions.#.Owner.ID", 12, "<account>", motoOwner],
            ["output.Versions.#.Owner.DisplayName", 12, undefined, "webfile"],
            ["output.DeleteMarkers.#.Owner.ID", 1, "<account>", motoOwner],
            ["output.DeleteMarkers.#.Owner.DisplayName", 1, undefined, "webfile"],
            ["output.Owner.ID", 3, "<account>", motoOwner],
            ["output.Uploads.#.Owner.ID", 1, "<account>", motoOwner],
            ["output.Uploads.#.Owner.DisplayName", 1, undefined, "webfile"],
        ],
    },
    {
        right: "twin",
        because:
            "As documented: of an object that was put in one part the checksum is of the full object, and so is CRC64NVME.",
        members: [
            ["output.ChecksumType", 43, "FULL_OBJECT", undefined],
            ["output.CopyObjectResult.ChecksumType", 5, "FULL_OBJECT", undefined],
            ["output.Contents.#.ChecksumType", 41, "FULL_OBJECT", undefined],
            ["output.Versions.#.ChecksumType", 12, "FULL_OBJECT", undefined],
        ],
    },
    {
        right: "twin",
        because: "Since 2023 S3 encrypts every object with SSE-S3 and says so.",
        members: [["output.ServerSideEncryption", 62, "AES256", undefined]],
    },
    {
        right: "twin",
        because: "As documented for all three lists; moto has it in ListObjectsV2 only.",
        members: [
            ["output.Contents.#.ChecksumAlgorithm", 7, ["CRC32"], undefined],
            ["output.Versions.#.ChecksumAlgorithm", 12, ["CRC32"], undefined],
        ],
    },
    {
        right: "twin",
        because:
            "As documented: an initiator that is an account, as root is, has the id of the owner. S3 has no display names any more.",
        members: [
            ["output.Initiator.ID", 3, "<account>", motoOwner],
            ["output.Initiator.DisplayName", 3, undefined, "webfile"],
            ["output.Uploads.#.Initiator.ID", 1, "<account>", "arn:aws:iam::<account>:user/user1-<uuid>"],
            ["output.Uploads.#.Initiator.DisplayName", 1, undefined, "user1-<uuid>"],
        ],
    },
];

/** Where S3 of the twin and of moto differ. "As documented" means in the S3 API Reference, at the operation. */
export const s3Differences: Differences = { listed: [...objects, ...lists, ...uploads, ...settings], repeated };
