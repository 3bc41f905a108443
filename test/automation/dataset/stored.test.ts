import assert from "node:assert/strict";
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { makeDataSet } from "../../../automation/dataset/make";
import { dataProblems } from "../../../automation/dataset/problems";
import { type StoredDataSet, storeDataSet, storedDataSet } from "../../../automation/dataset/stored";
import { CommandError } from "../../../automation/exit";
import { s3Address } from "../../../automation/s3-address";
import { createS3, type S3 } from "../../../local/aws/s3";
import { type ServiceUnderTest, startService } from "../../local/aws/service-under-test";
import { someText } from "../labelled";

describe("a data set in S3", () => {
    let twin: ServiceUnderTest<S3>;
    let s3: S3Client;
    let stored: StoredDataSet;
    const bucket = "artifacts";

    before(async () => {
        twin = await startService(createS3);
        s3 = new S3Client({ ...twin.client, forcePathStyle: true });
        await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    });
    after(async () => {
        s3.destroy();
        await twin.stop();
    });
    beforeEach(async () => {
        const records = Array.from({ length: 40 }, (_, at) => ({
            text: someText(at),
            category: `label ${at % 2}`,
            source: "labels.csv",
            line: at + 2,
        }));
        const made = makeDataSet(records, undefined, dataProblems(), { emptied: 0 });
        stored = await storeDataSet(s3, { bucket, key: "" }, { ...made, sources: [] }, "1");
    });

    const address = () => s3Address(stored.train.replace(/train\/$/, ""));
    const put = (name: string, Body: string) =>
        s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${address().key}${name}`, Body }));
    const refused = (pattern: RegExp) =>
        assert.rejects(
            storedDataSet(s3, address(), "1", {}),
            (error: unknown) => error instanceof CommandError && error.exitCode === 2 && pattern.test(error.message),
        );

    it("is taken as it is while its files have the digest that it is known by", async () => {
        assert.deepEqual(await storedDataSet(s3, address(), "1", {}), stored);
    });

    it("is refused where a file was cut, is gone, or was added", async () => {
        await put("train/train.csv", "id,text,category,group\n");
        await refused(/have the digest [0-9a-f]{16}, and dataset\.json says [0-9a-f]{16}\. Make it again/);
        await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: `${address().key}test/test.csv` }));
        await put("train/more.csv", "id,text,category,group\n");
        await refused(/train\/more\.csv was not there when it was made; .*test\/test\.csv is missing/);
        await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: `${address().key}train/more.csv` }));
    });
});
