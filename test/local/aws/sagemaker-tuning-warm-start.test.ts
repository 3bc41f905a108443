import assert from "node:assert/strict";
import type { HyperParameterTuningJobWarmStartType, ParameterRanges } from "@aws-sdk/client-sagemaker";
import { startTuning, startTuningTwin, type TuningUnderTest, trialsOf, tuned } from "./sagemaker-tuning-under-test";
import type { SageMakerUnderTest } from "./sagemaker-under-test";

const qualities = (...Values: string[]): ParameterRanges => ({
    CategoricalParameterRanges: [{ Name: "quality", Values }],
});

describe("tuning jobs of the twin that begin with what others have found", function () {
    // The first one on a machine makes the Python environments.
    this.timeout(300_000);
    let twin: SageMakerUnderTest;

    before(async () => {
        twin = await startTuningTwin();
        await startTuning(twin, "parent", { strategy: "Grid", jobs: 2, ranges: qualities("0.3", "0.8") });
        await tuned(twin, "parent");
    });
    after(() => twin?.stop());

    const warmStart = (
        WarmStartType: HyperParameterTuningJobWarmStartType = "IdenticalDataAndAlgorithm",
        ...parents: string[]
    ): TuningUnderTest["more"] => ({
        WarmStartConfig: {
            ParentHyperParameterTuningJobs: (parents.length === 0 ? ["parent"] : parents).map((name) => ({
                HyperParameterTuningJobName: name,
            })),
            WarmStartType,
        },
    });

    async function refused(tuning: TuningUnderTest, ...parts: string[]): Promise<void> {
        await assert.rejects(startTuning(twin, "refused", { more: warmStart(), ...tuning }), (error: Error) => {
            assert.equal(error.name, "ValidationException");
            for (const part of parts) assert.ok(error.message.includes(part), `${part} in ${error.message}`);
            return true;
        });
    }

    it("have an overall best training job, if the data are the same", async () => {
        const one = { jobs: 1, parallel: 1, ranges: qualities("0.3", "0.4") };
        await startTuning(twin, "same-data", { ...one, more: warmStart() });
        const same = await tuned(twin, "same-data");
        assert.equal(same.OverallBestTrainingJob?.TuningJobName, "parent");
        assert.equal(same.OverallBestTrainingJob?.TunedHyperParameters?.quality, "0.8");
        assert.equal(same.BestTrainingJob?.TrainingJobName, (await trialsOf(twin, "same-data"))[0]?.TrainingJobName);
        await startTuning(twin, "other-data", { ...one, more: warmStart("TransferLearning") });
        assert.equal((await tuned(twin, "other-data")).OverallBestTrainingJob, undefined);
    });

    it("refuse parents that are missing, still run or differ in what cannot be compared, all at once", async () => {
        await startTuning(twin, "running", { jobs: 1, parallel: 1, statics: { behaviour: '"wait"' } });
        await refused(
            { statics: { epochs: "1" }, more: warmStart(undefined, "missing", "running", "parent") },
            "'missing' does not exist",
            "'running' is InProgress: it must be Completed, Stopped or Failed",
            "The set of tunable plus static hyperparameter names is not the same",
            "The parent tuning job 'parent' and this one differ in 'epochs'",
            "'parent' has a range of the type categorical for 'quality': it must be the same type",
        );
        await refused(
            { config: { HyperParameterTuningJobObjective: { Type: "Minimize", MetricName: "objective" } } },
            "'parent' has the objective Maximize objective: it must be the same",
        );
        const other = "492215442770.dkr.ecr.eu-central-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3";
        await refused(
            {
                definition: {
                    AlgorithmSpecification: {
                        TrainingImage: other,
                        TrainingInputMode: "File",
                        MetricDefinitions: [{ Name: "objective", Regex: "(x)" }],
                    },
                },
            },
            "with IdenticalDataAndAlgorithm it must be the same",
        );
    });

    it("refuse more than ten changes of what is static", async () => {
        const statics = Object.fromEntries("abcdef".split("").map((name) => [name, '"old"']));
        const ranges = qualities("0.5", "0.9");
        await startTuning(twin, "many-statics", { jobs: 1, parallel: 1, ranges, statics });
        await tuned(twin, "many-statics");
        const changed = Object.fromEntries(Object.keys(statics).map((name) => [name, '"new"']));
        const more = warmStart("TransferLearning", "many-statics");
        await refused({ ranges, statics: changed, more }, "differs in 12 values of static hyperparameters");
        // What was searched for and is static now counts with each of its values.
        await refused(
            {
                ranges: { CategoricalParameterRanges: [{ Name: "a", Values: ['"old"'] }] },
                statics: { ...changed, a: undefined, quality: "0.5" } as unknown as Record<string, string>,
                more,
            },
            "differs in 12 values",
        );
    });

    it("are for the strategies that learn from single results or from none, and count their parents' training jobs", async () => {
        await refused(
            {
                strategy: "Hyperband",
                config: { StrategyConfig: { HyperbandStrategyConfig: { MinResource: 1, MaxResource: 3 } } },
            },
            "WarmStartConfig is for the strategies Bayesian and Random, not for Hyperband",
        );
        await refused({ strategy: "Grid", jobs: 1, ranges: qualities("1") }, "Bayesian and Random, not for Grid");
        await refused(
            { strategy: "Bayesian", jobs: 749, ranges: qualities("1") },
            "MaxNumberOfTrainingJobs is 749, and the parent tuning jobs had 2 training jobs, which count too: 750 are the most",
        );
    });
});
