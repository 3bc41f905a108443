import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
    AbortMultipartUploadCommand,
    CompleteMultipartUploadCommand,
    CopyObjectCommand,
    type CopyObjectCommandInput,
    CreateBucketCommand,
    CreateMultipartUploadCommand,
    DeleteBucketCommand,
    DeleteObjectCommand,
    DeleteObjectsCommand,
    GetBucketAclCommand,
    GetBucketEncryptionCommand,
    GetBucketLifecycleConfigurationCommand,
    GetBucketLocationCommand,
    GetBucketPolicyCommand,
    GetBucketTaggingCommand,
    GetObjectCommand,
    GetPublicAccessBlockCommand,
    HeadBucketCommand,
    HeadObjectCommand,
    ListBucketsCommand,
    ListObjectsV2Command,
    PutBucketEncryptionCommand,
    PutBucketLifecycleConfigurationCommand,
    PutBucketPolicyCommand,
    PutBucketTaggingCommand,
    PutObjectCommand,
    PutPublicAccessBlockCommand,
    paginateListObjectsV2,
    S3Client,
    UploadPartCommand,
} from "@aws-sdk/client-s3";
import { createS3, type S3 } from "../../../local/aws/s3";
import { root } from "../../../local/aws/service";
import { type ServiceUnderTest, startService } from "./service-under-test";

