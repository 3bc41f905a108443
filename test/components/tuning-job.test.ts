import assert from "node:assert/strict";
import {
    logUniform,
    ModelRegistry,
    minimize,
    oneOf,
    range,
    runTimeSide,
    TuningJob,
    type TuningJobArgs,
    uniform,
} from "../../components";
import { type Deployment, mockDeployment, resolved } from "./deployment";

const RANGES = {
    "learning-rate": logUniform(1e-5, 1e-3),
    warmup: uniform(0, 0.2),
    epochs: range(2, 5),
    "batch-size": oneOf([16, 32]),
    "class-weights": oneOf(["none", "balanced"]),
};

describe("a tuning job", () => {
    let deployment: Deployment;
    before(async () => {
        deployment = await mockDeployment();
    });
    beforeEach(() => deployment.clear());

    const tuning = async (args: Partial<TuningJobArgs>) => {
        const registry = new ModelRegistry("models");
        await deployment.settled();
        deployment.clear();
        const made = new TuningJob("search", {
            registry,
            algorithm: "bert",
            instances: { type: "ml.g6.xlarge", spot: true },
            baseModel: "bert-base-uncased",
            cleaning: "1",
            ranges: RANGES,
            jobs: 12,
            ...args,
        });
        await deployment.settled();
        return made;
    };
    const template = () => JSON.parse(String(deployment.named("search-template").inputs.content));
    const config = () => template().tuning.HyperParameterTuningJobConfig;
    const wrong = async (args: Partial<TuningJobArgs>, problem: string) =>
        assert.rejects(tuning(args), ({ message }: Error) => {
            assert.ok(message.includes(problem), `${problem} in ${message}`);
            return true;
        });

    it("defines a search and runs nothing", async () => {
        const made = await tuning({});
        assert.equal(deployment.counts()["sortline:index:TuningJob"], 1);
        assert.equal(deployment.counts()["aws:s3/bucketObjectv2:BucketObjectv2"], 2);
        assert.equal(deployment.counts()["aws:lambda/function:Function"], 1);
        assert.equal(await resolved(made.templateKey), "templates/search.json");
        assert.equal(made.jobPrefix, "shop-dev-search");
    });

    it("writes a request template that a search completes", async () => {
        await tuning({
            parallel: 3,
            hours: 6,
            until: { objective: 0.97, notImproving: 4, converged: true },
            warmStart: { parents: ["shop-dev-search-1"], kind: "TransferLearning" },
            earlyStopping: true,
            seed: 0,
            hyperparameters: { patience: 2 },
            tags: { team: "mail" },
        });
        const { namePrefix, outputPath, tuning: request } = template();
        assert.deepEqual([namePrefix, outputPath], ["shop-dev-search", "s3://search-artifacts/jobs"]);
        assert.deepEqual(request.HyperParameterTuningJobConfig, {
            Strategy: "Bayesian",
            HyperParameterTuningJobObjective: { Type: "Maximize", MetricName: "validation:macro_f1" },
            ResourceLimits: { MaxNumberOfTrainingJobs: 12, MaxParallelTrainingJobs: 3, MaxRuntimeInSeconds: 21_600 },
            ParameterRanges: {
                ContinuousParameterRanges: [
                    { Name: "learning-rate", MinValue: "0.00001", MaxValue: "0.001", ScalingType: "Logarithmic" },
                    { Name: "warmup", MinValue: "0", MaxValue: "0.2", ScalingType: "Linear" },
                ],
                IntegerParameterRanges: [{ Name: "epochs", MinValue: "2", MaxValue: "5", ScalingType: "Linear" }],
                CategoricalParameterRanges: [
                    { Name: "batch-size", Values: ["16", "32"] },
                    { Name: "class-weights", Values: ['"none"', '"balanced"'] },
                ],
            },
            TrainingJobEarlyStoppingType: "Auto",
            TuningJobCompletionCriteria: {
                TargetObjectiveMetricValue: 0.97,
                BestObjectiveNotImproving: { MaxNumberOfTrainingJobsNotImproving: 4 },
                ConvergenceDetected: { CompleteOnConvergence: "Enabled" },
            },
            RandomSeed: 0,
        });
        assert.deepEqual(request.WarmStartConfig, {
            ParentHyperParameterTuningJobs: [{ HyperParameterTuningJobName: "shop-dev-search-1" }],
            WarmStartType: "TransferLearning",
        });
        assert.deepEqual(request.Tags, [{ Key: "team", Value: "mail" }]);
        const { StaticHyperParameters, ...definition } = request.TrainingJobDefinition;
        assert.equal(StaticHyperParameters.patience, "2");
        assert.equal(StaticHyperParameters.sagemaker_program, '"train.py"');
        assert.equal(definition.HyperParameters, undefined);
        assert.equal(definition.EnableManagedSpotTraining, true);
        assert.deepEqual(definition.Environment, { SORTLINE_JOB_PREFIX: "shop-dev-search" });
    });

    it("keeps names so short that SageMaker takes those of searches", async () => {
        const registry = new ModelRegistry("models");
        const made = new TuningJob("a-search-with-a-name-of-some-length", {
            registry,
            algorithm: "bert",
            instances: { type: "ml.g6.xlarge" },
            baseModel: "bert-base-uncased",
            cleaning: "1",
            ranges: RANGES,
            jobs: 1,
        });
        assert.ok(made.jobPrefix.length + 11 <= 32, made.jobPrefix);
        await deployment.settled();
    });

    it("calls its judge for its searches and their evaluations, never for a trial", async () => {
        await tuning({});
        assert.deepEqual(JSON.parse(String(deployment.named("search-rule").inputs.eventPattern)), {
            source: ["aws.sagemaker"],
            "detail-type": ["SageMaker HyperParameter Tuning Job State Change", "SageMaker Training Job State Change"],
            detail: {
                $or: [
                    {
                        HyperParameterTuningJobName: [{ prefix: "shop-dev-search-" }],
                        HyperParameterTuningJobStatus: ["Completed", "Stopped"],
                    },
                    {
                        TrainingJobName: [{ wildcard: "shop-dev-search-*-eval*" }],
                        TrainingJobStatus: ["Completed", "Failed", "Stopped"],
                    },
                ],
            },
        });
        const describes = deployment
            .statements("search-judge-policy")
            .find(({ Action }) => Action.includes("sagemaker:DescribeHyperParameterTuningJob"));
        assert.deepEqual(describes?.Resource, [
            "arn:aws:sagemaker:eu-central-1:123456789012:hyper-parameter-tuning-job/shop-dev-search-*",
        ]);
    });

    it("lets a handler that starts searches start these, and no trainings", async () => {
        const made = await tuning({});
        const [starts] = made[runTimeSide].methods.start?.statements ?? [];
        assert.ok(starts?.actions.includes("sagemaker:CreateHyperParameterTuningJob"));
        assert.ok(!starts?.actions.includes("sagemaker:CreateTrainingJob"));
        assert.throws(() => made.start(), /TuningJob "search"|search/);
    });

    it("tries every combination with Grid, which takes choices alone and counts them itself", async () => {
        const grid = { "batch-size": oneOf([16, 32]), "learning-rate": oneOf([1e-5, 3e-5, 1e-4]) };
        await tuning({ strategy: "Grid", ranges: grid, jobs: undefined });
        assert.equal(config().ResourceLimits.MaxNumberOfTrainingJobs, 6);
        await tuning({ strategy: "Grid", ranges: grid, jobs: 6 });
        await wrong({ strategy: "Grid", ranges: grid, jobs: 5 }, "jobs is 5; leave it out, or give 6");
        await wrong(
            { strategy: "Grid", ranges: { warmup: uniform(0, 0.2) }, jobs: undefined },
            'ranges has warmup, which is no choice; use oneOf([…]) for each with strategy "Grid"',
        );
        const many = Object.fromEntries(
            ["seed", "epochs", "longest"].map((name) => [
                name,
                oneOf(Array.from({ length: 10 }, (_, each) => each + 16)),
            ]),
        );
        await wrong({ strategy: "Grid", ranges: many, jobs: undefined }, "ranges has 1000 combinations");
    });

    it("gives Hyperband its epochs, and early stopping of no other kind", async () => {
        const ranges = { "learning-rate": RANGES["learning-rate"] };
        const hyperband = { strategy: "Hyperband", ranges, resource: { min: 1, max: 9 } } as const;
        await tuning(hyperband);
        assert.deepEqual(config().StrategyConfig, { HyperbandStrategyConfig: { MinResource: 1, MaxResource: 9 } });
        assert.equal(config().TrainingJobEarlyStoppingType, "Off");
        assert.equal(template().tuning.TrainingJobDefinition.StaticHyperParameters.epochs, "9");
        const cases: readonly (readonly [Partial<TuningJobArgs>, string])[] = [
            [{ resource: undefined }, "resource is missing; it must be { min, max }"],
            [{ resource: { min: 9, max: 9 } }, "resource.min is 9; it must be below resource.max (9)"],
            [{ earlyStopping: true }, "earlyStopping is true; leave it out"],
            [{ ranges: { epochs: range(1, 3) } }, "ranges has epochs; leave it out"],
            [{ hyperparameters: { epochs: 3 } }, "hyperparameters.epochs is 3; leave it out, or give resource.max (9)"],
            [{ objective: minimize("validation:ece") }, '"validation:ece" is told once, at the end of a run'],
            [
                { algorithm: "linear", baseModel: undefined, ranges: { seed: range(1, 9) } },
                'strategy is "Hyperband"; use another, since algorithm "linear" tells its score once',
            ],
        ];
        for (const [args, problem] of cases) await wrong({ ...hyperband, ...args }, problem);
        await wrong({ resource: { min: 1, max: 2 } }, 'resource is for strategy "Hyperband"; leave it out');
    });

    it("refuses ranges that the training code would refuse, each with what it takes", async () => {
        const cases: readonly (readonly [TuningJobArgs["ranges"], string])[] = [
            [{}, "ranges has 0 hyperparameters; it must have 1 to 30"],
            [
                { epochs: uniform(1, 5) },
                "ranges.epochs goes from 1 to 5, over numbers that are not whole; use range(1, 5)",
            ],
            [{ epochs: range(0, 5) }, "ranges.epochs goes from 0 to 5; it must be within 1 to 1000"],
            [{ epochs: range(5, 2) }, "ranges.epochs goes from 5 to 2; the first number must be the lower one"],
            [{ epochs: range(1.5, 2) }, "ranges.epochs goes from 1.5 to 2; range must have whole numbers"],
            [
                { warmup: logUniform(0, 0.2) },
                "ranges.warmup goes from 0 to 0.2; logUniform must have two numbers above 0",
            ],
            [{ compile: range(0, 1) }, "ranges.compile goes from 0 to 1; use oneOf([…]) of true, false"],
            [
                { "class-weights": oneOf(["some"]) },
                'ranges["class-weights"] has "some"; each value must be "none" or "balanced"',
            ],
            [{ epochs: oneOf([2, 2]) }, "ranges.epochs has a value twice"],
            [{ epochs: oneOf([]) }, "ranges.epochs has 0 values; it must have 1 to 30"],
            [{ epoch: range(1, 2) }, "ranges.epoch is no option; the closest is epochs"],
            [{ "base-model": oneOf(["a"]) }, "ranges has base-model; give it as baseModel"],
        ];
        for (const [ranges, problem] of cases) await wrong({ ranges }, problem);
    });

    it("tells what does not fit together", async () => {
        const cases: readonly (readonly [Partial<TuningJobArgs>, string])[] = [
            [{ jobs: undefined }, "jobs is missing; it must be the number of trials"],
            [{ jobs: 751 }, 'jobs is 751; it must be at most 750, but for strategy "Random"'],
            [{ parallel: 13 }, "parallel is 13; it must be at most jobs (12)"],
            [
                { hyperparameters: { epochs: 3 } },
                "hyperparameters has epochs, and so has ranges; leave out one of them",
            ],
            [{ objective: minimize("loss") }, 'objective.metric is "loss"; it must be one of validation:accuracy'],
            [{ baseModel: undefined }, "baseModel is missing"],
        ];
        const source = "training";
        const many = (count: number, name: string) =>
            Object.fromEntries(Array.from({ length: count }, (_, at) => [`${name}${at}`, at]));
        const own: readonly (readonly [Partial<TuningJobArgs>, string])[] = [
            [
                { hyperparameters: many(90, "own") },
                "hyperparameters and ranges have 91 members; there must be at most 90",
            ],
            [
                { ranges: { depth: oneOf(["x".repeat(255)]) } },
                "each value must be a text of at most 256 characters as JSON",
            ],
            [{ hyperparameters: { depths: "x".repeat(2499) } }, "a text of at most 2500 characters as JSON"],
        ];
        for (const [args, problem] of own) await wrong({ source, ranges: { depth: oneOf([1]) }, ...args }, problem);
        for (const [args, problem] of cases) await wrong(args, problem);
        await tuning({ strategy: "Random", jobs: 10_000, parallel: 100 });
    });

    it("begins with what earlier searches have found, with the strategies for which AWS has that", async () => {
        const warmStart = { parents: ["first", "second"], kind: "TransferLearning" } as const;
        await tuning({ warmStart });
        assert.deepEqual(template().tuning.WarmStartConfig, {
            ParentHyperParameterTuningJobs: [
                { HyperParameterTuningJobName: "first" },
                { HyperParameterTuningJobName: "second" },
            ],
            WarmStartType: "TransferLearning",
        });
        const ranges = { "batch-size": oneOf([16, 32]) };
        await tuning({ strategy: "Random", warmStart });
        for (const args of [
            { strategy: "Hyperband", ranges, resource: { min: 1, max: 9 } },
            { strategy: "Grid", ranges, jobs: undefined },
        ] as const) {
            await wrong(
                { ...args, warmStart },
                `warmStart is for strategies "Bayesian" and "Random"; leave it out with strategy "${args.strategy}"`,
            );
        }
        const six = ["a", "b", "c", "d", "e", "f"];
        await wrong({ warmStart: { ...warmStart, parents: six } }, "warmStart.parents");
    });
});
