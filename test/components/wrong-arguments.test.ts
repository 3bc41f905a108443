import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import {
    EventStream,
    type EventStreamArgs,
    instances,
    LambdaStage,
    MailIntake,
    type MailIntakeArgs,
    ModelEndpoint,
    type ModelEndpointArgs,
    ModelRegistry,
    type ModelRegistryArgs,
    RecordIndex,
    type RecordIndexArgs,
    range,
    type StageOptions,
    StoredMail,
    serverless,
    TrainingJob,
    type TrainingJobArgs,
    TuningJob,
    type TuningJobArgs,
    type WindowStageOptions,
    WorkQueue,
    type WorkQueueArgs,
} from "../../components";
import { mockDeployment } from "./deployment";
import { type ValueName, values, withOption } from "./wrong-arguments";

/** A name that is wrong itself, so that nothing is ever made: an error tells it first, and then what else is wrong. */
const NAME = "Wrong!";

/** Every option of a type, and those within, with the values that it takes. */
type Taken<Options> = { readonly [Name in keyof Required<Options>]: readonly ValueName[] } & {
    readonly [within: `${string}.${string}`]: readonly ValueName[];
};

interface Component {
    readonly make: (args: never) => unknown;
    /** What the error calls it. */
    readonly kind: string;
    /** What the error calls its arguments. @default "args" */
    readonly parameter?: string;
    readonly valid: object;
    readonly taken: Readonly<Record<string, readonly ValueName[]>>;
    readonly required: readonly string[];
    /** @default false */
    readonly mayBeLeftOut?: boolean;
}

const pin = {
    package: "arn:aws:sagemaker:eu-central-1:123456789012:model-package/shop-dev-models/3",
    artefact: "s3://artifacts/jobs/a/output/model.tar.gz",
};
const objects: readonly ValueName[] = ["an empty object", "an object", "an object without end"];
const objectOrFunction: readonly ValueName[] = [...objects, "a function"];
const optionsWithin: readonly ValueName[] = ["an empty object"];
const texts: readonly ValueName[] = ["a text"];
const flags: readonly ValueName[] = ["true"];

function stageTaken<Options extends Omit<StageOptions, "batch">>(): Taken<Omit<Options, "seconds" | "initial">> {
    const taken: Taken<StageOptions> = {
        batch: optionsWithin,
        "batch.size": [],
        "batch.seconds": ["0"],
        attempts: ["0"],
        maxAge: [],
        bisect: flags,
        startAt: ["a date"],
        concurrency: ["0"],
        memory: [],
        timeout: [],
        logs: optionsWithin,
        "logs.retentionDays": [],
        tracing: [],
        alarms: optionsWithin,
        "alarms.age": [],
        "alarms.failures": [],
        "alarms.actions": ["an empty list"],
        permissions: ["an empty list"],
        bundle: optionsWithin,
        "bundle.external": ["an empty list", "a list of texts"],
        "bundle.define": ["an empty object", "an object"],
        "bundle.loader": ["an empty object"],
        "bundle.minify": flags,
        "bundle.files": ["an empty object"],
        "bundle.warnAboveBytes": ["0"],
        runtime: [],
        architecture: [],
        transform: optionsWithin,
        "transform.function": objectOrFunction,
        "transform.role": objectOrFunction,
        "transform.logGroup": objectOrFunction,
        "transform.mapping": objectOrFunction,
        "transform.alarm": objectOrFunction,
    };
    return taken as unknown as Taken<Omit<Options, "seconds" | "initial">>;
}