describe("S3 of the twin", () => {
    let twin: ServiceUnderTest<S3>;
    let s3: S3Client;
    const Bucket = "mail";

    beforeEach(async () => {
        twin = await startService(createS3);
        s3 = new S3Client(twin.client);
        await s3.send(new CreateBucketCommand({ Bucket }));
    });

    afterEach(async () => {
        s3.destroy();
        await twin.stop();
    });

    const put = (Key: string, Body: string | Buffer = "text", more = {}) =>
        s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
    const text = async (Key: string, more = {}) => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
        return Body?.transformToString();
    };
    const hasStatus = (status: number) => (error: { $metadata?: { httpStatusCode?: number } }) =>
        error.$metadata?.httpStatusCode === status;
    /** The status and the body of the answer to a request as no SDK sends it. */
    function raw(method: string, path: string, body: string, headers = {}): Promise<string> {
        const { endpoint, credentials } = twin.client;
        const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/20260101/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=0`;
        return new Promise((resolve, reject) => {
            const sent = request(endpoint + path, { method, headers: { authorization, ...headers } }, (response) => {
                let content = `${response.statusCode} `;
                response.on("data", (chunk) => (content += chunk)).on("end", () => resolve(content));
            });
            sent.on("error", reject).end(body);
        });
    }
    const bodyFiles = () => readdirSync(join(twin.folder, "objects"));

    it("gives back what was put, with its headers and metadata", async () => {
        const { ETag } = await put("a.eml", "Hello", {
            ContentType: "message/rfc822",
            CacheControl: "no-store",
            Metadata: { source: "upload", note: "Part 1" },
        });
        assert.equal(ETag, '"8b1a9953c4611296a827abf8c47804d7"');
        const object = await s3.send(new GetObjectCommand({ Bucket, Key: "a.eml" }));
        assert.equal(await object.Body?.transformToString(), "Hello");
        assert.equal(object.ContentType, "message/rfc822");
        assert.equal(object.CacheControl, "no-store");
        assert.equal(object.ContentLength, 5);
        assert.equal(object.ETag, ETag);
        assert.equal(object.ServerSideEncryption, "AES256");
        assert.deepEqual(object.Metadata, { source: "upload", note: "Part 1" });
        const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "a.eml" }));
        assert.equal(head.ContentLength, 5);
        assert.deepEqual(head.Metadata, object.Metadata);
        assert.equal(head.ChecksumCRC32, undefined);
    });

    for (const key of [
        "folder/with space+plus.eml",
        "Grüße/日本/🙂.txt",
        "100%/a%2Fb?c=d&e#f",
        "<x>&\"'",
        "line\r\nend\u0001\t",
        "a//b/../c/./",
        "'()*!~",
    ]) {
        it(`keeps the key ${JSON.stringify(key)} as it is`, async () => {
            await put(key);
            assert.equal(await text(key), "text");
            const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, EncodingType: "url" }));
            assert.deepEqual(
                Contents?.map((object) => decodeURIComponent((object.Key ?? "").replaceAll("+", " "))),
                [key],
            );
            await put("copy", "other");
            const CopySource = encodeURI(`${Bucket}/${key}`).replaceAll("?", "%3F").replaceAll("#", "%23");
            await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource }));
            assert.equal(await text("copy"), "text");
            await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: key }] } }));
            await assert.rejects(text(key), { name: "NoSuchKey" });
        });
    }

    it("gives a copy the storage class of the request, never that of its source", async () => {
        await put("a", "text", { StorageClass: "GLACIER_IR", Metadata: { note: "kept" } });
        const copied = async (more: Partial<CopyObjectCommandInput>) => {
            await s3.send(new CopyObjectCommand({ Bucket, Key: "b", CopySource: `${Bucket}/a`, ...more }));
            const { StorageClass, Metadata } = await s3.send(new HeadObjectCommand({ Bucket, Key: "b" }));
            return [StorageClass, Metadata];
        };
        assert.deepEqual(await copied({ StorageClass: "STANDARD_IA" }), ["STANDARD_IA", { note: "kept" }]);
        assert.deepEqual(await copied({}), [undefined, { note: "kept" }]);
        assert.deepEqual(await copied({ StorageClass: "STANDARD" }), [undefined, { note: "kept" }]);
        await s3.send(
            new CopyObjectCommand({ Bucket, Key: "a", CopySource: `${Bucket}/a`, StorageClass: "ONEZONE_IA" }),
        );
        const { StorageClass } = await s3.send(new HeadObjectCommand({ Bucket, Key: "a" }));
        assert.equal(StorageClass, "ONEZONE_IA");
        await put("a", "text", { StorageClass: "STANDARD" });
        assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: "a" }))).StorageClass, undefined);
    });

    it("keeps large bodies in files, one for each object, also those that are streamed", async () => {
        const body = Buffer.alloc(200_000, "sortline");
        await put("large", body);
        assert.equal(bodyFiles().length, 1);
        assert.deepEqual(twin.service.readObject(Bucket, "large"), body);
        assert.equal(await text("large"), body.toString());
        await s3.send(
            new PutObjectCommand({ Bucket, Key: "large", Body: Readable.from([body, body]), ContentLength: 400_000 }),
        );
        assert.equal((await text("large"))?.length, 400_000);
        assert.equal(bodyFiles().length, 1);
        await s3.send(new CopyObjectCommand({ Bucket, Key: "second", CopySource: "mail/large" }));
        await s3.send(new DeleteObjectCommand({ Bucket, Key: "large" }));
        assert.equal((await text("second"))?.length, 400_000);
        await put("second", "small");
        assert.deepEqual(bodyFiles(), []);
    });

    it("has after a restart what it had accepted, and nothing else", async () => {
        const body = Buffer.alloc(50_000, 1);
        await put("small", "text", { Metadata: { source: "x" } });
        await put("large", body);
        // What a crash leaves between the file and its row.
        writeFileSync(join(twin.folder, "objects", "half"), "…");
        s3.destroy();
        twin = await twin.restart();
        s3 = new S3Client(twin.client);
        assert.equal(await text("small"), "text");
        assert.deepEqual(twin.service.readObject(Bucket, "large"), body);
        assert.equal(bodyFiles().length, 1);
    });

    for (const size of [10, 100_000]) {
        it(`reads ranges of ${size} bytes`, async () => {
            const body = "0123456789".repeat(size / 10);
            await put("digits", body);
            const part = async (Range: string) => {
                const object = await s3.send(new GetObjectCommand({ Bucket, Key: "digits", Range }));
                return [object.ContentRange, await object.Body?.transformToString()];
            };
            assert.deepEqual(await part("bytes=2-4"), [`bytes 2-4/${size}`, "234"]);
            assert.deepEqual(await part("bytes=-3"), [`bytes ${size - 3}-${size - 1}/${size}`, "789"]);
            assert.deepEqual(await part(`bytes=${size - 2}-${size + 5}`), [
                `bytes ${size - 2}-${size - 1}/${size}`,
                "89",
            ]);
            assert.equal((await part("bytes=0-"))[1], body);
            await assert.rejects(part(`bytes=${size}-`), { name: "InvalidRange" });
        });
    }

    it("lists in the order of bytes, by prefix and delimiter, page by page", async () => {
        const keys = ["a", "b/1", "b/2", "b/3", "c/x/1", "c/y", "ü", "\u{1f642}", "\uffee"];
        for (const key of keys) await put(key);
        const byBytes = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        const list = async (input: object) => {
            const pages = paginateListObjectsV2({ client: s3, pageSize: 2 }, { Bucket, ...input });
            const found: string[][] = [];
            for await (const page of pages) {
                assert.equal(page.KeyCount, (page.Contents?.length ?? 0) + (page.CommonPrefixes?.length ?? 0));
                found.push([
                    ...(page.Contents ?? []).map(({ Key = "" }) => Key),
                    ...(page.CommonPrefixes ?? []).map(({ Prefix = "" }) => Prefix),
                ]);
            }
            return found;
        };
        assert.deepEqual((await list({})).flat(), byBytes);
        assert.deepEqual(await list({ Prefix: "b/" }), [["b/1", "b/2"], ["b/3"]]);
        assert.deepEqual(await list({ Delimiter: "/" }), [["a", "b/"], ["ü", "c/"], byBytes.slice(-2)]);
        assert.deepEqual(await list({ Prefix: "c/", Delimiter: "/" }), [["c/y", "c/x/"]]);
        assert.deepEqual((await list({ StartAfter: "b/2", Prefix: "b" })).flat(), ["b/3"]);
        assert.deepEqual(await list({ Prefix: "none" }), [[]]);
        const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 }));
        assert.equal(Contents?.[0]?.Size, 4);
        assert.ok(Contents?.[0]?.LastModified instanceof Date);
    });

    it("writes on condition: only when new, only over what the writer has seen", async () => {
        const { ETag } = await put("once", "first", { IfNoneMatch: "*" });
        await assert.rejects(put("once", "second", { IfNoneMatch: "*" }), { name: "PreconditionFailed" });
        await assert.rejects(put("once", "second", { IfMatch: '"other"' }), { name: "PreconditionFailed" });
        await assert.rejects(put("none", "second", { IfMatch: ETag }), { name: "NoSuchKey" });
        assert.equal(await text("once"), "first");
        await put("once", "second", { IfMatch: ETag });
        assert.equal(await text("once"), "second");
    });

    it("lets one of several concurrent first writers win", async () => {
        // In one turn of the event loop: requests that arrive one after the other do not meet.
        const writes = Array.from({ length: 8 }, (_, index) =>
            twin.service.operations.PutObject({ Bucket, Key: "race", Body: `${index}`, IfNoneMatch: "*" }, root),
        );
        const outcomes = await Promise.allSettled(writes);
        const won = outcomes.flatMap(({ status }, index) => (status === "fulfilled" ? [index] : []));
        const refused = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason.code] : []));
        assert.equal(won.length, 1);
        assert.deepEqual(refused, Array(7).fill("PreconditionFailed"));
        assert.equal(await text("race"), `${won[0]}`);
    });

    it("answers 304 and 412 to conditional reads", async () => {
        const { ETag } = await put("a");
        await assert.rejects(text("a", { IfNoneMatch: ETag }), hasStatus(304));
        await assert.rejects(text("a", { IfMatch: '"x"' }), { name: "PreconditionFailed" });
        assert.equal(await text("a", { IfMatch: ETag }), "text");
    });

    it("refuses a body that does not have the checksum sent along, and keeps nothing of it", async () => {
        await assert.rejects(put("bad", "text", { ChecksumCRC32: "AAAAAA==" }), { name: "BadDigest" });
        await assert.rejects(put("bad", "text", { ContentMD5: "1B2M2Y8AsgTpgAmY7PhCfg==" }), { name: "BadDigest" });
        await assert.rejects(text("bad"), { name: "NoSuchKey" });
        await assert.rejects(put("bad", "text", { ChecksumCRC64NVME: "AAAAAAAAAAA=" }), { name: "BadDigest" });
        await assert.rejects(put("bad", "text", { ChecksumSHA512: "AAAA" }), { name: "NotImplemented" });
        // Longer than what a checksum takes at once, and no multiple of that.
        const body = Buffer.from("sortline ".repeat(3001));
        for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const) {
            const written = await put("good", body, { ChecksumAlgorithm });
            const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "good", ChecksumMode: "ENABLED" }));
            const sum = head[`Checksum${ChecksumAlgorithm}`];
            assert.ok(sum !== undefined && sum === written[`Checksum${ChecksumAlgorithm}`], ChecksumAlgorithm);
            assert.equal(head.ChecksumType, "FULL_OBJECT");
        }
        await put("check", "123456789", { ChecksumCRC64NVME: "rosUhgp5mIg=" });
        await put("check", "123456789", { ChecksumCRC32C: "4waSgw==" });
    });

    it("takes 2 kB of metadata and the storage classes that S3 has, whatever writes the object", async () => {
        const writes: [string, (more: object) => Promise<unknown>][] = [
            ["put", (more) => put("a", "text", more)],
            ["upload", (more) => s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "a", ...more }))],
            [
                "copy",
                (more) => {
                    const directive = { MetadataDirective: "REPLACE" as const, CopySource: `${Bucket}/source` };
                    return s3.send(new CopyObjectCommand({ Bucket, Key: "a", ...directive, ...more }));
                },
            ],
        ];
        await put("source");
        for (const [name, write] of writes) {
            await write({ Metadata: { note: "x".repeat(2044) }, StorageClass: "GLACIER_IR" });
            await assert.rejects(
                write({ Metadata: { note: "x".repeat(2000), more: "y".repeat(41) } }),
                { name: "MetadataTooLarge", Size: "2049", MaxSizeAllowed: "2048" },
                name,
            );
            for (const StorageClass of ["BOGUS", "OUTPOSTS"]) {
                await assert.rejects(
                    write({ StorageClass }),
                    { name: "InvalidStorageClass", StorageClassRequested: StorageClass },
                    name,
                );
            }
        }
    });

    it("refuses a body that is not the one that was signed, and keeps nothing of it", async () => {
        const send = (body: string, sha256: string) =>
            raw("PUT", `/${Bucket}/signed`, body, { "x-amz-content-sha256": sha256 });
        const digest = createHash("sha256").update("text").digest("hex");
        assert.match(
            await send("other", digest),
            new RegExp(
                `^400 .*<Code>XAmzContentSHA256Mismatch</Code>.*<ClientComputedContentSHA256>${digest}</ClientComputedContentSHA256>`,
                "s",
            ),
        );
        assert.match(await send("text", "none"), /^400 .*<Code>InvalidArgument<\/Code>.*UNSIGNED-PAYLOAD/s);
        await assert.rejects(text("signed"), { name: "NoSuchKey" });
        assert.match(await send("text", digest), /^200 /);
        assert.match(await send("text", "UNSIGNED-PAYLOAD"), /^200 /);
        assert.equal(await text("signed"), "text");
    });

    it("says which bucket, key or address is wrong", async () => {
        await assert.rejects(text("none"), { name: "NoSuchKey", Key: "none" });
        await assert.rejects(s3.send(new HeadObjectCommand({ Bucket, Key: "none" })), { name: "NotFound" });
        await assert.rejects(s3.send(new GetObjectCommand({ Bucket: "none", Key: "a" })), { name: "NoSuchBucket" });
        await assert.rejects(s3.send(new HeadBucketCommand({ Bucket: "none" })), { name: "NotFound" });
        await assert.rejects(put("k".repeat(1025)), { name: "KeyTooLongError" });
        await assert.rejects(s3.send(new CreateBucketCommand({ Bucket: "Not_valid" })), { name: "InvalidBucketName" });
        await assert.rejects(s3.send(new CreateBucketCommand({ Bucket })), { name: "BucketAlreadyOwnedByYou" });
    });

    it("deletes a bucket only when it is empty", async () => {
        await put("a");
        await assert.rejects(s3.send(new DeleteBucketCommand({ Bucket })), { name: "BucketNotEmpty" });
        const deleted = await s3.send(
            new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "a" }, { Key: "b" }] } }),
        );
        assert.deepEqual(
            deleted.Deleted?.map(({ Key }) => Key),
            ["a", "b"],
        );
        await s3.send(new DeleteBucketCommand({ Bucket }));
        assert.deepEqual((await s3.send(new ListBucketsCommand({}))).Buckets ?? [], []);
    });

    it("tells its buckets and where they are", async () => {
        const { Buckets } = await s3.send(new ListBucketsCommand({}));
        assert.deepEqual(
            Buckets?.map(({ Name }) => Name),
            [Bucket],
        );
        assert.ok(Buckets?.[0]?.CreationDate instanceof Date);
        const { LocationConstraint } = await s3.send(new GetBucketLocationCommand({ Bucket }));
        assert.equal(LocationConstraint, "eu-central-1");
    });

    it("keeps the documents that configure a bucket", async () => {
        const Policy = JSON.stringify({
            Version: "2012-10-17",
            Statement: [
                {
                    Effect: "Deny",
                    Principal: "*",
                    Action: "s3:*",
                    Resource: "*",
                    Condition: { Bool: { "aws:SecureTransport": "false" } },
                },
            ],
        });
        await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
        assert.equal((await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy, Policy);
        const LifecycleConfiguration = {
            Rules: [
                { ID: "expire", Status: "Enabled" as const, Filter: { Prefix: "raw/" }, Expiration: { Days: 30 } },
                {
                    ID: "parts",
                    Status: "Enabled" as const,
                    Filter: {},
                    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
                },
            ],
        };
        await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration }));
        const lifecycle = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
        assert.deepEqual(lifecycle.Rules, LifecycleConfiguration.Rules);
        const access = { BlockPublicAcls: true, BlockPublicPolicy: false };
        await assert.rejects(s3.send(new GetPublicAccessBlockCommand({ Bucket })), {
            name: "NoSuchPublicAccessBlockConfiguration",
        });
        await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: access }));
        const block = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
        assert.deepEqual(block.PublicAccessBlockConfiguration, access);
        const TagSet = [{ Key: "a b", Value: "<1>" }];
        await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
        assert.deepEqual((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet, TagSet);
    });

    it("encrypts as the bucket says, and asks for permission for the customer's key", async () => {
        const KMSMasterKeyID = "arn:aws:kms:eu-central-1:000000000000:key/1";
        const rule = { SSEAlgorithm: "aws:kms" as const, KMSMasterKeyID };
        await s3.send(
            new PutBucketEncryptionCommand({
                Bucket,
                ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: rule }] },
            }),
        );
        const stored = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
        assert.deepEqual(
            stored.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault,
            rule,
        );
        assert.equal((await put("a")).SSEKMSKeyId, KMSMasterKeyID);
        const allow = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };
        const without = new S3Client(await twin.clientOf("without", allow));
        const get = new GetObjectCommand({ Bucket, Key: "a" });
        await assert.rejects(without.send(get), {
            name: "AccessDenied",
            message: /kms:Decrypt on resource: arn:aws:kms/,
        });
        const decrypt = { Effect: "Allow", Action: "kms:Decrypt", Resource: KMSMasterKeyID };
        const reader = new S3Client(await twin.clientOf("with", allow, decrypt));
        assert.equal(await (await reader.send(get)).Body?.transformToString(), "text");
        without.destroy();
        reader.destroy();
    });

    it("enforces the role's permissions, and hides from who may not list which keys exist", async () => {
        await put("in/a");
        const role = new S3Client(
            await twin.clientOf("reader", {
                Effect: "Allow",
                Action: "s3:GetObject",
                Resource: "arn:aws:s3:::mail/in/*",
            }),
        );
        const as = (client: S3Client, Key: string) => client.send(new GetObjectCommand({ Bucket, Key }));
        assert.equal(await (await as(role, "in/a")).Body?.transformToString(), "text");
        await assert.rejects(as(role, "in/none"), {
            name: "AccessDenied",
            message: /s3:ListBucket/,
        });
        await assert.rejects(as(role, "in/none"), hasStatus(403));
        await assert.rejects(as(role, "out/a"), {
            name: "AccessDenied",
            message:
                /perform: s3:GetObject on resource: "arn:aws:s3:::mail\/out\/a" because no identity-based policy allows the s3:GetObject action/,
        });
        await assert.rejects(role.send(new PutObjectCommand({ Bucket, Key: "in/a", Body: "x" })), {
            name: "AccessDenied",
        });
        await assert.rejects(role.send(new ListObjectsV2Command({ Bucket })), { name: "AccessDenied" });
        const deletion = await role.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "in/a" }] } }));
        assert.equal(deletion.Errors?.[0]?.Code, "AccessDenied");
        assert.equal(await text("in/a"), "text");
        const lister = new S3Client(
            await twin.clientOf("lister", {
                Effect: "Allow",
                Action: ["s3:GetObject", "s3:ListBucket"],
                Resource: ["arn:aws:s3:::mail", "arn:aws:s3:::mail/*"],
            }),
        );
        await assert.rejects(as(lister, "in/none"), { name: "NoSuchKey" });
        role.destroy();
        lister.destroy();
    });

    it("uploads in parts", async () => {
        const { UploadId } = await s3.send(
            new CreateMultipartUploadCommand({ Bucket, Key: "model.tar.gz", Metadata: { model: "1" } }),
        );
        const target = { Bucket, Key: "model.tar.gz", UploadId };
        const first = Buffer.alloc(5 << 20, "a");
        const Parts = [];
        for (const [index, Body] of [first, Buffer.from("end")].entries()) {
            const { ETag } = await s3.send(new UploadPartCommand({ ...target, PartNumber: index + 1, Body }));
            Parts.push({ PartNumber: index + 1, ETag });
        }
        await assert.rejects(text("model.tar.gz"), { name: "NoSuchKey" });
        const wrong = Parts.map((part) => ({ ...part, ETag: '"0"' }));
        await assert.rejects(
            s3.send(new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts: wrong } })),
            {
                name: "InvalidPart",
            },
        );
        const done = await s3.send(new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts } }));
        assert.match(done.ETag ?? "", /^"[0-9a-f]{32}-2"$/);
        const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "model.tar.gz" }));
        assert.equal(head.ContentLength, (5 << 20) + 3);
        assert.deepEqual(head.Metadata, { model: "1" });
        assert.equal(bodyFiles().length, 1);
        await assert.rejects(s3.send(new AbortMultipartUploadCommand(target)), { name: "NoSuchUpload" });
    });

    it("tells who completes an upload that is aborted meanwhile that it is gone, and leaves nothing", async () => {
        const target = { Bucket, Key: "model" };
        const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target));
        const upload = { ...target, UploadId };
        const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
        for (const PartNumber of [1, 2, 3]) {
            const part = new UploadPartCommand({ ...upload, PartNumber, Body: Buffer.alloc(5 << 20, "x") });
            Parts.push({ PartNumber, ETag: (await s3.send(part)).ETag });
        }
        const { operations } = twin.service;
        const [completed, aborted] = await Promise.allSettled([
            operations.CompleteMultipartUpload({ ...upload, MultipartUpload: { Parts } }, root),
            operations.AbortMultipartUpload(upload, root),
        ]);
        const failures = [completed, aborted].flatMap((one) => (one.status === "rejected" ? [one.reason.code] : []));
        assert.deepEqual(failures, ["NoSuchUpload"]);
        assert.equal(bodyFiles().length, completed.status === "fulfilled" ? 1 : 0);
    });

    it("refuses by name what it does not implement", async () => {
        await assert.rejects(s3.send(new GetBucketAclCommand({ Bucket })), {
            name: "NotImplemented",
            message: /GetBucketAcl/,
        });
        await assert.rejects(put("a", "text", { WebsiteRedirectLocation: "/b" }), {
            name: "NotImplemented",
            message: /website redirects/,
        });
    });

    it("serves its own providers in-process", async () => {
        const { operations } = twin.service;
        await operations.PutObject({ Bucket, Key: "code.zip", Body: Buffer.from("zip") }, root);
        const { Body } = await operations.GetObject({ Bucket, Key: "code.zip" }, root);
        assert.equal(Body.toString(), "zip");
        assert.throws(() => twin.service.readObject(Bucket, "none"), { code: "NoSuchKey" });
    });

    it("refuses a document that declares entities", async () => {
        const body =
            '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e "x">]><Delete><Object><Key>&e;</Key></Object></Delete>';
        const answer = await raw("POST", `/${Bucket}?delete`, body);
        assert.match(answer, /<Code>MalformedXML<\/Code>/);
    });
});
