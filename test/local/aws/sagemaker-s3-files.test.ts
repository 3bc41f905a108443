import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, HeadObjectCommand, ListMultipartUploadsCommand, S3Client } from "@aws-sdk/client-s3";
import { createS3, type S3 } from "../../../local/aws/s3";
import { s3FilesOf } from "../../../local/aws/sagemaker/s3-files";
import { type Caller, root } from "../../../local/aws/service";
import { type ServiceUnderTest, startService } from "./service-under-test";

const Bucket = "artifacts";
/** The smallest that S3 takes: a part of the usual size is of a file that takes seconds to make. */
const partBytes = 5 * 1024 * 1024;
const keyArn = "arn:aws:kms:eu-central-1:000000000000:key/1";

describe("files of a SageMaker job that are larger than a part", () => {
    let twin: ServiceUnderTest<S3>;
    let s3: S3Client;
    let folder: string;

    beforeEach(async () => {
        folder = mkdtempSync(join(tmpdir(), "sortline-files-"));
        twin = await startService((context) => {
            const service = createS3(context);
            Object.assign(context.services(), { s3: service });
            return service;
        });
        s3 = new S3Client(twin.client);
        await s3.send(new CreateBucketCommand({ Bucket }));
    });
    afterEach(async () => {
        s3.destroy();
        await twin.stop();
        rmSync(folder, { recursive: true });
    });

    const files = (caller: Caller = root, bytes = partBytes) => s3FilesOf(twin.context, caller, bytes);
    const address = (key: string) => `s3://${Bucket}/${key}`;
    function fileOf(content: Buffer): string {
        const file = join(folder, "checkpoint.pt");
        writeFileSync(file, content);
        return file;
    }

    for (const [bytes, parts] of [
        [2 * partBytes + 1, 3],
        [2 * partBytes, 2],
    ] as const) {
        it(`are uploaded in parts, and come back as they were: ${bytes} bytes`, async () => {
            const content = randomBytes(bytes);
            await files().uploadFile(fileOf(content), address("checkpoint.pt"), keyArn);
            const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "checkpoint.pt" }));
            assert.match(head.ETag ?? "", new RegExp(`-${parts}"$`));
            assert.equal(head.SSEKMSKeyId, keyArn);
            const back = join(folder, "below", "back.pt");
            await files().download(address("checkpoint.pt"), back);
            assert.ok(readFileSync(back).equals(content));
        });
    }

    it("are one object without parts where they are no larger than one", async () => {
        for (const content of [randomBytes(partBytes), Buffer.alloc(0)]) {
            await files().uploadFile(fileOf(content), address("model"));
            const { ETag } = await s3.send(new HeadObjectCommand({ Bucket, Key: "model" }));
            assert.match(ETag ?? "", /^"[0-9a-f]{32}"$/);
            await files().download(address("model"), join(folder, "back"));
            assert.ok(readFileSync(join(folder, "back")).equals(content));
        }
    });

    it("leave no part behind where the upload fails, also for a role that may not abort it", async () => {
        await twin.clientOf("job", { Effect: "Allow", Action: "s3:PutObject", Resource: `arn:aws:s3:::${Bucket}/*` });
        const job = files({ kind: "role", roleArn: "arn:aws:iam::000000000000:role/job" }, partBytes - 1);
        const file = fileOf(randomBytes(2 * partBytes));
        await assert.rejects(job.uploadFile(file, address("checkpoint.pt")), { code: "EntityTooSmall" });
        const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
        assert.deepEqual(Uploads ?? [], []);
        assert.deepEqual(readdirSync(join(twin.folder, "objects")), []);
    });

    it("are read piece by piece, whole also when the object is replaced meanwhile", async () => {
        const content = randomBytes(2 * partBytes);
        await files().uploadFile(fileOf(content), address("model"));
        const pieces: Buffer[] = [];
        for await (const piece of twin.service.openObject(Bucket, "model", root)) {
            if (pieces.length === 0) await files().uploadFile(fileOf(Buffer.from("new")), address("model"));
            pieces.push(piece);
        }
        assert.ok(Buffer.concat(pieces).equals(content));
        assert.ok(pieces.length > 10, `${pieces.length} pieces`);
        assert.throws(() => twin.service.openObject(Bucket, "none", root), { code: "NoSuchKey" });
    });
});
