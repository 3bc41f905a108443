import assert from "node:assert/strict";
import { comparisonNotes } from "../../automation/commands/compare";
import { compareModels, type JudgedModel } from "../../automation/registry/comparison";
import type { Evaluation } from "../../automation/registry/evaluation";
import type { RegisteredModel } from "../../automation/registry/models";

function judged(version: number, accuracy: number, changes: Partial<Evaluation> = {}, testSet = "same"): JudgedModel {
    const model: RegisteredModel = {
        version,
        registry: undefined,
        decision: undefined,
        arn: `arn:aws:sagemaker:eu-central-1:000000000000:model-package/models/${version}`,
        approval: "Approved",
        note: undefined,
        artefact: `s3://artifacts/jobs/job-${version}/output/model.tar.gz`,
        evaluation: `s3://artifacts/${version}/evaluation.json`,
        job: `job-${version}`,
        accuracy,
        macroF1: accuracy,
        labels: 2,
        labelsDigest: "same",
        createdAt: new Date(version),
        live: false,
    };
    const classes = [
        { label: "a", f1: accuracy, support: 30 },
        { label: "b", f1: 0.5, support: 20 },
    ];
    return { model, evaluation: { accuracy, macro_f1: accuracy, classes, ...changes }, testSet };
}

const champion = {
    model: "job-1",
    accuracy: 0.8,
    macro_f1: 0.8,
    ece: 0.1,
    difference: { accuracy: 0.1, low: 0.02, high: 0.17 },
};

describe("the comparison of two models", () => {
    it("has the paired difference where one was judged beside the other, whichever is named first", () => {
        const [a, b] = [judged(1, 0.8), judged(2, 0.9, { champion })];
        assert.deepEqual(compareModels(a, b).paired, champion.difference);
        assert.deepEqual(compareModels(b, a).paired, { accuracy: -0.1, low: -0.17, high: -0.02 });
    });

    it("tells that the figures are of different test sets also where there is a paired difference", () => {
        const [a, b] = [judged(1, 0.8, {}, "earlier"), judged(2, 0.9, { champion })];
        const { paired, sameTestSet } = compareModels(a, b);
        assert.deepEqual([paired, sameTestSet], [champion.difference, false]);
    });

    it("tells where the earlier one has learnt from the later one's test examples, and compares without them", () => {
        const without = { accuracy: 0.2, low: 0.1, high: 0.3 };
        const [a, b] = [
            judged(1, 0.8),
            judged(2, 0.9, { champion: { ...champion, learntFrom: 7, differenceWithout: without } }),
        ];
        const comparison = compareModels(a, b);
        assert.deepEqual(comparison.flattered, { model: "a", examples: 7, without });
        assert.deepEqual(compareModels(b, a).flattered, {
            model: "b",
            examples: 7,
            without: { accuracy: -0.2, low: -0.3, high: -0.1 },
        });
        assert.ok(
            comparisonNotes(a.model, b.model, comparison).includes(
                "Model 1 has learnt from 7 of these examples, which flatters it; without them: accuracy +0.200 (95 % of resamples between +0.100 and +0.300).",
            ),
        );
        for (const learntFrom of [0, undefined]) {
            assert.equal(
                compareModels(a, judged(2, 0.9, { champion: { ...champion, learntFrom } })).flattered,
                undefined,
            );
        }
    });

    it("has none where the model beside it was another one, and tells whether the test set is the same", () => {
        const other = judged(3, 0.9, { champion });
        assert.equal(compareModels(judged(2, 0.8), other).paired, undefined);
        assert.equal(compareModels(judged(2, 0.8), other).sameTestSet, true);
        assert.equal(compareModels(judged(2, 0.8, {}, "another"), other).sameTestSet, false);
        assert.equal(compareModels({ ...judged(2, 0.8), testSet: undefined }, other).sameTestSet, undefined);
    });

    it("has the figures side by side, and labels by how much they differ, also where one does not know them", () => {
        const more = judged(2, 0.9, {
            ece: 0.03,
            classes: [
                { label: "a", f1: 0.7, support: 30 },
                { label: "b", f1: 0.6, support: 20 },
                { label: "c", f1: 0.9, support: 4 },
            ],
        });
        const { figures, labels } = compareModels(judged(1, 0.8), more);
        assert.deepEqual(
            figures.map(({ name, a, b }) => [name, a, b]),
            [
                ["accuracy", 0.8, 0.9],
                ["macro-F1", 0.8, 0.9],
                ["calibration error", undefined, 0.03],
                ["decides alone", undefined, undefined],
                ["test examples", 50, 54],
            ],
        );
        assert.deepEqual(
            labels.map(({ name, a, b }) => [name, a, b]),
            [
                ["c", undefined, 0.9],
                ["a", 0.8, 0.7],
                ["b", 0.5, 0.6],
            ],
        );
    });
});
