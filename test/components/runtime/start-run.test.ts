import assert from "node:assert/strict";
import { DeleteObjectCommand, GetObjectCommand } from "@aws-sdk/client-s3";
import {
    CreateHyperParameterTuningJobCommand,
    CreateTrainingJobCommand,
    DescribeTrainingJobCommand,
    ListTrainingJobsCommand,
    paginateListTrainingJobsForHyperParameterTuningJob,
    SageMakerClient,
    StopHyperParameterTuningJobCommand,
    StopTrainingJobCommand,
} from "@aws-sdk/client-sagemaker";
import { alreadyRunning } from "../../../automation/training/train";
import { until } from "../../../automation/until";
import { claimKey, claimRun } from "../../../components/runtime/run-claim";
import type { TrainingTemplate, TuningTemplate } from "../../../components/runtime/run-template";
import { runUnderWay, startRun } from "../../../components/runtime/start-run";
import { tuningRequest } from "../../local/aws/sagemaker-tuning-under-test";
import {
    archive,
    bucket,
    ended,
    fixture,
    type SageMakerUnderTest,
    startSageMaker,
    trainingRequest,
} from "../../local/aws/sagemaker-under-test";

const data = { train: `s3://${bucket}/data/train/`, test: `s3://${bucket}/data/test/` };
const templateKey = "templates/training.json";

interface StartOptions {
    readonly force?: boolean;
    readonly key?: string;
    readonly sagemaker?: SageMakerClient;
}

