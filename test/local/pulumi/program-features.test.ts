import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../../local/aws/service";
import { done, type Engine, startEngine } from "./engine";

describe("what programs may use", () => {
    let engine: Engine;
    let folder: string;
    beforeEach(async () => {
        engine = await startEngine();
        folder = mkdtempSync(join(tmpdir(), "sortline-assets-"));
        writeFileSync(join(folder, "file.txt"), "one");
    });
    afterEach(async () => {
        rmSync(folder, { recursive: true });
        await engine.close();
    });

    it("applies transforms of a resource and of the stack, and reads resources, functions and assets", async () => {
        const { outputs } = await engine.deploy("featured", { "featured:folder": folder });
        assert.deepEqual(outputs.tags, { team: "mail" });
        assert.equal(outputs.delay, 7);
        assert.match(String(outputs.bucketName), /^bucket-[0-9a-f]{7}$/);
        assert.equal(outputs.sameArn, `arn:aws:s3:::${outputs.bucketName}`);
        assert.equal(outputs.regionName, "eu-central-1");
        assert.deepEqual(JSON.parse(String(outputs.policy)), {
            Version: "2012-10-17",
            Statement: [
                {
                    Effect: "Allow",
                    Action: "s3:GetObject",
                    Resource: `arn:aws:s3:::${outputs.bucketName}`,
                    Principal: { AWS: "*" },
                },
            ],
        });
        assert.equal(
            outputs.image,
            "492215442770.dkr.ecr.eu-central-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3",
        );
        assert.match(String(outputs.functionText), /captured/);
        assert.ok((outputs.codePaths as string[]).some((path) => path.endsWith("file.txt")));
        const bucket = String(outputs.bucketName);
        assert.equal(engine.services.s3.readObject(bucket, "file.txt").toString(), "one");
        assert.equal(engine.services.s3.readObject(bucket, "words.txt").toString(), "words");
    });

    it("updates an object when its file's content changes, and only then", async () => {
        const config = { "featured:folder": folder };
        const { outputs } = await engine.deploy("featured", config);
        await engine.deploy("featured", config);
        assert.deepEqual(done(engine.events), []);
        writeFileSync(join(folder, "file.txt"), "two");
        await engine.deploy("featured", config);
        assert.deepEqual(done(engine.events), ["update file.txt"]);
        assert.equal(engine.services.s3.readObject(String(outputs.bucketName), "file.txt").toString(), "two");
    });

    it("ignores the changes that the program tells it to", async () => {
        const config = { "featured:folder": folder };
        await engine.deploy("featured", { ...config, "featured:visibility": "40" });
        const { outputs } = await engine.deploy("featured", { ...config, "featured:visibility": "50" });
        assert.deepEqual(done(engine.events), []);
        assert.equal(outputs.visibility, 40);
    });

    it("deletes no resource that it only read", async () => {
        const { outputs } = await engine.deploy("featured", { "featured:folder": folder });
        await engine.destroy("featured");
        assert.ok(!done(engine.events).includes("delete same"));
        await assert.rejects(engine.services.s3.operations.HeadBucket({ Bucket: String(outputs.bucketName) }, root));
    });
});
