import assert from "node:assert/strict";
import {
    CreateHyperParameterTuningJobCommand,
    DescribeHyperParameterTuningJobCommand,
    type ParameterRanges,
    SageMakerClient,
    StopHyperParameterTuningJobCommand,
} from "@aws-sdk/client-sagemaker";
import { startTuning, startTuningTwin, type TuningUnderTest, tuningRequest } from "./sagemaker-tuning-under-test";
import { image, type SageMakerUnderTest } from "./sagemaker-under-test";

describe("requests for tuning jobs of the twin", () => {
    let twin: SageMakerUnderTest;

    before(async () => {
        twin = await startTuningTwin();
    });
    after(() => twin?.stop());

    async function refused(tuning: TuningUnderTest, ...parts: string[]): Promise<void> {
        await assert.rejects(startTuning(twin, "refused", tuning), (error: Error) => {
            assert.equal(error.name, "ValidationException");
            for (const part of parts) assert.ok(error.message.includes(part), error.message);
            return true;
        });
    }
    const number = (
        Name: string,
        MinValue: string,
        MaxValue: string,
        scaling?: "Logarithmic" | "ReverseLogarithmic",
    ) => ({
        Name,
        MinValue,
        MaxValue,
        ScalingType: scaling,
    });

    it("are refused with all that is wrong with their ranges", async () => {
        const ranges: ParameterRanges = {
            IntegerParameterRanges: [number("whole", "1.5", "9"), number("reverse", "1", "9", "ReverseLogarithmic")],
            ContinuousParameterRanges: [
                number("upside-down", "2", "1"),
                number("zero", "0", "1", "Logarithmic"),
                number("one", "0.5", "1", "ReverseLogarithmic"),
                number("epochs", "0", "1"),
                number("text", "a", "1"),
            ],
            CategoricalParameterRanges: [
                { Name: "whole", Values: ["a", "a"] },
                { Name: "sagemaker_program", Values: ["a"] },
            ],
        };
        await refused(
            { ranges, statics: { epochs: "3" } },
            "The range of 'whole' ends at '1.5', which is not a whole number",
            "The range of 'reverse': ReverseLogarithmic scaling is for continuous ranges only",
            "The range of 'upside-down' is from 2 to 1: the minimum must be less",
            "The range of 'zero' begins at 0: Logarithmic scaling takes values above 0 only",
            "The range of 'one' is from 0.5 to 1: ReverseLogarithmic scaling takes ranges within 0 <= x < 1",
            "The hyperparameter 'epochs' is in 'staticHyperParameters' and in 'parameterRanges'",
            "The range of 'text' ends at 'a', which is not a number",
            "The hyperparameter 'whole' has more than one range",
            "The range of 'whole' has a value more than once",
            "The hyperparameter 'sagemaker_program' is SageMaker's own",
        );
    });

    it("are refused when strategy and limits do not go together", async () => {
        await refused({ strategy: "Grid" }, "The strategy Grid takes categorical ranges only");
        await refused(
            {
                strategy: "Grid",
                jobs: 3,
                ranges: { CategoricalParameterRanges: [{ Name: "a", Values: ["1", "2"] }] },
            },
            "MaxNumberOfTrainingJobs is 3: with the strategy Grid it must be the number of combinations, 2",
        );
        await refused(
            { strategy: "Hyperband", config: { TrainingJobEarlyStoppingType: "Auto" } },
            "TrainingJobEarlyStoppingType must be Off with the strategy Hyperband",
            "HyperbandStrategyConfig needs a MaxResource",
        );
        await refused(
            { config: { StrategyConfig: { HyperbandStrategyConfig: { MaxResource: 3 } } }, jobs: 1, parallel: 2 },
            "HyperbandStrategyConfig is for the strategy Hyperband, not for Random",
            "MaxParallelTrainingJobs is 2: it must not be more than MaxNumberOfTrainingJobs, 1",
        );
        await refused(
            { config: { ResourceLimits: { MaxParallelTrainingJobs: 1 } } },
            "ResourceLimits needs a MaxNumberOfTrainingJobs or a MaxRuntimeInSeconds",
        );
    });

    it("are refused beyond what AWS allows any account", async () => {
        const values = (count: number) => Array.from({ length: count }, (_, value) => String(value));
        const Parallel = { MaxParallelTrainingJobs: 1 };
        const definitions = Array.from({ length: 21 }, (_, at) => ({
            Name: at === 0 ? "objective" : `m${at}`,
            Regex: "(x)",
        }));
        const cases: readonly (readonly [TuningUnderTest, RegExp])[] = [
            [{ strategy: "Bayesian", jobs: 751 }, /Number of training jobs .* is 750 .* delta of 751 /],
            [{ strategy: "Random", jobs: 10_001 }, /Number of training jobs .* is 10000 /],
            [
                {
                    strategy: "Grid",
                    ranges: {
                        CategoricalParameterRanges: [
                            { Name: "a", Values: values(30) },
                            { Name: "b", Values: values(26) },
                        ],
                    },
                    config: { ResourceLimits: Parallel },
                },
                /Number of training jobs .* delta of 780 /,
            ],
            [{ jobs: 200, parallel: 101 }, /Number of concurrent training jobs .* is 100 /],
            [
                { config: { ResourceLimits: { ...Parallel, MaxRuntimeInSeconds: 30 * 86_400 + 1 } } },
                /Maximum run time .* is 2592000 Seconds/,
            ],
            [
                {
                    definition: {
                        AlgorithmSpecification: {
                            TrainingImage: image,
                            TrainingInputMode: "File",
                            MetricDefinitions: definitions,
                        },
                    },
                },
                /Number of metrics .* is 20 /,
            ],
        ];
        for (const [tuning, message] of cases) {
            await assert.rejects(startTuning(twin, "refused", tuning), { name: "ResourceLimitExceeded", message });
        }
    });

    it("are refused when their training jobs would be, or could not tell the objective", async () => {
        await refused(
            {
                definition: {
                    AlgorithmSpecification: { TrainingImage: "example.com/other:1", TrainingInputMode: "Pipe" },
                },
            },
            "The objective metric 'objective' is not among the metric definitions: there are none",
            "trainingJobDefinition: The local twin does not support 'algorithmSpecification.trainingInputMode'",
        );
        await refused({ more: { TrainingJobDefinition: undefined } }, "'trainingJobDefinition'");
        await assert.rejects(startTuning(twin, "refused", { more: { Autotune: { Mode: "Enabled" } } }), {
            name: "NotImplemented",
            message: /CreateHyperParameterTuningJob with Autotune/,
        });
        const { TrainingJobDefinition: definition } = tuningRequest(twin, "refused");
        const several = { TrainingJobDefinition: undefined, TrainingJobDefinitions: definition && [definition] };
        await assert.rejects(startTuning(twin, "refused", { more: several }), {
            name: "NotImplemented",
            message: /CreateHyperParameterTuningJob with TrainingJobDefinitions/,
        });
    });

    it("are refused with names longer than 32 characters", async () => {
        await assert.rejects(startTuning(twin, "n".repeat(33)), {
            name: "ValidationException",
            message:
                /'hyperParameterTuningJobName' failed to satisfy constraint: Member must have length less than or equal to 32/,
        });
    });

    it("for jobs that do not exist are answered so", async () => {
        const name = { HyperParameterTuningJobName: "missing" };
        for (const command of [new DescribeHyperParameterTuningJobCommand(name)]) {
            await assert.rejects(twin.sagemaker.send(command), { name: "ResourceNotFound" });
        }
        await assert.rejects(twin.sagemaker.send(new StopHyperParameterTuningJobCommand(name)), {
            name: "ResourceNotFound",
        });
    });

    it("take the permission to tune and to pass the training jobs' role", async () => {
        const actions = ["sagemaker:CreateHyperParameterTuningJob", "iam:PassRole"];
        const attempts = await Promise.all(
            actions.map(async (Action) => {
                const role = `may-${Action.replace(":", "-")}`;
                const configuration = await twin.twin.clientOf(role, { Effect: "Allow", Action, Resource: "*" });
                const client = new SageMakerClient(configuration);
                const command = new CreateHyperParameterTuningJobCommand(tuningRequest(twin, "not-allowed"));
                const error = await client.send(command).then(
                    () => assert.fail("It was allowed."),
                    (refusal: Error) => refusal,
                );
                client.destroy();
                return `${error.name}: ${error.message}`;
            }),
        );
        assert.match(attempts[0] ?? "", /^AccessDeniedException: .*iam:PassRole/);
        assert.match(attempts[1] ?? "", /^AccessDeniedException: .*sagemaker:CreateHyperParameterTuningJob/);
        await assert.rejects(
            startTuning(twin, "no-role", { definition: { RoleArn: "arn:aws:iam::000000000000:role/missing" } }),
            { name: "ValidationException", message: /^Could not assume role .*role\/missing/ },
        );
    });
});
