import assert from "node:assert/strict";
import { type LifecycleRule, S3 } from "@aws-sdk/client-s3";
import { createS3, type S3 as S3Service } from "../../../local/aws/s3";
import { dueAfter } from "../../../local/aws/s3/lifecycle-rules";
import { type ServiceUnderTest, startService } from "./service-under-test";

const Bucket = "mail";
const day = 24 * 60 * 60 * 1000;

describe("Lifecycle rules of the twin's S3", () => {
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

    const put = (Key: string, more: object = {}) => s3.putObject({ Bucket, Key, Body: "text", ...more });
    const rules = (...given: Partial<LifecycleRule>[]) =>
        s3.putBucketLifecycleConfiguration({
            Bucket,
            LifecycleConfiguration: {
                Rules: given.map((rule, index) => ({ ID: `rule-${index}`, Status: "Enabled", Filter: {}, ...rule })),
            },
        });
    const keys = async () => (await s3.listObjectsV2({ Bucket })).Contents?.map(({ Key }) => Key) ?? [];
    const versions = async () => {
        const { Versions = [], DeleteMarkers = [] } = await s3.listObjectVersions({ Bucket });
        return [...Versions, ...DeleteMarkers].map(({ VersionId }) => VersionId);
    };

    /** Looks again, one turn of the event loop after the other, until it is so. */
    async function until<T>(look: () => Promise<T>, expected: T): Promise<void> {
        for (;;) {
            const found = await look();
            try {
                return assert.deepEqual(found, expected);
            } catch {
                await new Promise(setImmediate);
            }
        }
    }

    it("counts days to the midnight after", () => {
        assert.equal(dueAfter(Date.parse("2014-01-15T10:30:00Z"), 3), Date.parse("2014-01-19T00:00:00Z"));
        assert.equal(dueAfter(Date.parse("2014-01-15T00:00:00Z"), 3), Date.parse("2014-01-18T00:00:00Z"));
    });

    it("deletes what is old enough by prefix, tag and size, when the clock has come that far", async () => {
        await rules(
            { Filter: { Prefix: "raw/" }, Expiration: { Days: 30 } },
            { Filter: { Tag: { Key: "keep", Value: "no" } }, Expiration: { Days: 30 } },
            { Filter: { And: { Prefix: "big/", ObjectSizeGreaterThan: 4 } }, Expiration: { Days: 30 } },
            { Status: "Disabled", Expiration: { Days: 1 } },
        );
        await put("raw/1");
        await put("other", { Tagging: "keep=no" });
        await put("kept", { Tagging: "keep=yes" });
        await put("big/4");
        await put("big/5", { Body: "12345" });
        twin.context.clock.advance(29 * day);
        await put("raw/2");
        assert.equal((await keys()).length, 6);
        twin.context.clock.advance(2 * day);
        await until(keys, ["big/4", "kept", "raw/2"]);
    });

    it("marks current versions, deletes earlier ones but the newest, and then the marker that is left", async () => {
        await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Enabled" } });
        await rules({
            Expiration: { Days: 10 },
            NoncurrentVersionExpiration: { NoncurrentDays: 20, NewerNoncurrentVersions: 1 },
        });
        await put("a");
        const second = await put("a");
        twin.context.clock.advance(11 * day);
        await until(keys, []);
        assert.equal((await versions()).length, 3);
        twin.context.clock.advance(21 * day);
        await until(async () => (await versions()).length, 2);
        assert.ok((await versions()).includes(second.VersionId), "the newest noncurrent version is kept");
        await rules({ Expiration: { Days: 10 }, NoncurrentVersionExpiration: { NoncurrentDays: 20 } });
        twin.context.clock.advance(day);
        await until(versions, []);
    });

    it("aborts uploads that nobody completed", async () => {
        await rules({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } });
        const { UploadId } = await s3.createMultipartUpload({ Bucket, Key: "model" });
        await s3.uploadPart({ Bucket, Key: "model", UploadId, PartNumber: 1, Body: "part" });
        twin.context.clock.advance(6 * day);
        assert.equal((await s3.listMultipartUploads({ Bucket })).Uploads?.length, 1);
        twin.context.clock.advance(2 * day);
        await until(async () => (await s3.listMultipartUploads({ Bucket })).Uploads ?? [], []);
        await assert.rejects(s3.listParts({ Bucket, Key: "model", UploadId }), { name: "NoSuchUpload" });
    });

    it("says which rules it leaves out, and refuses those that S3 refuses", async () => {
        await rules({ Transitions: [{ Days: 30, StorageClass: "GLACIER" }] });
        assert.match(twin.reports.map(({ message }) => message).join(), /one storage class.* rule-0\./);
        const refused: [Partial<LifecycleRule>, string, RegExp][] = [
            [{}, "InvalidRequest", /At least one action/],
            [{ Expiration: { Days: 0 } }, "InvalidArgument", /'Days' .* positive integer/],
            [{ Expiration: { Date: new Date("2026-01-01T01:00:00Z") } }, "InvalidArgument", /midnight GMT/],
            [{ Expiration: { Days: 1, ExpiredObjectDeleteMarker: true } }, "MalformedXML", /schema/],
            [{ Expiration: { Days: 1 }, Prefix: "a" }, "MalformedXML", /schema/],
            // What could never act.
            [{ NoncurrentVersionExpiration: {} }, "MalformedXML", /schema/],
            [{ NoncurrentVersionExpiration: { NewerNoncurrentVersions: 2 } }, "MalformedXML", /schema/],
            [{ AbortIncompleteMultipartUpload: {} }, "MalformedXML", /schema/],
            ...[0, 101].map((NewerNoncurrentVersions): [Partial<LifecycleRule>, string, RegExp] => [
                { NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions } },
                "InvalidArgument",
                new RegExp(`'NewerNoncurrentVersions' .* between 1 and 100, not ${NewerNoncurrentVersions}`),
            ]),
        ];
        for (const [rule, name, message] of refused) {
            await assert.rejects(rules(rule), { name, message }, JSON.stringify(rule));
        }
        await rules({ NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 100 } });
    });
});
