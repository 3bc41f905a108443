import assert from "node:assert/strict";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTrainingJobCommand } from "@aws-sdk/client-sagemaker";
import * as tar from "tar";
import {
    archive,
    bucket,
    ended,
    fixture,
    type SageMakerUnderTest,
    startSageMaker,
    trainingRequest,
} from "./sagemaker-under-test";

describe("data that would lead a training job out of its folder", function () {
    // The first job on a machine makes the Python environment.
    this.timeout(300_000);
    let twin: SageMakerUnderTest;
    let folder = "";
    let jobs = 0;
    before(async () => {
        folder = fs.mkdtempSync(join(tmpdir(), "sortline-hostile-"));
        twin = await startSageMaker();
    });
    after(async () => {
        await twin.stop();
        fs.rmSync(folder, { recursive: true, force: true });
    });

    async function failure(code: Buffer, more: Parameters<typeof trainingRequest>[3] = {}): Promise<string> {
        await twin.put("source.tar.gz", code);
        const name = `hostile-${++jobs}`;
        await twin.sagemaker.send(new CreateTrainingJobCommand(trainingRequest(twin, name, "complete", more)));
        const { TrainingJobStatus, FailureReason = "" } = await ended(twin, name);
        assert.equal(TrainingJobStatus, "Failed");
        return FailureReason;
    }

    async function packed(paths: readonly string[]): Promise<Buffer> {
        const file = join(folder, "hostile.tar.gz");
        const cwd = join(folder, "inner");
        await tar.c({ cwd, gzip: true, file, preservePaths: true }, [...paths]);
        return fs.readFileSync(file);
    }

    it("is refused as an archive with a path above it, and nothing is written there", async () => {
        fs.mkdirSync(join(folder, "inner"));
        fs.writeFileSync(join(folder, "above.txt"), "out");
        assert.match(
            await failure(await packed(["../above.txt"])),
            /not a readable tar\.gz archive: .*path contains '\.\.'/,
        );
    });

    it("is refused as an archive with a link to elsewhere", async () => {
        fs.symlinkSync(folder, join(folder, "inner", "link"));
        assert.match(await failure(await packed(["link"])), /not a readable tar\.gz archive: .*absolute linkpath/);
    });

    it("is refused as an object's key", async () => {
        await twin.put("data/../../above.csv", "text,category\n");
        const InputDataConfig = [
            {
                ChannelName: "train",
                DataSource: {
                    S3DataSource: { S3DataType: "S3Prefix" as const, S3Uri: `s3://${bucket}/data/` },
                },
            },
        ];
        const code = await archive({ "train.py": fixture("train.py") });
        assert.match(await failure(code, { InputDataConfig }), /leads out of the channel's folder/);
    });

    for (const ChannelName of [".", ".."]) {
        it(`is refused as a channel's name: ${ChannelName}`, async () => {
            const S3DataSource = { S3DataType: "S3Prefix" as const, S3Uri: `s3://${bucket}/data/` };
            const request = trainingRequest(twin, "channel", "complete", {
                InputDataConfig: [{ ChannelName, DataSource: { S3DataSource } }],
            });
            await assert.rejects(twin.sagemaker.send(new CreateTrainingJobCommand(request)), /channelName/);
        });
    }
});