describe("wrong arguments", () => {
    const components: Component[] = [];
    let letters: EventStream<{ id: string }>;

    before(async () => {
        const deployment = await mockDeployment();
        letters = new EventStream("letters", { schema: z.object({ id: z.string() }) });
        const mail = new EventStream("mail", { schema: StoredMail });
        const registry = new ModelRegistry("models");
        await deployment.settled();
        const stream: Component = {
            kind: "EventStream",
            make: (args) => new EventStream(NAME, args),
            valid: { schema: StoredMail, transform: {} },
            required: ["schema"],
            taken: {
                schema: [],
                partitionBy: ["a function"],
                capacity: [],
                shards: [],
                replacesSchemas: ["an empty list"],
                retentionHours: [],
                keepFailuresDays: [],
                transform: optionsWithin,
                "transform.stream": objectOrFunction,
                "transform.failures": objectOrFunction,
            } satisfies Taken<EventStreamArgs<unknown>>,
        };
        const stage = { kind: "LambdaStage", parameter: "options", required: [] };
        const handler: never = (async () => []) as never;
        const stageOptions = {
            into: letters,
            filter: { id: ["a"] },
            batch: { size: 1 },
            startAt: "latest",
            logs: {},
            alarms: {},
            bundle: {},
            transform: {},
        };
        const reading = { into: [], filter: [] };
        const perRecord = { "batch.parallel": [] };
        components.push(
            stream,
            {
                ...stage,
                make: (options) => letters.stage(NAME, options, handler),
                valid: stageOptions,
                taken: { ...reading, ...perRecord, ...stageTaken<StageOptions>() },
            },
            {
                ...stage,
                make: (options) => letters.batchStage(NAME, options, handler),
                valid: stageOptions,
                taken: { ...reading, ...perRecord, ...stageTaken<StageOptions>() },
            },
            {
                ...stage,
                make: (options) => letters.windowStage(NAME, options, handler),
                valid: { ...stageOptions, seconds: 1, initial: 0, close: () => undefined },
                required: ["seconds", "initial", "close"],
                taken: {
                    ...reading,
                    ...stageTaken<WindowStageOptions<unknown>>(),
                    "batch.parallel": [],
                    seconds: [],
                    initial: [
                        ...(["null", "an empty text", "a text", "-1", "0", "1.5", "true", "an empty list"] as const),
                        ...(["a list of null", "a list of texts", "an empty object", "an object"] as const),
                    ],
                    close: ["a function"],
                },
            },
            {
                kind: "MailIntake",
                make: (args) => new MailIntake(NAME, args),
                valid: { into: mail, transform: {} },
                required: ["into"],
                taken: {
                    into: [],
                    recipients: ["an empty list"],
                    ruleSet: ["an empty text"],
                    retentionDays: [],
                    transform: optionsWithin,
                    "transform.function": objectOrFunction,
                    "transform.role": objectOrFunction,
                    "transform.logGroup": objectOrFunction,
                    "transform.bucket": objectOrFunction,
                    "transform.receiptRule": objectOrFunction,
                } satisfies Taken<MailIntakeArgs>,
            },
            {
                kind: "RecordIndex",
                make: (args) => new RecordIndex(NAME, args),
                valid: {},
                required: [],
                mayBeLeftOut: true,
                taken: {
                    transform: optionsWithin,
                    "transform.table": objectOrFunction,
                } satisfies Taken<RecordIndexArgs>,
            },
            {
                kind: "WorkQueue",
                make: (args) => new WorkQueue(NAME, args),
                valid: {},
                required: [],
                mayBeLeftOut: true,
                taken: {
                    retentionDays: [],
                    visibilitySeconds: ["0"],
                    transform: optionsWithin,
                    "transform.queue": objectOrFunction,
                } satisfies Taken<WorkQueueArgs>,
            },
            {
                kind: "ModelRegistry",
                make: (args) => new ModelRegistry(NAME, args),
                valid: {},
                required: [],
                mayBeLeftOut: true,
                taken: {
                    transform: optionsWithin,
                    "transform.group": objectOrFunction,
                    policy: ["a function"],
                    group: ["an Output", "a promise"],
                } satisfies Taken<ModelRegistryArgs>,
            },
            {
                kind: "TrainingJob",
                make: (args) => new TrainingJob(NAME, args),
                valid: {
                    registry,
                    algorithm: "linear",
                    instances: { type: "ml.m5.large" },
                    cleaning: "1",
                    network: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] },
                    transform: { judge: {} },
                },
                required: ["registry", "algorithm", "instances", "instances.type", "cleaning"],
                taken: {
                    registry: [],
                    algorithm: [],
                    instances: [],
                    "instances.type": [],
                    "instances.count": [],
                    "instances.spot": flags,
                    "instances.maxWaitHours": [],
                    "instances.volumeGigabytes": [],
                    baseModel: [],
                    source: [],
                    hyperparameters: optionsWithin,
                    "hyperparameters.seed": ["0"],
                    distribution: [],
                    maxRunHours: [],
                    checkpoints: flags,
                    cleaning: texts,
                    champion: optionsWithin,
                    "champion.package": [],
                    inference: [],
                    network: [],
                    "network.subnetIds": [],
                    "network.securityGroupIds": [],
                    "network.isolated": flags,
                    artifacts: ["an Output", "a promise"],
                    encryption: ["an Output", "a promise"],
                    tags: ["an empty object", "an object"],
                    "tags.team": ["an empty text", "a text"],
                    transform: optionsWithin,
                    "transform.bucket": objectOrFunction,
                    "transform.role": objectOrFunction,
                    "transform.judge": optionsWithin,
                    "transform.judge.function": objectOrFunction,
                } satisfies Taken<TrainingJobArgs>,
            },
            {
                kind: "TuningJob",
                make: (args) => new TuningJob(NAME, args),
                valid: {
                    registry,
                    algorithm: "bert",
                    instances: { type: "ml.g6.xlarge" },
                    baseModel: "bert-base-uncased",
                    cleaning: "1",
                    ranges: { epochs: range(1, 3) },
                    jobs: 10,
                    until: {},
                },
                required: ["registry", "algorithm", "instances", "baseModel", "cleaning", "ranges", "jobs"],
                taken: {
                    registry: [],
                    algorithm: [],
                    instances: [],
                    baseModel: ["a text", "an Output", "a promise"],
                    source: [],
                    hyperparameters: optionsWithin,
                    "hyperparameters.warmup": ["0"],
                    "hyperparameters.compile": flags,
                    distribution: [],
                    "distribution.processesPerHost": [],
                    maxRunHours: [],
                    checkpoints: flags,
                    cleaning: texts,
                    champion: optionsWithin,
                    inference: [],
                    network: [],
                    artifacts: ["an Output", "a promise"],
                    encryption: ["an Output", "a promise"],
                    tags: ["an empty object", "an object"],
                    transform: optionsWithin,
                    strategy: [],
                    ranges: [],
                    "ranges.epochs": [],
                    objective: [],
                    "objective.metric": [],
                    "objective.direction": [],
                    jobs: [],
                    parallel: [],
                    hours: [],
                    earlyStopping: flags,
                    resource: [],
                    until: optionsWithin,
                    "until.objective": ["-1", "0", "1.5"],
                    "until.notImproving": [],
                    "until.converged": flags,
                    warmStart: [],
                    "warmStart.parents": [],
                    "warmStart.kind": [],
                    seed: ["0"],
                } satisfies Taken<TuningJobArgs>,
            },
            {
                kind: "ModelEndpoint",
                make: (args) => new ModelEndpoint(NAME, args),
                valid: { model: pin, capacity: serverless({ memory: 1024 }), cleaning: "1", transform: {} },
                required: ["model.package", "model.artefact", "capacity", "capacity.memory", "cleaning"],
                taken: {
                    model: optionsWithin,
                    "model.package": [],
                    "model.artefact": [],
                    "model.instances": [],
                    capacity: [],
                    "capacity.kind": [],
                    "capacity.memory": [],
                    "capacity.maxConcurrency": [],
                    cleaning: texts,
                    protect: flags,
                    transform: optionsWithin,
                    "transform.model": objectOrFunction,
                    "transform.configuration": objectOrFunction,
                    "transform.endpoint": objectOrFunction,
                    "transform.role": objectOrFunction,
                    encryption: ["an Output", "a promise"],
                } satisfies Taken<ModelEndpointArgs>,
            },
            {
                kind: "ModelEndpoint",
                make: (args) => new ModelEndpoint(NAME, args),
                valid: {
                    model: pin,
                    capacity: instances({
                        type: "ml.m5.large",
                        autoscaling: { min: 1, max: 2, concurrency: 3 },
                    }),
                    cleaning: "1",
                },
                required: [
                    "capacity.type",
                    "capacity.autoscaling.min",
                    "capacity.autoscaling.max",
                    "capacity.autoscaling.concurrency",
                ],
                taken: {
                    "capacity.type": [],
                    "capacity.count": [],
                    "capacity.autoscaling": [],
                    "capacity.autoscaling.min": [],
                    "capacity.autoscaling.max": [],
                    "capacity.autoscaling.concurrency": [],
                },
            },
        );
    });

    /** What is wrong beside the name. */
    function problemsOf({ make, kind }: Pick<Component, "make" | "kind">, args: unknown): string {
        try {
            make(args as never);
        } catch (error) {
            assert.ok(error instanceof pulumi.RunError, `no error of ours: ${(error as Error).stack}`);
            const beginning = `${kind} "${NAME}": its name is "${NAME}"; use 1 to 40 lower-case letters, digits and hyphens, beginning with a letter`;
            assert.ok(error.message.startsWith(beginning), error.message);
            assert.ok(error.message.endsWith("."), error.message);
            return error.message.slice(beginning.length, -1).replace(/^; /, "");
        }
        return assert.fail("it was made");
    }

    /** Whether problems tell of an option, as such or of what it has. */
    const tells = (problems: string, option: string) =>
        problems.split("; ").some((problem) => [" ", "[", "."].some((next) => problem.startsWith(`${option}${next}`)));

    it("are told for every option and whatever value, and right ones are not", () => {
        let tried = 0;
        for (const component of components) {
            assert.equal(problemsOf(component, component.valid), "", component.kind);
            for (const [option, taken] of Object.entries(component.taken)) {
                for (const [name, value] of Object.entries(values)) {
                    const problems = problemsOf(component, withOption(component.valid, option, value));
                    const isTaken = taken.some((each) => each === name);
                    const of = `${component.kind}'s ${option}: ${name}\n${problems}`;
                    assert.equal(tells(problems, option), !isTaken, of);
                    if (isTaken) assert.equal(problems, "", of);
                    else
                        assert.match(
                            problems,
                            /must (be|have)|give|leave it out|closest|there are|no field|does not exist|has no|use /,
                            of,
                        );
                    tried++;
                }
            }
        }
        assert.ok(tried > 2000);
    });

    it("are all told at once", () => {
        for (const component of components) {
            const options = Object.keys(component.taken).filter((option) => !option.includes("."));
            if (options.length === 0) continue;
            const args = Object.fromEntries(options.map((option) => [option, Symbol("wrong")]));
            const problems = problemsOf(component, args);
            for (const option of options)
                assert.ok(tells(problems, option), `${component.kind}'s ${option}\n${problems}`);
        }
    });

    it("are those that must be known when the program runs, and are not", () => {
        const later = pulumi.output(512);
        assert.equal(
            problemsOf(
                { kind: "LambdaStage", make: (options) => letters.stage(NAME, options, async () => {}) },
                {
                    memory: later,
                    alarms: { actions: later },
                },
            ),
            "memory is an Output; it must be a whole number from 128 to 10240 MiB, known when the program runs; " +
                "alarms.actions is an Output; it must be a list of ARNs, known when the program runs",
        );
        const problems = problemsOf(
            { kind: "LambdaStage", make: (options) => letters.stage(NAME, options, async () => {}) },
            {
                alarms: { actions: [later, Promise.resolve("arn:aws:sns:x"), "arn:aws:sns:y", "topic"] },
                permissions: [{ actions: ["s3:GetObject"], resources: [later] }],
            },
        );
        assert.equal(problems, 'alarms.actions has "topic"; it must be an ARN, such as an SNS topic\'s');
    });

    it("are those that are missing", () => {
        for (const component of components) {
            for (const option of component.required) {
                const problems = problemsOf(component, withOption(component.valid, option, undefined));
                assert.match(
                    problems,
                    new RegExp(`^${option.replaceAll(".", "\\.")} is (missing; it must be )?.+`),
                    option,
                );
                assert.match(problems, /missing; it must be/, option);
            }
        }
    });

    it("are no object at all", () => {
        for (const component of components) {
            const { parameter = "args", kind, mayBeLeftOut = false } = component;
            for (const [name, value] of Object.entries({ ...values, undefined })) {
                if (objects.some((each) => each === name) || (value === undefined && mayBeLeftOut)) continue;
                const told = problemsOf(component, value);
                assert.match(
                    told,
                    new RegExp(`^${parameter} is [^;]+; it must be an object with `),
                    `${kind}: ${name}`,
                );
            }
        }
    });

    it("are options that there are not, with the closest that there is", () => {
        for (const component of components) {
            const withObjects = Object.entries(component.valid).filter(
                ([, value]) => Object.getPrototypeOf(value) === Object.prototype,
            );
            for (const path of ["", ...withObjects.map(([name]) => `${name}.`)]) {
                if (path === "filter.") continue;
                const problems = problemsOf(component, withOption(component.valid, `${path}unheardOf`, 1));
                const told = `${path}unheardOf is no option; there are `;
                assert.ok(problems.startsWith(told) && !problems.includes("; it"), `${component.kind}: ${problems}`);
            }
        }
        const stage = { kind: "LambdaStage", make: (options: never) => letters.stage(NAME, options, async () => {}) };
        assert.equal(
            problemsOf(stage, {
                batchsize: 10,
                atempts: 3,
                logs: { retentiondays: 3 },
                alarms: { ages: 1 },
                memroy: 1,
            }),
            [
                "logs.retentiondays is no option; the closest is logs.retentionDays",
                "alarms.ages is no option; the closest is alarms.age",
                "batchsize is no option; the closest is batch.size",
                "atempts is no option; the closest is attempts",
                "memroy is no option; the closest is memory",
            ].join("; "),
        );
        assert.match(
            problemsOf(stage, { retries: 3 }),
            /^retries is no option; there are into, filter, batch, attempts, /,
        );
        assert.match(problemsOf(stage, { mode: "batch", from: letters }), /mode is no option.*from is no option/);
        assert.equal(problemsOf(stage, { retries: undefined }), "");
        const endpoint = { kind: "ModelEndpoint", make: (args: never) => new ModelEndpoint(NAME, args) };
        const capacity = serverless({ memory: 2048, type: "ml.m5.large" } as unknown as { memory: 2048 });
        assert.match(
            problemsOf(endpoint, { cleaning: "1", capacity }),
            /^capacity\.type is no option; there are kind, memory, maxConcurrency$/,
        );
    });

    it("are a handler that is none, and options of the resource that are none", () => {
        const entry = { entry: "./handler.ts" };
        for (const [name, value] of Object.entries({ ...values, undefined })) {
            const make = () => letters.stage(NAME, {}, value as never);
            const problems = problemsOf({ kind: "LambdaStage", make }, undefined);
            if (name === "a function") assert.equal(problems, "");
            else assert.match(problems, /^handler(\.\w+)? is /, name);
            const withResource = () => new EventStream(NAME, { schema: StoredMail }, value as never);
            const told = problemsOf({ kind: "EventStream", make: withResource }, undefined);
            if (value === undefined || objects.some((each) => each === name)) assert.equal(told, "");
            else assert.match(told, /^the resource's options is /, name);
        }
        const fromFile = (handler: object) => () => letters.stage(NAME, {}, handler as never);
        assert.equal(problemsOf({ kind: "LambdaStage", make: fromFile(entry) }, undefined), "");
        assert.equal(
            problemsOf({ kind: "LambdaStage", make: fromFile({ entry: 5, export: "x" }) }, undefined),
            'handler.entry is 5; it must be a path such as "./handler.ts"; handler.export is no option; there are entry',
        );
    });

    it("are those of a stage that is made without its stream", () => {
        const direct = { kind: "LambdaStage", make: (args: never) => new LambdaStage(NAME, args) };
        assert.match(
            problemsOf(direct, undefined),
            /^args is missing; it must be an object with from, mode, options, handler/,
        );
        const args = { from: letters.streamName, mode: "all", options: { maxAge: 1, close: 1 }, handlers: 1 };
        assert.equal(
            problemsOf(direct, args).replace(/there are into.*$/, "there are …"),
            "from is an Output; it must be an EventStream, known when the program runs; " +
                'mode is "all"; it must be "record", "batch" or "window"; ' +
                'handler is missing; it must be a function, or { entry: "./handler.ts" }; ' +
                "handlers is no option; the closest is handler; " +
                "maxAge is 1; it must be a whole number from 60 to 86340 seconds, below the stream's retention; " +
                "close is no option; there are …",
        );
    });

    it("are permissions and bundling options that are none, by their place", () => {
        const stage = { kind: "LambdaStage", make: (options: never) => letters.stage(NAME, options, async () => {}) };
        const problems = problemsOf(stage, {
            permissions: [
                "s3:GetObject",
                { actions: "s3:GetObject", ressources: [] },
                { actions: ["s3:*"], resources: ["*"] },
            ],
            bundle: { loader: { ".sql": "txt" }, files: { "../x": "package.json" }, define: { MODE: 5 } },
        });
        for (const problem of [
            'permissions has "s3:GetObject"; it must be made by allow(actions, …resources)',
            'permissions[1].actions is "s3:GetObject"; it must be a list of actions',
            "permissions[1].resources is missing; it must be a list of ARNs",
            "permissions[1].ressources is no option; the closest is permissions[1].resources",
            'permissions[2]: "s3:*" is no single action',
            "bundle.define.MODE is 5; it must be an expression",
            'bundle.loader[".sql"] is "txt"; it must be "base64", ',
        ]) {
            assert.ok(problems.includes(problem), `${problem}\nin: ${problems}`);
        }
        assert.match(
            problemsOf(stage, { bundle: { files: { "../x": "package.json" } } }),
            /^bundle\.files has "\.\.\/x"; it must be/,
        );
    });

    it("of a schema that JSON cannot hold are told with the others", () => {
        const stream = { kind: "EventStream", make: (args: never) => new EventStream(NAME, args) };
        const problems = problemsOf(stream, { schema: z.object({ at: z.date() }), shards: 0, partitionBy: "id" });
        assert.match(
            problems,
            /^partitionBy is "id"; it must be a function.*; shards is 0; .*; its schema cannot be expressed/,
        );
    });

    it("of a schema that no record can be checked against are told with the others", () => {
        const stream = { kind: "EventStream", make: (args: never) => new EventStream(NAME, args) };
        const told = (schema: unknown) => problemsOf(stream, { schema, shards: 0 });
        const written = (output: unknown) => ({
            "~standard": { vendor: "mine", jsonSchema: { output: () => output } },
        });
        const beginning = "^shards is 0; .*; its schema is no JSON Schema that records can be checked against: ";
        assert.match(
            told(written({ type: "object", properties: { id: { type: "string", pattern: "a\\-b" } } })),
            new RegExp(`${beginning}Invalid regular expression`),
        );
        assert.match(told(written({ type: "txt" })), new RegExp(`${beginning}type must be JSONType`));
        assert.match(told(written({ $ref: "#/$defs/none" })), new RegExp(`${beginning}can't resolve reference`));
    });

    it("are not a subclass's own options", () => {
        class Letters extends WorkQueue {}
        const own = { kind: "WorkQueue", make: (args: never) => new Letters(NAME, args) };
        assert.equal(problemsOf(own, { greeting: "Hello" }), "");
        assert.match(problemsOf(own, { greeting: "Hello", retentionDays: 0 }), /^retentionDays is 0/);
    });

    it("of names are told whatever they are", () => {
        for (const name of [undefined, null, 5, Symbol("x"), {}, pulumi.output("x")]) {
            assert.throws(() => new WorkQueue(name as never), /^Error: WorkQueue .*: its name is .*; use 1 to 40/);
        }
    });
});
