import assert from "node:assert/strict";
import { isWorseThanMedian } from "../../../local/aws/sagemaker/tuning/early-stopping";
import type { Trial } from "../../../local/aws/sagemaker/tuning/trials";

describe("early stopping of a search of the twin", () => {
    const trial = (values: readonly number[], TrainingJobStatus: "Completed" | "Stopped" | "InProgress"): Trial => ({
        number: 0,
        trainingJobName: "trial",
        parameters: {},
        values,
        trainingJob: {
            TrainingJobName: "trial",
            TrainingJobArn: "arn",
            ModelArtifacts: undefined,
            TrainingJobStatus,
            SecondaryStatus: "Completed",
            StoppingCondition: {},
            CreationTime: new Date(0),
            AlgorithmSpecification: { TrainingInputMode: "File" },
            ResourceConfig: undefined,
        },
    });
    const completed = (...values: number[]) => trial(values, "Completed");
    const maximize = { Type: "Maximize", MetricName: "score" } as const;
    const minimize = { Type: "Minimize", MetricName: "loss" } as const;

    it("compares the latest value with the median of the running averages up to the same epoch", () => {
        // Their averages after two epochs are 0.3, 0.5 and 0.7; what came later does not count.
        const others = [completed(0.2, 0.4, 0.9), completed(0.4, 0.6, 0.1), completed(0.6, 0.8, 1)];
        assert.equal(isWorseThanMedian(maximize, [0.9, 0.49], others), true);
        assert.equal(isWorseThanMedian(maximize, [0.1, 0.5], others), false);
        assert.equal(isWorseThanMedian(maximize, [0.1, 0.51], others), false);
        assert.equal(isWorseThanMedian(minimize, [0.1, 0.51], others), true);
        assert.equal(isWorseThanMedian(minimize, [0.9, 0.49], others), false);
    });

    it("takes the middle of two averages, and all that a shorter training job has printed", () => {
        const others = [completed(0.2), completed(0.6, 0.8)];
        // 0.2 and 0.7.
        assert.equal(isWorseThanMedian(maximize, [0.3, 0.44], others), true);
        assert.equal(isWorseThanMedian(maximize, [0.3, 0.46], others), false);
    });

    it("stops none before another has completed with a value, nor one that has printed nothing", () => {
        const others = [completed(), trial([0.9], "Stopped"), trial([0.9], "InProgress")];
        assert.equal(isWorseThanMedian(maximize, [0.1], others), false);
        assert.equal(isWorseThanMedian(maximize, [0.1], []), false);
        assert.equal(isWorseThanMedian(maximize, [], [completed(0.9)]), false);
    });
});
