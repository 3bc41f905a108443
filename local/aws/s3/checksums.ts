import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { ChecksumAlgorithm } from "@aws-sdk/client-s3";
import { AwsError } from "../service";

/** The checksums of an object that the twin can compute, by their member in the SDK's shapes; base64. */
export interface Checksums {
    readonly ChecksumCRC32?: string;
    readonly ChecksumCRC32C?: string;
    readonly ChecksumSHA1?: string;
    readonly ChecksumSHA256?: string;
}

const algorithms: { readonly [Name in keyof Required<Checksums>]: (body: Uint8Array) => string } = {
    ChecksumCRC32: (body) => base64(crc32(body)),
    ChecksumCRC32C: (body) => base64(crc32c(body)),
    ChecksumSHA1: (body) => createHash("sha1").update(body).digest("base64"),
    ChecksumSHA256: (body) => createHash("sha256").update(body).digest("base64"),
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
        compare(label, algorithm(body), sent);
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

function base64(value: number): string {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes.toString("base64");
}

/** Castagnoli's polynomial, reflected. */
const table = Uint32Array.from({ length: 256 }, (_, index) => {
    let value = index;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    return value;
});

function crc32c(body: Uint8Array): number {
    let value = 0xffffffff;
    for (const byte of body) value = (table[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
    return (value ^ 0xffffffff) >>> 0;
}
