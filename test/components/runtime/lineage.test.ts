import assert from "node:assert/strict";
import type { Evaluation } from "../../../components/runtime/evaluation";
import { labelsDigest } from "../../../components/runtime/labels-digest";
import { lineageOf } from "../../../components/runtime/lineage";
import type { DescribedJob } from "../../../components/runtime/training-job";

const row = { precision: 1, recall: 1, f1: 1, support: 1 };
const evaluation: Evaluation = {
    accuracy: 0.9,
    macro_f1: 0.8,
    ece: Number.NaN,
    classes: ["a", "b", "c"].map((label) => ({ label, ...row })),
    unknownLabels: ["c"],
};
const job = (hyperparameters: Record<string, string>) =>
    ({ TrainingJobName: "train-1", HyperParameters: hyperparameters }) as DescribedJob;
const judged = { TrainingJobName: "train-1-eval" } as DescribedJob;

describe("the lineage of a model", () => {
    it("counts the labels that the model knows, not those that only the test set has", () => {
        const { labels, labelsDigest: digest } = lineageOf(job({}), judged, evaluation);
        assert.deepEqual([labels, digest], ["2", labelsDigest(["a", "b"])]);
    });

    it("names the data set, also where a folder above it is called as data sets' is", () => {
        const S3Uri = "s3://lake/datasets/mail/datasets/0123456789abcdef/train/";
        const InputDataConfig = [{ ChannelName: "train", DataSource: { S3DataSource: { S3Uri } } }];
        const { dataset, datasetDigest } = lineageOf(
            { ...job({}), InputDataConfig } as DescribedJob,
            judged,
            evaluation,
        );
        assert.deepEqual([dataset, datasetDigest], [S3Uri, "0123456789abcdef"]);
    });

    it("leaves out what is not known", () => {
        const lineage = lineageOf(job({}), judged, evaluation);
        const empty = lineageOf(job({ cleaning: '""', note: '""' }), judged, evaluation);
        assert.ok(!("cleaning" in empty) && !("hyperparameter:note" in empty), "SageMaker takes no empty text");
        assert.ok(!("ece" in lineage) && !("dataset" in lineage) && !("championAccuracy" in lineage));
    });

    it("fits what SageMaker takes, however many hyperparameters there are and whatever their values", () => {
        const many = Object.fromEntries(Array.from({ length: 100 }, (_, each) => [`p${each}`, JSON.stringify("x")]));
        const lineage = lineageOf(
            job({ ...many, a: JSON.stringify('{"b": [1]}'), aa: "y".repeat(900) }),
            judged,
            evaluation,
        );
        assert.ok(Object.keys(lineage).length <= 49);
        assert.equal(lineage["hyperparameter:a"], "__b_: _1__");
        assert.equal(lineage["hyperparameter:aa"]?.length, 256);
        for (const text of Object.entries(lineage).flat()) assert.match(text, /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u);
    });
});
