import assert from "node:assert/strict";
import {
    hyperparameterOf,
    readTemplate,
    runName,
    type TrainingTemplate,
    type TuningTemplate,
    trainingRequest,
    tuningRequest,
} from "../../../components/runtime/run-template";

const training: TrainingTemplate = {
    namePrefix: "mail-training",
    outputPath: "s3://artifacts/jobs",
    training: {
        AlgorithmSpecification: { TrainingInputMode: "File", TrainingImage: "image" },
        RoleArn: "arn:aws:iam::000000000000:role/jobs",
        HyperParameters: { algorithm: '"bert"', cleaning: '"1"' },
        InputDataConfig: [{ ChannelName: "base-model", DataSource: undefined }],
        OutputDataConfig: { KmsKeyId: "key" },
        CheckpointConfig: { S3Uri: "s3://artifacts/checkpoints/" },
        ResourceConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 30 },
        StoppingCondition: { MaxRuntimeInSeconds: 3600, MaxWaitTimeInSeconds: 7200 },
        Environment: { SORTLINE_JOB_PREFIX: "mail-training" },
    },
};
const { StoppingCondition, Environment, CheckpointConfig, OutputDataConfig } = training.training;
const tuning: TuningTemplate = {
    namePrefix: "mail-tuning",
    outputPath: "s3://artifacts/jobs",
    tuning: {
        HyperParameterTuningJobConfig: {
            Strategy: "Bayesian",
            ResourceLimits: { MaxNumberOfTrainingJobs: 12, MaxParallelTrainingJobs: 3 },
        },
        TrainingJobDefinition: {
            AlgorithmSpecification: { TrainingInputMode: "File", TrainingImage: "image" },
            RoleArn: "arn:aws:iam::000000000000:role/jobs",
            StaticHyperParameters: { cleaning: '"1"' },
            StoppingCondition,
            Environment,
            CheckpointConfig,
            OutputDataConfig: { ...OutputDataConfig, S3OutputPath: undefined },
        },
    },
};
const data = { train: "s3://artifacts/datasets/1/train/", test: "s3://artifacts/datasets/1/test/" };

describe("a request template", () => {
    it("becomes a training with its data, keeping channels, keys and variables of the template", () => {
        const request = trainingRequest(training, "mail-training-1", data, {});
        assert.deepEqual(
            request.InputDataConfig?.map(({ ChannelName, DataSource }) => [
                ChannelName,
                DataSource?.S3DataSource?.S3Uri,
            ]),
            [
                ["base-model", undefined],
                ["train", data.train],
            ],
        );
        assert.deepEqual(request.OutputDataConfig, { KmsKeyId: "key", S3OutputPath: "s3://artifacts/jobs" });
        assert.deepEqual(request.Environment, {
            SORTLINE_JOB_PREFIX: "mail-training",
            SORTLINE_TEST_S3_URI: data.test,
        });
        assert.equal(request.CheckpointConfig?.S3Uri, "s3://artifacts/checkpoints/mail-training-1/");
        assert.deepEqual(request.StoppingCondition, StoppingCondition);
    });

    it("becomes a search with its data, keeping all else of the trials", () => {
        const request = tuningRequest(tuning, "mail-tuning-1", data, {}, "s3://elsewhere/jobs");
        const definition = request.TrainingJobDefinition;
        assert.deepEqual(
            definition?.InputDataConfig?.map(({ DataSource }) => DataSource?.S3DataSource?.S3Uri),
            [data.train],
        );
        assert.deepEqual(definition?.OutputDataConfig, { KmsKeyId: "key", S3OutputPath: "s3://elsewhere/jobs" });
        assert.equal(definition?.Environment?.SORTLINE_TEST_S3_URI, data.test);
        assert.equal(definition?.CheckpointConfig?.S3Uri, "s3://artifacts/checkpoints/mail-tuning-1/");
        assert.deepEqual(
            request.HyperParameterTuningJobConfig?.ResourceLimits,
            tuning.tuning.HyperParameterTuningJobConfig?.ResourceLimits,
        );
    });

    it("takes other limits, and waits for spot capacity twice as long as it may run, or as long as before", () => {
        assert.deepEqual(trainingRequest(training, "a", data, { seconds: 600 }).StoppingCondition, {
            MaxRuntimeInSeconds: 600,
            MaxWaitTimeInSeconds: 1200,
        });
        // The program's own wait is longer than that.
        const patient = {
            ...training.training,
            StoppingCondition: { ...StoppingCondition, MaxWaitTimeInSeconds: 86400 },
        };
        assert.deepEqual(
            trainingRequest({ ...training, training: patient }, "a", data, { seconds: 7200 }).StoppingCondition,
            { MaxRuntimeInSeconds: 7200, MaxWaitTimeInSeconds: 86400 },
        );
        assert.deepEqual(
            tuningRequest(tuning, "a", data, { jobs: 4, parallel: 2, seconds: 600 }).HyperParameterTuningJobConfig
                ?.ResourceLimits,
            { MaxNumberOfTrainingJobs: 4, MaxParallelTrainingJobs: 2, MaxRuntimeInSeconds: 600 },
        );
        assert.deepEqual(tuningRequest(tuning, "a", data, { jobs: 2 }).HyperParameterTuningJobConfig?.ResourceLimits, {
            MaxNumberOfTrainingJobs: 2,
            MaxParallelTrainingJobs: 2,
        });
    });

    it("names runs by its prefix, those of searches in 32 characters", () => {
        const now = new Date("2026-11-30T08:15:00Z");
        assert.match(runName(training, now), /^mail-training-20261130-081500-[0-9a-f]{4}$/);
        assert.match(runName(tuning, now), /^mail-tuning-20261130-081500-[0-9a-f]{4}$/);
        const long = runName({ ...tuning, namePrefix: "a".repeat(21) }, now);
        assert.match(long, /^a{21}-[0-9a-z]{6}[0-9a-f]{4}$/);
        assert.equal(long.length, 32);
    });

    it("tells its hyperparameters as texts, and is refused where it is none", () => {
        assert.deepEqual(
            ["algorithm", "cleaning", "epochs"].map((name) => hyperparameterOf(training, name)),
            ["bert", "1", undefined],
        );
        assert.equal(hyperparameterOf(tuning, "cleaning"), "1");
        assert.throws(
            () => readTemplate('{"namePrefix":"a"}', "s3://b/templates/a.json"),
            /a\.json is no request template/,
        );
    });
});
