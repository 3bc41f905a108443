import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type GetObjectCommandInput, S3 } from "@aws-sdk/client-s3";
import { createS3, type S3 as S3Service } from "../../../local/aws/s3";
import { type ServiceUnderTest, startService } from "./service-under-test";

const Bucket = "mail";
const large = "x".repeat(20_000);

describe("Versions of objects in the twin's S3", () => {
    let twin: ServiceUnderTest<S3Service>;
    let s3: S3;

    beforeEach(async () => {
        twin = await startService(createS3);
        s3 = new S3(twin.client);
        await s3.createBucket({ Bucket });
    });

    afterEach(async () => {
        s3.destroy();
        await twin.stop();
    });

    const enable = (Status: "Enabled" | "Suspended" = "Enabled") =>
        s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status } });
    const put = async (Key: string, Body: string) => (await s3.putObject({ Bucket, Key, Body })).VersionId;
    const text = async (Key: string, more: Partial<GetObjectCommandInput> = {}) =>
        (await s3.getObject({ Bucket, Key, ...more })).Body?.transformToString();
    const versions = async () => {
        const { Versions = [], DeleteMarkers = [] } = await s3.listObjectVersions({ Bucket });
        return {
            objects: Versions.map(({ VersionId, IsLatest }) => [VersionId, IsLatest]),
            markers: DeleteMarkers.map(({ VersionId, IsLatest }) => [VersionId, IsLatest]),
        };
    };
    const bodyFiles = () => readdirSync(join(twin.folder, "objects"));

    it("keeps every version, also of before versioning and over a restart", async () => {
        assert.equal(await put("a", "0"), undefined);
        await enable();
        const [one, two] = [await put("a", "1"), await put("a", "2")];
        s3.destroy();
        twin = await twin.restart();
        s3 = new S3(twin.client);
        assert.equal(await text("a"), "2");
        assert.equal(await text("a", { VersionId: one }), "1");
        assert.equal(await text("a", { VersionId: "null" }), "0");
        assert.deepEqual(await versions(), {
            objects: [
                [two, true],
                [one, false],
                ["null", false],
            ],
            markers: [],
        });
    });

    it("marks as deleted, and gives back when the marker is deleted", async () => {
        await enable();
        const one = await put("a", "1");
        const { VersionId: marker, DeleteMarker } = await s3.deleteObject({ Bucket, Key: "a" });
        assert.equal(DeleteMarker, true);
        await assert.rejects(text("a"), (error: { name: string; $response?: { headers: Record<string, string> } }) => {
            assert.equal(error.name, "NoSuchKey");
            assert.equal(error.$response?.headers["x-amz-delete-marker"], "true");
            return true;
        });
        await assert.rejects(text("a", { VersionId: marker }), { name: "MethodNotAllowed" });
        assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
        assert.deepEqual(await versions(), { objects: [[one, false]], markers: [[marker, true]] });
        await assert.rejects(s3.deleteBucket({ Bucket }), { name: "BucketNotEmpty" });
        await s3.deleteObject({ Bucket, Key: "a", VersionId: marker });
        assert.equal(await text("a"), "1");
    });

    it("replaces only the version null while versioning is suspended", async () => {
        await enable();
        const one = await put("a", "1");
        await enable("Suspended");
        await put("a", "2");
        await put("a", "3");
        assert.deepEqual(await versions(), {
            objects: [
                ["null", true],
                [one, false],
            ],
            markers: [],
        });
        assert.equal((await s3.deleteObject({ Bucket, Key: "a" })).VersionId, "null");
        assert.deepEqual(await versions(), { objects: [[one, false]], markers: [["null", true]] });
    });

    it("keeps the bytes of each version for as long as the version is there", async () => {
        await enable();
        const one = await put("a", `1${large}`);
        await put("a", `2${large}`);
        assert.equal(bodyFiles().length, 2);
        await s3.deleteObject({ Bucket, Key: "a", VersionId: one });
        assert.equal(bodyFiles().length, 1);
        assert.equal(await text("a"), `2${large}`);
    });

    it("lists versions page by page, each once", async () => {
        await enable();
        const all: (string | undefined)[] = [];
        for (const key of ["a", "b/1", "b/2", "c"]) for (const body of ["1", "2", "3"]) all.push(await put(key, body));
        const seen: (string | undefined)[] = [];
        let marker: { KeyMarker?: string; VersionIdMarker?: string } = {};
        for (;;) {
            const page = await s3.listObjectVersions({ Bucket, MaxKeys: 5, ...marker });
            seen.push(...(page.Versions ?? []).map(({ VersionId }) => VersionId));
            if (!page.IsTruncated) break;
            marker = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
        }
        assert.deepEqual([...seen].sort(), [...all].sort());
        const { CommonPrefixes, Versions } = await s3.listObjectVersions({ Bucket, Delimiter: "/" });
        assert.deepEqual(CommonPrefixes, [{ Prefix: "b/" }]);
        assert.equal(Versions?.length, 6);
    });

    it("asks for the permissions that concern versions", async () => {
        await enable();
        const version = await put("a", "1");
        const Action = ["s3:GetObject", "s3:DeleteObject", "s3:GetObjectTagging", "s3:ListBucket"];
        const limited = new S3(await twin.clientOf("limited", { Effect: "Allow", Action, Resource: "*" }));
        const target = { Bucket, Key: "a", VersionId: version };
        const denied = (action: string) => ({ name: "AccessDenied", message: new RegExp(`s3:${action} `) });
        await assert.rejects(limited.getObject(target), denied("GetObjectVersion"));
        await assert.rejects(limited.deleteObject(target), denied("DeleteObjectVersion"));
        await assert.rejects(limited.getObjectTagging(target), denied("GetObjectVersionTagging"));
        await assert.rejects(limited.listObjectVersions({ Bucket }), denied("ListBucketVersions"));
        const { Errors } = await limited.deleteObjects({
            Bucket,
            Delete: { Objects: [{ Key: "a", VersionId: version }] },
        });
        assert.equal(Errors?.[0]?.Code, "AccessDenied");
        await limited.deleteObject({ Bucket, Key: "a" });
        limited.destroy();
        assert.equal(await text("a", { VersionId: version }), "1");
    });

    it("takes over the objects of a home from before versions", async () => {
        const folder = twin.folder;
        await put("old", "text");
        await twin.halt();
        const { DatabaseSync } = await import("node:sqlite");
        const database = new DatabaseSync(join(folder, "store.sqlite"));
        database.exec(`CREATE TABLE s3_objects (
            bucket TEXT NOT NULL, key TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL,
            properties TEXT NOT NULL, inline BLOB, file TEXT, PRIMARY KEY (bucket, key)) STRICT;
            INSERT INTO s3_objects SELECT bucket, key, size, etag, modified, properties, inline, file FROM s3_versions;
            DROP TABLE s3_versions`);
        database.close();
        s3.destroy();
        twin = await startService(createS3, { folder });
        s3 = new S3(twin.client);
        assert.equal(await text("old"), "text");
    });
});
