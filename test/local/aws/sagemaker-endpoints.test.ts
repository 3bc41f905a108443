import assert from "node:assert/strict";
import {
    CreateEndpointCommand,
    CreateEndpointConfigCommand,
    CreateModelCommand,
    CreateModelPackageCommand,
    CreateModelPackageGroupCommand,
    DeleteEndpointCommand,
    DeleteEndpointConfigCommand,
    DeleteModelCommand,
    DescribeEndpointCommand,
    type DescribeEndpointCommandOutput,
    ListEndpointsCommand,
    type ProductionVariant,
    UpdateEndpointCommand,
    UpdateEndpointWeightsAndCapacitiesCommand,
    UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand, type ModelError, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { readFaultPlan } from "../../../local/aws/faults";
import { root } from "../../../local/aws/service";
import {
    archive,
    bucket,
    fixture,
    image,
    processEnd,
    type SageMakerUnderTest,
    startSageMaker,
} from "./sagemaker-under-test";

describe("endpoints of the twin", function () {
    // The first one on a machine makes the Python environment.
    this.timeout(300_000);
    let twin: SageMakerUnderTest;

    before(async () => {
        twin = await startSageMaker({ invocationTimeout: 1500, serverlessIdle: 50 });
        for (const answer of ["first", "second", "broken"]) {
            const files = { "answer.txt": answer, "code/inference.py": fixture("inference.py") };
            await twin.put(`${answer}.tar.gz`, await archive(files));
            await createModel(answer);
        }
    });
    after(() => twin.stop());

    async function createModel(ModelName: string, ModelDataUrl = `s3://${bucket}/${ModelName}.tar.gz`) {
        const PrimaryContainer = { Image: image, ModelDataUrl, Environment: { MODE: "test" } };
        await twin.sagemaker.send(
            new CreateModelCommand({ ModelName, ExecutionRoleArn: twin.roleArn, PrimaryContainer }),
        );
    }
    async function configure(EndpointConfigName: string, ModelName: string, more: Partial<ProductionVariant> = {}) {
        const variant = {
            VariantName: "main",
            ModelName,
            InstanceType: "ml.m5.large" as const,
            InitialInstanceCount: 1,
            ...more,
        };
        await twin.sagemaker.send(
            new CreateEndpointConfigCommand({ EndpointConfigName, ProductionVariants: [variant] }),
        );
    }
    const serverless = (MaxConcurrency: number): Partial<ProductionVariant> => ({
        InstanceType: undefined,
        InitialInstanceCount: undefined,
        ServerlessConfig: { MemorySizeInMB: 1024, MaxConcurrency },
    });
    async function settled(EndpointName: string): Promise<DescribeEndpointCommandOutput> {
        for (;;) {
            const endpoint = await twin.sagemaker.send(new DescribeEndpointCommand({ EndpointName }));
            if (!["Creating", "Updating"].includes(endpoint.EndpointStatus ?? "")) return endpoint;
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
    }
    async function create(name: string, ModelName: string, more: Partial<ProductionVariant> = {}) {
        await configure(name, ModelName, more);
        await twin.sagemaker.send(new CreateEndpointCommand({ EndpointName: name, EndpointConfigName: name }));
        return settled(name);
    }
    async function invoke(EndpointName: string, request: object = {}, more = {}, runtime = twin.runtime) {
        const output = await runtime.send(
            new InvokeEndpointCommand({
                EndpointName,
                ContentType: "application/json",
                Body: JSON.stringify(request),
                ...more,
            }),
        );
        return { ...output, json: JSON.parse(Buffer.from(output.Body ?? []).toString()) };
    }
    async function modelError(promise: Promise<unknown>): Promise<ModelError> {
        const error = await promise.then(
            () => assert.fail("no error"),
            (error: ModelError) => error,
        );
        assert.equal(error.name, "ModelError", error.message);
        assert.equal(error.$metadata.httpStatusCode, 424);
        return error;
    }

    describe("one with an instance", () => {
        before(async () => {
            const endpoint = await create("steady", "first");
            assert.equal(endpoint.EndpointStatus, "InService", endpoint.FailureReason);
        });

        it("answers with what the model's script makes of the request", async () => {
            const { json, ContentType, InvokedProductionVariant } = await invoke("steady");
            assert.equal(json.answer, "first");
            assert.equal(ContentType, "application/json");
            assert.equal(InvokedProductionVariant, "main");
        });

        it("keeps its process from request to request", async () => {
            const [one, two] = [await invoke("steady"), await invoke("steady")];
            assert.equal(one.json.process, two.json.process);
        });

        it("gives the script the container's environment and the role's key, and nothing of the twin's", async () => {
            const { json } = await invoke("steady", { do: "environment" });
            assert.equal(json.MODE, "test");
            assert.equal(twin.twin.iam.caller(json.AWS_ACCESS_KEY_ID)?.kind, "role");
            const allowed = /^(SM_|AWS_|PYTHON|LC_)|^(MODE|PATH|HOME|TMPDIR|LANG|__CF_USER_TEXT_ENCODING)$/;
            assert.deepEqual(
                Object.keys(json).filter((key) => !allowed.test(key)),
                [],
            );
        });

        it("passes on what the script refuses as ModelError with the script's own status and words", async () => {
            const error = await modelError(invoke("steady", { do: "refuse" }));
            assert.equal(error.OriginalStatusCode, 400);
            assert.match(error.OriginalMessage ?? "", /another version is needed/);
            assert.equal(
                error.LogStreamArn,
                "arn:aws:logs:eu-central-1:000000000000:log-group:/aws/sagemaker/Endpoints/steady",
            );
        });

        it("names kind and place of an exception, in the log too, but never the request's text", async () => {
            const error = await modelError(invoke("steady", { do: "raise", text: "a private matter" }));
            assert.equal(error.OriginalStatusCode, 500);
            assert.match(error.OriginalMessage ?? "", /KeyError at inference\.py:\d+ predict_fn/);
            assert.doesNotMatch(JSON.stringify(error), /private/);
            const log = () => twin.logged("/aws/sagemaker/Endpoints/steady");
            while (!log().some((line) => /^500 KeyError at inference\.py/.test(line))) await new Promise(setImmediate);
            assert.doesNotMatch(log().join("\n"), /private/);
        });

        it("starts a new process when one ends", async () => {
            const before = (await invoke("steady")).json.process;
            assert.equal((await modelError(invoke("steady", { do: "exit" }))).OriginalStatusCode, 0);
            const after = (await invoke("steady")).json.process;
            assert.notEqual(after, before);
        });

        it("gives up a request that takes too long, and answers the next one", async () => {
            const error = await modelError(invoke("steady", { do: "hang" }));
            assert.equal(error.OriginalStatusCode, 0);
            assert.match(error.message, /timed out/);
            assert.equal((await invoke("steady")).json.answer, "first");
        });

        it("counts requests, their errors and how long the model took, in CloudWatch", async () => {
            const { cloudwatch, context } = twin.twin;
            const sums = async () => {
                const now = context.clock.now();
                const names = [
                    "Invocations",
                    "Invocation4XXErrors",
                    "Invocation5XXErrors",
                    "InvocationModelErrors",
                    "ModelLatency",
                ];
                const { MetricDataResults = [] } = await cloudwatch.operations.GetMetricData(
                    {
                        StartTime: new Date(now - 3_600_000),
                        EndTime: new Date(now + 60_000),
                        MetricDataQueries: names.map((MetricName, index) => {
                            const Dimensions = [
                                { Name: "EndpointName", Value: "steady" },
                                { Name: "VariantName", Value: "main" },
                            ];
                            const Metric = { Namespace: "AWS/SageMaker", MetricName, Dimensions };
                            return { Id: `m${index}`, MetricStat: { Metric, Stat: "Sum", Period: 86_400 } };
                        }),
                    },
                    root,
                );
                return MetricDataResults.map(({ Values = [] }) => Values[0] ?? 0);
            };
            const before = await sums();
            await invoke("steady");
            await modelError(invoke("steady", { do: "refuse" }));
            await modelError(invoke("steady", { do: "raise", text: "x" }));
            const [latency = 0, ...counts] = (await sums()).map((sum, index) => sum - (before[index] ?? 0)).reverse();
            assert.deepEqual(counts.reverse(), [3, 1, 1, 2]);
            assert.ok(latency > 0);
        });

        it("refuses a body over 6 MiB and a variant that it does not have", async () => {
            await assert.rejects(invoke("steady", { text: "x".repeat(6_291_456) }), {
                message: /exceeded 6291456 bytes/,
            });
            await assert.rejects(invoke("steady", {}, { TargetVariant: "other" }), { message: /Variant other/ });
        });

        it("lets only those invoke it who may", async () => {
            const allowed = { Effect: "Allow", Action: "sagemaker:InvokeEndpoint", Resource: "*" };
            const may = new SageMakerRuntimeClient(await twin.twin.clientOf("may-invoke", allowed));
            const mayNot = new SageMakerRuntimeClient(await twin.twin.clientOf("may-not-invoke"));
            assert.equal((await invoke("steady", {}, {}, may)).json.answer, "first");
            await assert.rejects(invoke("steady", {}, {}, mayNot), {
                name: "AccessDeniedException",
                message: /not authorized to perform: sagemaker:InvokeEndpoint on resource: .*endpoint\/steady/,
            });
        });

        it("is in service again by itself after the twin was restarted", async () => {
            const before = (await invoke("steady")).json.process;
            twin = await twin.restart();
            await processEnd(before);
            assert.equal((await settled("steady")).EndpointStatus, "InService");
            assert.equal((await invoke("steady")).json.answer, "first");
        });
    });

    it("moves to a new configuration, and back from one that does not become healthy", async () => {
        await create("moving", "first");
        await configure("to-second", "second");
        await configure("to-broken", "broken");
        await twin.sagemaker.send(
            new UpdateEndpointCommand({ EndpointName: "moving", EndpointConfigName: "to-second" }),
        );
        await assert.rejects(
            twin.sagemaker.send(new UpdateEndpointCommand({ EndpointName: "moving", EndpointConfigName: "to-broken" })),
            { name: "ValidationException", message: /^Cannot update in-progress endpoint/ },
        );
        const moved = await settled("moving");
        assert.equal(moved.EndpointConfigName, "to-second");
        assert.equal((await invoke("moving")).json.answer, "second");

        await twin.sagemaker.send(
            new UpdateEndpointCommand({ EndpointName: "moving", EndpointConfigName: "to-broken" }),
        );
        assert.equal((await invoke("moving")).json.answer, "second");
        const back = await settled("moving");
        assert.equal(back.EndpointStatus, "InService");
        assert.equal(back.EndpointConfigName, "to-second");
        assert.match(back.FailureReason ?? "", /did not pass the ping health check.*the model cannot be loaded/);
        assert.equal((await invoke("moving")).json.answer, "second");
    });

    it("has failed when its model cannot be loaded, and can then only be deleted", async () => {
        const endpoint = await create("failing", "broken");
        assert.equal(endpoint.EndpointStatus, "Failed");
        assert.match(endpoint.FailureReason ?? "", /production variant main did not pass the ping health check/);
        await assert.rejects(
            twin.sagemaker.send(new UpdateEndpointCommand({ EndpointName: "failing", EndpointConfigName: "failing" })),
            { message: /in status Failed; delete it/ },
        );
        await assert.rejects(invoke("failing"), { name: "ValidationError", message: /status is Failed/ });
        await twin.sagemaker.send(new DeleteEndpointCommand({ EndpointName: "failing" }));
        await assert.rejects(invoke("failing"), { message: /Endpoint failing .* not found/ });
    });

    it("without instances sleeps when nothing comes and wakes at the next request", async () => {
        const endpoint = await create("sleeper", "first", serverless(2));
        assert.equal(endpoint.EndpointStatus, "InService", endpoint.FailureReason);
        const before = (await invoke("sleeper")).json.process;
        await processEnd(before);
        assert.notEqual((await invoke("sleeper")).json.process, before);
        await assert.rejects(invoke("sleeper", { text: "x".repeat(4 * 1_048_576) }), {
            message: /exceeded 4194304 bytes/,
        });
    });

    it("without instances takes no more requests at a time than it may", async () => {
        await create("narrow", "first", serverless(1));
        const outcomes = await Promise.allSettled([invoke("narrow", { do: "hang" }), invoke("narrow")]);
        const names = outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.name);
        assert.deepEqual(names.sort(), ["ModelError", "ThrottlingException"]);
    });

    it("changes the number of its instances", async () => {
        await create("scaled", "first");
        await twin.sagemaker.send(
            new UpdateEndpointWeightsAndCapacitiesCommand({
                EndpointName: "scaled",
                DesiredWeightsAndCapacities: [{ VariantName: "main", DesiredInstanceCount: 2 }],
            }),
        );
        assert.equal((await settled("scaled")).ProductionVariants?.[0]?.CurrentInstanceCount, 2);
        const processes = new Set<number>();
        while (processes.size < 2) {
            const answers = await Promise.all([invoke("scaled"), invoke("scaled"), invoke("scaled")]);
            for (const { json } of answers) processes.add(json.process);
        }
    });

    it("takes its model from a package of the registry, once that is approved", async () => {
        const ModelPackageGroupName = "models";
        await twin.sagemaker.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName }));
        const { ModelPackageArn } = await twin.sagemaker.send(
            new CreateModelPackageCommand({
                ModelPackageGroupName,
                InferenceSpecification: {
                    Containers: [{ Image: image, ModelDataUrl: `s3://${bucket}/first.tar.gz` }],
                    SupportedContentTypes: ["application/json"],
                    SupportedResponseMIMETypes: ["application/json"],
                },
            }),
        );
        const model = new CreateModelCommand({
            ModelName: "packaged",
            ExecutionRoleArn: twin.roleArn,
            PrimaryContainer: { ModelPackageName: ModelPackageArn },
        });
        await assert.rejects(twin.sagemaker.send(model), {
            name: "ValidationException",
            message: /approval status is PendingManualApproval/,
        });
        await twin.sagemaker.send(new UpdateModelPackageCommand({ ModelPackageArn, ModelApprovalStatus: "Approved" }));
        await twin.sagemaker.send(model);
        await create("packaged", "packaged");
        assert.equal((await invoke("packaged")).json.answer, "first");
    });

    it("says in AWS's words what exists already and what is missing", async () => {
        await configure("taken", "first");
        const cases: readonly [Promise<unknown>, RegExp][] = [
            [createModel("first"), /^Cannot create already existing model "arn:.*model\/first"\.$/],
            [configure("taken", "first"), /^Cannot create already existing endpoint configuration ".*taken"\.$/],
            [configure("new", "missing"), /^Could not find model ".*missing"\.$/],
            [
                twin.sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName: "missing" })),
                /^Could not find endpoint configuration ".*missing"\.$/,
            ],
            [twin.sagemaker.send(new DeleteModelCommand({ ModelName: "missing" })), /^Could not find model/],
            [twin.sagemaker.send(new DescribeEndpointCommand({ EndpointName: "missing" })), /^Could not find endpoint/],
            [createModel("unreadable", `s3://${bucket}/none.tar.gz`), /^Could not access model data at s3:/],
        ];
        for (const [outcome, message] of cases) await assert.rejects(outcome, { name: "ValidationException", message });
    });

    it("is refused with all that is wrong with its configuration at once", async () => {
        await assert.rejects(
            configure("bad", "first", {
                InitialInstanceCount: 0,
                ServerlessConfig: { MemorySizeInMB: 1000, MaxConcurrency: 0 },
            }),
            { message: /^3 validation errors detected: .*not both.*memorySizeInMB.*maxConcurrency/ },
        );
    });

    it("refuses an operation that the twin lacks, by name", async () => {
        const { signingNames } = twin.twin.service;
        assert.deepEqual(signingNames, ["sagemaker"]);
        const { CreateHubCommand } = await import("@aws-sdk/client-sagemaker");
        await assert.rejects(twin.sagemaker.send(new CreateHubCommand({ HubName: "hub", HubDescription: "" })), {
            name: "NotImplemented",
            message: /sagemaker CreateHub/,
        });
    });

    it("comes back when the twin was killed while a configuration was being changed", async () => {
        await create("interrupted", "first");
        await configure("interrupted-next", "second");
        await twin.sagemaker.send(
            new UpdateEndpointCommand({ EndpointName: "interrupted", EndpointConfigName: "interrupted-next" }),
        );
        twin = await twin.restart();
        assert.equal((await settled("interrupted")).EndpointConfigName, "interrupted-next");
        assert.equal((await invoke("interrupted")).json.answer, "second");
        const { Endpoints } = await twin.sagemaker.send(new ListEndpointsCommand({ StatusEquals: "Updating" }));
        assert.deepEqual(Endpoints, []);
    });

    it("answers with an error, or too late, where that is on demand", async () => {
        await create("faulty", "first");
        const { faults } = twin.twin.context;
        const inject = (rule: object) =>
            faults.use(readFaultPlan({ seed: 7, rules: [{ endpoint: "faulty", ...rule }] }, new Map()));
        try {
            inject({ fault: "error", status: 503, calls: [1] });
            const error = await modelError(invoke("faulty"));
            assert.equal(error.OriginalStatusCode, 503);
            assert.equal(error.OriginalMessage, "Injected on demand: error (rule 1, call 1)");
            await invoke("faulty");
            // Longer than an answer may take here.
            inject({ fault: "delay", milliseconds: 2000 });
            assert.match((await modelError(invoke("faulty"))).message, /^Your invocation timed out/);
        } finally {
            faults.use(undefined);
        }
    });
});
