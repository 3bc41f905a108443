import { createHash } from "node:crypto";
import type { ChecksumAlgorithm } from "@aws-sdk/client-s3";
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
export function verifyChecksums(input: object, body: Buffer): Checksums {
    const verified: Record<string, string> = {};
    for (const [name, sent] of Object.entries(input) as [string, unknown][]) {
        if (typeof sent !== "string") continue;
        if (name === "ContentMD5") compare("Content-MD5", createHash("md5").update(body).digest("base64"), sent);
        if (!/^Checksum(?!Algorithm|Type|Mode)/.test(name)) continue;
        const algorithm = algorithms[name as keyof Checksums];
        const label = name.replace("Checksum", "");
        if (algorithm === undefined) {
            const known = Object.keys(algorithms).map((known) => known.replace("Checksum", ""));
            throw new AwsError(
                "NotImplemented",
                `The local twin cannot verify the checksum ${label}; it knows ${known.join(", ")}.`,
                501,
            );
        }
        const checksum = algorithm();
        checksum.update(body);
        compare(label, checksum.digest().toString("base64"), sent);
        verified[name] = sent;
    }
    return verified;
}

/** Which algorithms an object has a checksum of. */
export function algorithmsOf(checksums: Checksums): ChecksumAlgorithm[] {
    return Object.keys(checksums).map((name) => name.replace("Checksum", "") as ChecksumAlgorithm);
}

/** Checksums as answers have them. The twin has those of whole objects only. */
export function checksumMembers(checksums: Checksums): Checksums & { ChecksumType?: "FULL_OBJECT" } {
    return Object.keys(checksums).length === 0 ? {} : { ...checksums, ChecksumType: "FULL_OBJECT" };
}

function compare(label: string, computed: string, sent: string): void {
    if (computed === sent) return;
    const calculated = label === "Content-MD5" ? "what we received" : "the calculated checksum";
    throw new AwsError("BadDigest", `The ${label} you specified did not match ${calculated}.`);
}
