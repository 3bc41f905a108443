import assert from "node:assert/strict";
import { s3Address } from "../../automation/s3-address";
import { placeProblems } from "../../automation/training/artifact-place";
import type { TrainingDefinition } from "../../automation/training/training-definition";

const definition = (artifacts: string): TrainingDefinition => ({
    component: { name: "sorter", outputs: {} },
    template: { namePrefix: "a", outputPath: `${artifacts}jobs`, training: {} } as TrainingDefinition["template"],
    templateBucket: "own",
    templateKey: "templates/sorter.json",
    artifacts: s3Address(artifacts),
    algorithm: "linear",
});
const problems = (artifacts: string, place: string) => placeProblems(definition(artifacts), s3Address(place));

describe("the place that --artifacts gives", () => {
    it("is not where the component's own bucket deletes what data sets and models must outlive", () => {
        for (const [place, prefix, days] of [
            ["s3://own/checkpoints/", "checkpoints/", 30],
            ["s3://own/checkpoints/trial/", "checkpoints/", 30],
            ["s3://own/aws/lambda/async/trial/", "aws/lambda/async/", 90],
        ] as const) {
            assert.deepEqual(problems("s3://own/", place), [
                `--artifacts is ${place}; all below ${prefix} in the component's own bucket is deleted after ${days} days. Give another folder of s3://own/.`,
            ]);
        }
    });

    it("is any other folder below the definition's, also one of that name in another bucket", () => {
        for (const place of ["s3://own/trial/", "s3://own/trial/checkpoints/", "s3://own/checkpoints-of-mine/"]) {
            assert.deepEqual(problems("s3://own/", place), []);
        }
        assert.deepEqual(problems("s3://lake/", "s3://lake/checkpoints/trial/"), []);
    });
});
