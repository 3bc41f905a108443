import assert from "node:assert/strict";
import { type FileHandle, open } from "node:fs/promises";
import { createS3, type S3 } from "../../../local/aws/s3";
import { root } from "../../../local/aws/service";
import { type ServiceUnderTest, startService } from "./service-under-test";

describe("What S3 of the twin accepted is on disk", () => {
    const Bucket = "mail";
    let twin: ServiceUnderTest<S3>;
    let steps: string[];
    let restore: () => void;

    beforeEach(async () => {
        twin = await startService(createS3);
        await twin.service.operations.CreateBucket({ Bucket }, root);
        steps = [];
        restore = await watchSyncs();
        watchRows();
    });

    afterEach(async () => {
        restore();
        await twin.stop();
    });

    /** Notes each sync to disk that has ended, by what it was of. */
    async function watchSyncs(): Promise<() => void> {
        const handle = await open(twin.folder, "r");
        const prototype = Object.getPrototypeOf(handle) as Pick<FileHandle, "sync">;
        await handle.close();
        const { sync } = prototype;
        prototype.sync = async function (this: FileHandle) {
            const found = await this.stat();
            await sync.call(this);
            steps.push(found.isDirectory() ? "folder synced" : `file of ${found.size} bytes synced`);
        };
        return () => {
            prototype.sync = sync;
        };
    }

    /** Notes each row that begins to refer to a body. */
    function watchRows(): void {
        const { database } = twin.store;
        database.function("note_row", (table) => {
            steps.push(`row of ${table} written`);
            return null;
        });
        for (const table of ["s3_versions", "s3_parts"]) {
            database.exec(
                `CREATE TEMP TRIGGER note_${table} AFTER INSERT ON ${table} BEGIN SELECT note_row('${table}'); END`,
            );
        }
    }

    it("in a store that SQLite syncs at each commit", () => {
        assert.deepEqual({ ...twin.store.database.prepare("PRAGMA synchronous").get() }, { synchronous: 2 });
    });

    it("before a row refers to it: the file whole, then the folder that names it", async () => {
        const { operations } = twin.service;
        await operations.PutObject({ Bucket, Key: "a", Body: Buffer.alloc(50_000) }, root);
        assert.deepEqual(steps, ["file of 50000 bytes synced", "folder synced", "row of s3_versions written"]);

        steps = [];
        await operations.CopyObject({ Bucket, Key: "copy", CopySource: `${Bucket}/a` }, root);
        assert.deepEqual(steps, ["folder synced", "row of s3_versions written"]);

        const upload = { Bucket, Key: "parts" };
        const { UploadId } = await operations.CreateMultipartUpload(upload, root);
        steps = [];
        const part = { ...upload, UploadId, PartNumber: 1 };
        const { ETag } = await operations.UploadPart({ ...part, Body: Buffer.alloc(40_000) }, root);
        assert.deepEqual(steps, ["file of 40000 bytes synced", "folder synced", "row of s3_parts written"]);

        steps = [];
        const Parts = [{ PartNumber: 1, ETag }];
        await operations.CompleteMultipartUpload({ ...upload, UploadId, MultipartUpload: { Parts } }, root);
        assert.deepEqual(steps, ["file of 40000 bytes synced", "folder synced", "row of s3_versions written"]);
    });
});
