import { createHash } from "node:crypto";
import type { ChecksumAlgorithm, ChecksumType } from "@aws-sdk/client-s3";
import { AwsError } from "../service";
import { type RunningChecksum, runningCrc32, runningCrc32c, runningCrc64Nvme } from "./crc";

/** The checksums of an object that the twin can compute, by their member in the SDK's shapes; base64. */
export interface Checksums {
    readonly ChecksumCRC32?: string;
    readonly ChecksumCRC32C?: string;
    readonly ChecksumCRC64NVME?: string;
    readonly ChecksumSHA1?: string;
    readonly ChecksumSHA256?: string;
}

/** As an object has them; without a type they are of all its bytes. */
export interface ObjectChecksums extends Checksums {
    readonly ChecksumType?: ChecksumType;
}

export type ChecksumName = keyof Checksums;

const algorithms: { readonly [Name in keyof Required<Checksums>]: () => RunningChecksum } = {
    ChecksumCRC32: runningCrc32,
    ChecksumCRC32C: runningCrc32c,
    ChecksumCRC64NVME: runningCrc64Nvme,
    ChecksumSHA1: () => createHash("sha1"),
    ChecksumSHA256: () => createHash("sha256"),
};

/**
 * Compares a body with the checksums that were sent along, and returns those.
 * @throws AwsError `BadDigest` when one differs, `NotImplemented` for an algorithm that the twin cannot compute.
 */
export function verifyChecksums(input: { readonly ContentMD5?: string }, body: Buffer): Checksums {
    const { ContentMD5 } = input;
    if (ContentMD5 !== undefined && ContentMD5 !== createHash("md5").update(body).digest("base64")) {
        throw new AwsError("BadDigest", "The Content-MD5 you specified did not match what we received.");
    }
    const sent = sentChecksums(input);
    for (const [name, value] of Object.entries(sent) as [ChecksumName, string][]) {
        compareChecksum(algorithmOf(name), checksumOf(name, body).toString("base64"), value);
    }
    return sent;
}

/** The checksums that a request has. @throws AwsError `NotImplemented` for an algorithm that the twin cannot compute. */
export function sentChecksums(input: object): Checksums {
    const sent = Object.entries(input).filter(
        ([name, value]) => /^Checksum(?!Algorithm|Type|Mode)/.test(name) && typeof value === "string",
    );
    return Object.fromEntries(sent.map(([name, value]) => [checksumName(algorithmOf(name)), value]));
}

/** The member that has an algorithm's checksum. @throws AwsError `NotImplemented` */
export function checksumName(algorithm: ChecksumAlgorithm): ChecksumName {
    const name = `Checksum${algorithm}`;
    if (name in algorithms) return name as ChecksumName;
    const known = Object.keys(algorithms).map(algorithmOf).join(", ");
    throw new AwsError(
        "NotImplemented",
        `The local twin cannot verify the checksum ${algorithm}; it knows ${known}.`,
        501,
    );
}

function algorithmOf(name: string): ChecksumAlgorithm {
    return name.replace("Checksum", "") as ChecksumAlgorithm;
}

/** Whether the checksum of a whole can be told from those of its parts: S3 has one of the whole then. */
export function isCrc(name: ChecksumName): boolean {
    return name.startsWith("ChecksumCRC");
}

export function runningChecksum(name: ChecksumName): RunningChecksum {
    return algorithms[name]();
}

export function checksumOf(name: ChecksumName, bytes: Uint8Array): Buffer {
    const checksum = runningChecksum(name);
    checksum.update(bytes);
    return checksum.digest();
}

/** @throws AwsError `BadDigest` */
export function compareChecksum(algorithm: ChecksumAlgorithm, computed: string, sent: string): void {
    if (computed === sent) return;
    throw new AwsError("BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`);
}

/** Which algorithms an object has a checksum of. */
export function algorithmsOf(checksums: ObjectChecksums): ChecksumAlgorithm[] {
    return Object.keys(checksums)
        .filter((name) => name in algorithms)
        .map(algorithmOf);
}

/** Checksums as answers have them. */
export function checksumMembers(checksums: ObjectChecksums): ObjectChecksums {
    return Object.keys(checksums).length === 0 ? {} : { ChecksumType: "FULL_OBJECT", ...checksums };
}