describe("the start of a run", function () {
    // The first training on a machine makes the Python environment.
    this.timeout(300_000);
    let aws: SageMakerUnderTest;

    before(async () => {
        aws = await startSageMaker({ stopGrace: 300 });
        await aws.put("source.tar.gz", await archive({ "train.py": fixture("train.py") }));
        await aws.put("data/train/train.csv", "text,category\n");
    });
    after(() => aws.stop());
    afterEach(async () => {
        aws.twin.context.faults.use(undefined);
        const { TrainingJobSummaries = [] } = await aws.sagemaker.send(
            new ListTrainingJobsCommand({ StatusEquals: "InProgress" }),
        );
        for (const { TrainingJobName = "" } of TrainingJobSummaries) {
            await aws.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName }));
            await ended(aws, TrainingJobName);
        }
        await aws.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: claimKey(templateKey) }));
    });

    const template = (namePrefix = "mine-training"): TrainingTemplate => ({
        namePrefix,
        outputPath: `s3://${bucket}/jobs`,
        training: { ...trainingRequest(aws, "none", "stoppable"), Environment: { SORTLINE_JOB_PREFIX: namePrefix } },
    });
    const start = (given = template(), options: StartOptions = {}) =>
        startRun(
            { s3: aws.s3, sagemaker: options.sagemaker ?? aws.sagemaker },
            { template: given, bucket, templateKey: options.key ?? templateKey, data, force: options.force },
        );

    it("is refused while a run of the same definition is under way, and not for another one's whose name begins alike", async () => {
        const two = await start(template("mine-training-two"), { key: "templates/training-two.json" });
        assert.equal(two.started, true);
        assert.equal(await runUnderWay(aws.sagemaker, template()), undefined);
        const first = await start();
        assert.equal(first.started, true);
        assert.deepEqual(await start(), { started: false, job: first.job });
    });

    it("is refused while a run is under way that has a name of its own, as from the console", async () => {
        const request = { ...template().training, TrainingJobName: "mine-training-by-hand" };
        const OutputDataConfig = { S3OutputPath: `s3://${bucket}/jobs` };
        await aws.sagemaker.send(new CreateTrainingJobCommand({ ...request, OutputDataConfig }));
        assert.deepEqual(await start(), { started: false, job: "mine-training-by-hand" });
    });

    it("is not refused for an evaluation that is under way", async () => {
        const request = trainingRequest(aws, "mine-training-20261130-081500-abcd-eval", "stoppable");
        const Environment = { SORTLINE_JOB_PREFIX: "mine-training", SORTLINE_EVALUATED_JOB: "mine-training-1" };
        await aws.sagemaker.send(new CreateTrainingJobCommand({ ...request, Environment }));
        assert.equal((await start()).started, true);
    });

    it("is not refused for the trials of a search of the same name", async () => {
        const name = "mine-training-search";
        const search = tuningRequest(aws, name, {
            jobs: 1,
            parallel: 1,
            statics: { sagemaker_program: '"train.py"', behaviour: '"stoppable"' },
            definition: { Environment: { SORTLINE_JOB_PREFIX: "mine-training" } },
        });
        await aws.sagemaker.send(new CreateHyperParameterTuningJobCommand(search));
        const trials = async () => {
            const pages = paginateListTrainingJobsForHyperParameterTuningJob(
                { client: aws.sagemaker },
                { HyperParameterTuningJobName: name, StatusEquals: "InProgress" },
            );
            for await (const page of pages) return page.TrainingJobSummaries?.[0]?.TrainingJobName;
            return undefined;
        };
        await until("a trial", trials, { seconds: 60 });
        assert.equal((await start()).started, true);
        const tuning = { namePrefix: "mine-training", outputPath: "", tuning: {} } as TuningTemplate;
        assert.equal(await runUnderWay(aws.sagemaker, tuning), name);
        await aws.sagemaker.send(new StopHyperParameterTuningJobCommand({ HyperParameterTuningJobName: name }));
    });

    it("has succeeded where the answer to it was lost, whether or not the call was made again", async () => {
        const { twin } = aws;
        const again = new SageMakerClient({ ...twin.client, maxAttempts: 3 });
        for (const sagemaker of [aws.sagemaker, again]) {
            const lost = {
                service: "sagemaker",
                operation: "CreateTrainingJob",
                fault: "drop",
                when: "after",
            } as const;
            twin.context.faults.use({ seed: 1, rules: [{ ...lost, calls: [1] }] });
            const { started, job } = await start(undefined, { force: true, sagemaker });
            assert.equal(started, true);
            assert.equal(twin.context.faults.account()?.rules[0]?.injected, 1);
            await aws.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: job }));
        }
        again.destroy();
    });

    it("tells why SageMaker refuses it, also where the claim cannot be given up", async () => {
        const odd = template();
        const wrong = { ...odd, training: { ...odd.training, RoleArn: "arn:aws:iam::000000000000:role/nobody" } };
        const noUndo = { service: "s3", operation: "PutObject", fault: "error", calls: [2] } as const;
        aws.twin.context.faults.use({ seed: 1, rules: [noUndo] });
        await assert.rejects(start(wrong), /nobody|role/i);
    });

    it("frees its claim where it fails", async () => {
        const odd = template();
        await assert.rejects(
            start({ ...odd, training: { ...odd.training, RoleArn: "arn:aws:iam::000000000000:role/nobody" } }),
        );
        assert.equal((await start()).started, true);
    });

    describe("with a claim whose job has not begun", () => {
        const claim = (content: string) => aws.put(claimKey(templateKey), content);

        it("waits, and tells since when and for how long", async () => {
            await claim(JSON.stringify({ job: "mine-training-killed", claimedAt: new Date().toISOString() }));
            const { started, job, claimed } = await start();
            assert.deepEqual([started, job], [false, "mine-training-killed"]);
            assert.ok(claimed !== undefined && claimed.secondsLeft > 0);
            assert.ok(claimed.secondsAgo + claimed.secondsLeft <= 301);
            const told = alreadyRunning({ stack: undefined }, job, { secondsAgo: 12, secondsLeft: 288 });
            assert.match(told.message, /was claimed 12 s ago and has not begun.*in 288 s, or at once with --force/);
            assert.equal(told.exitCode, 5);
        });

        it("takes one as made when it was stored, where it says that it is of the future", async () => {
            await claim(JSON.stringify({ job: "mine-training-killed", claimedAt: "2999-01-01T00:00:00.000Z" }));
            const place = { bucket, key: claimKey(templateKey) };
            const later = Date.now() + 6 * 60_000;
            const name = "mine-training-next";
            assert.deepEqual(await claimRun(aws.s3, place, name, async () => "unknown", { now: later }), { job: name });
        });

        for (const content of ["{}", "null", "", "no claim", '{"job":"a","claimedAt":"soon"}']) {
            it(`takes ${JSON.stringify(content)} for none`, async () => {
                await claim(content);
                const { started, job } = await start();
                assert.equal(started, true);
                const { Body } = await aws.s3.send(
                    new GetObjectCommand({ Bucket: bucket, Key: claimKey(templateKey) }),
                );
                assert.equal((JSON.parse((await Body?.transformToString()) ?? "") as { job: string }).job, job);
            });
        }
    });
});
