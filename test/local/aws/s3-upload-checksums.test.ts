import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { type CompletedPart, type CompleteMultipartUploadCommandInput, S3 } from "@aws-sdk/client-s3";
import { createS3, type S3 as S3Service } from "../../../local/aws/s3";
import { type ServiceUnderTest, startService } from "./service-under-test";

const target = { Bucket: "mail", Key: "model" };
const contents = [Buffer.alloc(5 << 20, "sortline"), Buffer.from("the end")];
const whole = Buffer.concat(contents);

const crc = (bytes: Uint8Array) => {
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(bytes));
    return sum;
};
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
const composite = (sum: (bytes: Uint8Array) => Buffer) =>
    `${sum(Buffer.concat(contents.map(sum))).toString("base64")}-${contents.length}`;

describe("Checksums of uploads to the twin's S3", () => {
    let twin: ServiceUnderTest<S3Service>;
    let s3: S3;

    beforeEach(async () => {
        twin = await startService(createS3);
        s3 = new S3(twin.client);
        await s3.createBucket({ Bucket: target.Bucket });
    });

    afterEach(async () => {
        s3.destroy();
        await twin.stop();
    });

    type Declared = Parameters<S3["createMultipartUpload"]>[0];

    /** Begins an upload and puts its parts; the SDK sends a checksum of each, CRC32 unless another is declared. */
    async function upload(declared: Partial<Declared> = {}) {
        const begun = await s3.createMultipartUpload({ ...target, ...declared });
        const parts: CompletedPart[] = [];
        for (const [index, Body] of contents.entries()) {
            const { $metadata: _, ...part } = await s3.uploadPart({
                ...target,
                UploadId: begun.UploadId,
                PartNumber: index + 1,
                Body,
                ChecksumAlgorithm: declared.ChecksumAlgorithm,
            });
            const sums = Object.entries(part).filter(([name]) => name.startsWith("Checksum"));
            parts.push({ PartNumber: index + 1, ETag: part.ETag, ...Object.fromEntries(sums) });
        }
        const complete = (more: Partial<CompleteMultipartUploadCommandInput> = {}, Parts = parts) =>
            s3.completeMultipartUpload({
                ...target,
                UploadId: begun.UploadId,
                MultipartUpload: { Parts },
                ...more,
            });
        return { begun, parts, complete };
    }
    const plain = (parts: CompletedPart[]) => parts.map(({ PartNumber, ETag }) => ({ PartNumber, ETag }));
    const head = () => s3.headObject({ ...target, ChecksumMode: "ENABLED" });

    const cases = [
        [{ ChecksumAlgorithm: "CRC32" }, "ChecksumCRC32", "COMPOSITE", composite(crc)],
        [{ ChecksumAlgorithm: "SHA256" }, "ChecksumSHA256", "COMPOSITE", composite(sha256)],
        [
            { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" },
            "ChecksumCRC32",
            "FULL_OBJECT",
            crc(whole).toString("base64"),
        ],
    ] as const;
    for (const [declared, member, type, expected] of cases) {
        it(`gives an object the ${type} ${member.replace("Checksum", "")} that its upload declared`, async () => {
            const { begun, parts, complete } = await upload(declared);
            assert.deepEqual([begun.ChecksumAlgorithm, begun.ChecksumType], [declared.ChecksumAlgorithm, type]);
            const [listed] = (await s3.listMultipartUploads({ Bucket: target.Bucket })).Uploads ?? [];
            assert.deepEqual([listed?.ChecksumAlgorithm, listed?.ChecksumType], [declared.ChecksumAlgorithm, type]);
            const kept = await s3.listParts({ ...target, UploadId: begun.UploadId });
            assert.deepEqual([kept.ChecksumAlgorithm, kept.ChecksumType], [declared.ChecksumAlgorithm, type]);
            assert.deepEqual(
                kept.Parts?.map((part) => part[member]),
                parts.map((part) => part[member]),
            );
            const done = await complete({ [member]: expected, ChecksumType: type, MpuObjectSize: whole.length });
            assert.deepEqual([done[member], done.ChecksumType], [expected, type]);
            const found = await head();
            assert.deepEqual([found[member], found.ChecksumType], [expected, type]);
            const [entry] = (await s3.listObjectsV2({ Bucket: target.Bucket })).Contents ?? [];
            assert.deepEqual([entry?.ChecksumAlgorithm, entry?.ChecksumType], [[declared.ChecksumAlgorithm], type]);
            const { Body } = await s3.getObject({ ...target, ChecksumMode: "ENABLED" });
            assert.equal((await Body?.transformToByteArray())?.length, whole.length);
        });
    }

    it("gives an object the CRC64NVME of all its bytes, as one in one part has it, also when nothing was declared", async () => {
        const one = await s3.putObject({ ...target, Body: whole, ChecksumAlgorithm: "CRC64NVME" });
        assert.ok(one.ChecksumCRC64NVME);
        for (const declared of [{ ChecksumAlgorithm: "CRC64NVME" as const }, {}]) {
            const { complete, parts } = await upload(declared);
            await complete({}, plain(parts));
            const found = await head();
            assert.deepEqual([found.ChecksumCRC64NVME, found.ChecksumType], [one.ChecksumCRC64NVME, "FULL_OBJECT"]);
        }
    });

    it("computes the checksums of copied parts", async () => {
        await s3.putObject({ Bucket: target.Bucket, Key: "source", Body: contents[0] });
        const { UploadId } = await s3.createMultipartUpload({ ...target, ChecksumAlgorithm: "SHA256" });
        const { CopyPartResult: copied } = await s3.uploadPartCopy({
            ...target,
            UploadId,
            PartNumber: 1,
            CopySource: `${target.Bucket}/source`,
        });
        assert.equal(copied?.ChecksumSHA256, sha256(whole.subarray(0, 5 << 20)).toString("base64"));
    });

    it("refuses to complete what is not as the end of the upload says, keeps nothing of it, and the upload", async () => {
        for (const declared of [
            {},
            { ChecksumAlgorithm: "CRC32" as const },
            { ChecksumAlgorithm: "CRC32" as const, ChecksumType: "FULL_OBJECT" as const },
        ]) {
            const { begun, complete, parts } = await upload(declared);
            const files = readdirSync(join(twin.folder, "objects")).length;
            await assert.rejects(complete({ ChecksumCRC32: "AAAAAA==" }), { name: "BadDigest", message: /CRC32/ });
            const wrong = parts.map((part) => ({ ...part, ChecksumCRC32: "AAAAAA==" }));
            await assert.rejects(complete({}, wrong), { name: "InvalidPart" });
            await assert.rejects(complete({ MpuObjectSize: 99 }), {
                name: "InvalidRequest",
                message: new RegExp(`99 .*: ${whole.length}$`),
            });
            await assert.rejects(head(), { name: "NotFound" });
            assert.equal(readdirSync(join(twin.folder, "objects")).length, files);
            await s3.abortMultipartUpload({ ...target, UploadId: begun.UploadId });
        }
    });

    it("refuses checksums of another kind than the upload declared", async () => {
        const { begun, complete, parts } = await upload({ ChecksumAlgorithm: "SHA256" });
        const other = { ...target, UploadId: begun.UploadId, PartNumber: 1, Body: "x" };
        await assert.rejects(s3.uploadPart(other), {
            name: "InvalidRequest",
            message: /expected checksum Type: sha256, actual checksum Type: crc32/,
        });
        await assert.rejects(complete({}, plain(parts)), {
            name: "InvalidRequest",
            message: /created using a sha256 checksum.* missing for part 1 /,
        });
        await assert.rejects(complete({ ChecksumType: "FULL_OBJECT" }), { name: "BadDigest" });
        for (const [ChecksumAlgorithm, ChecksumType] of [
            ["SHA256", "FULL_OBJECT"],
            ["CRC64NVME", "COMPOSITE"],
        ] as const) {
            await assert.rejects(s3.createMultipartUpload({ ...target, ChecksumAlgorithm, ChecksumType }), {
                name: "InvalidRequest",
                message: new RegExp(`The ${ChecksumType} checksum type cannot be used`),
            });
        }
    });
});
