import type { CompletedPart } from "@aws-sdk/client-s3";
import { AwsError } from "../service";
import type { Bodies } from "./bodies";
import { type ChecksumName, checksumOf, sentChecksums } from "./checksums";
import { malformedXml } from "./errors";
import type { UploadChecksum } from "./upload-checksums";
import type { Part } from "./uploads";

/** Every part but the last has at least this size, in bytes. */
const smallestPart = 5 * 1024 * 1024;

/**
 * The parts that an object is to be made of.
 * @throws AwsError `InvalidPartOrder`, `InvalidPart`, `EntityTooSmall`
 */
export function chosenParts(chosen: readonly CompletedPart[], stored: readonly Part[]): Part[] {
    if (chosen.length === 0) throw malformedXml();
    const numbers = chosen.map(({ PartNumber = 0 }) => PartNumber);
    if (numbers.some((number, index) => number <= (numbers[index - 1] ?? 0))) {
        throw new AwsError(
            "InvalidPartOrder",
            "The list of parts was not in ascending order. Parts must be ordered by part number.",
        );
    }
    return chosen.map(({ PartNumber = 0, ETag = "" }, index) => {
        const part = stored.find(({ number }) => number === PartNumber);
        if (part === undefined || part.etag.replaceAll('"', "") !== ETag.replaceAll('"', "")) {
            throw invalidPart({ PartNumber, ETag });
        }
        if (part.size < smallestPart && index < chosen.length - 1) {
            throw new AwsError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400, {
                ETag: ETag.replaceAll('"', ""),
                MinSizeAllowed: smallestPart,
                PartNumber,
                ProposedSize: part.size,
            });
        }
        return part;
    });
}

/**
 * Compares parts with the checksums that the end of an upload says they have.
 * @param declared The checksum that the upload said it would have.
 * @throws AwsError `InvalidPart` for another one, `InvalidRequest` for one that is missing
 */
export function checkedParts(
    declared: UploadChecksum | undefined,
    chosen: readonly CompletedPart[],
    parts: readonly Part[],
    { read }: Pick<Bodies, "read">,
): readonly Part[] {
    for (const [index, { number, checksums, body }] of parts.entries()) {
        const entry = chosen[index] ?? {};
        const sent = Object.entries(sentChecksums(entry)) as [ChecksumName, string][];
        if (sent.length === 0 && declared?.type === "COMPOSITE") {
            throw new AwsError(
                "InvalidRequest",
                `The upload was created using a ${declared.algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
            );
        }
        for (const [name, value] of sent) {
            if (value !== (checksums[name] ?? checksumOf(name, read(body)).toString("base64")))
                throw invalidPart(entry);
        }
    }
    return parts;
}

/** @throws AwsError `InvalidRequest` when an object has not the size (bytes) that the end of its upload says. */
export function checkObjectSize(expected: number | undefined, size: number): void {
    if (expected === undefined || expected === size) return;
    throw new AwsError(
        "InvalidRequest",
        `The provided 'x-amz-mp-object-size' header value ${expected} does not match what was computed: ${size}`,
    );
}

function invalidPart({ PartNumber, ETag = "" }: CompletedPart): AwsError {
    return new AwsError(
        "InvalidPart",
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
        400,
        { PartNumber, ETag: ETag.replaceAll('"', "") },
    );
}
