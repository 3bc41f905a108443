import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentCheck } from "./argument-check";
import { mismatch, oneOf, options, type Rule, type Rules, required, text } from "./argument-rules";
import { filterCriteria, filterRule } from "./filter-check";
import type { EntryFile, InlineCallback } from "./inline";
import { type LambdaFunction, lambdaFunction } from "./lambda-function";
import { newResource } from "./new-resource";
import type { FilterPattern } from "./runtime/record-filter";
import { isOptions } from "./shown-value";
import { countedMapping, stageAlarms } from "./stage-alarms";
import { type StageMode, stageCode } from "./stage-code";
import { resolvedStageOptions, type StageOptions, stageOptionRules } from "./stage-options";
import { startPosition } from "./start-position";
import { isStream, keepsFailuresIn, readsFrom, type StreamEnd, streamRule, writesTo } from "./stream-access";
import { transformed } from "./transform";
import { afterReaders, readsStream } from "./update-order";
import { notParallel, type WindowArgs, windowRules } from "./window-stage";

/** What a stage can be given, whatever its handler is called with. */
export interface WrittenStageOptions extends StageOptions {
    /** The stream that gets the results. @default none */
    readonly into?: StreamEnd;
    /** Which records are the stage's, as for `EventStream.stage`. @default all */
    readonly filter?: unknown;
}

/** What the handler is called with: one record, a batch of them, or the state of a window and records. */
export type LambdaStageArgs = {
    readonly from: StreamEnd;
    readonly handler: InlineCallback | EntryFile;
} & (
    | { readonly mode: "record" | "batch"; readonly options: WrittenStageOptions }
    | { readonly mode: "window"; readonly options: WrittenStageOptions & WindowArgs }
);

/** Throws one error with all that is wrong with a stage. */
function checkStage(name: string, args: LambdaStageArgs, resourceOptions: unknown): void {
    const check = new ArgumentCheck("LambdaStage", name);
    check.options<LambdaStageArgs>("args", args, {
        from: required(streamRule),
        mode: required(oneOf(["record", "batch", "window"])),
        options: anything,
        handler: required(handlerRule),
    });
    const { from, mode, options } = (isOptions(args) ? args : {}) as Partial<LambdaStageArgs>;
    const stream = isStream(from) ? from.definition : undefined;
    const isWindow = mode === "window";
    const stageRules = {
        into: streamRule,
        filter: filterRule(stream?.schema),
        ...stageOptionRules(isOptions(options) ? options : {}, {
            retentionHours: stream?.retentionHours ?? 24,
            parallel: isWindow ? notParallel : undefined,
        }),
    } satisfies Rules<WrittenStageOptions>;
    check.options<WrittenStageOptions>("options", options, isWindow ? { ...windowRules, ...stageRules } : stageRules);
    check.resourceOptions(resourceOptions);
    check.done();
}

const anything: Rule = { what: "anything", problems: () => [] };

const entryRule = options<EntryFile>({ entry: required(text('a path such as "./handler.ts"')) });

const handlerRule: Rule = {
    what: 'a function, or { entry: "./handler.ts" }',
    problems: (option, handler) => {
        if (typeof handler === "function") return [];
        return isOptions(handler) ? entryRule.problems(option, handler) : [mismatch(option, handler, handlerRule.what)];
    },
};

/** A function that consumes a stream, with a role that may do what its handler uses. Made by `EventStream.stage`. */
export class LambdaStage extends pulumi.ComponentResource {
    readonly functionName: pulumi.Output<string>;
    readonly functionArn: pulumi.Output<string>;
    readonly logGroupName: pulumi.Output<string>;
    /** The children. */
    readonly nodes: LambdaFunction & {
        readonly mapping: aws.lambda.EventSourceMapping;
        readonly alarms: readonly aws.cloudwatch.MetricAlarm[];
    };

    /** @throws RunError with every argument that is out of range, and for a handler that cannot be bundled. */
    constructor(name: string, args: LambdaStageArgs, resourceOptions?: pulumi.ComponentResourceOptions) {
        checkStage(name, args, resourceOptions);
        super("sortline:index:LambdaStage", name, {}, resourceOptions);
        const { from } = args;
        const { into, permissions: permitted, transform } = args.options;
        const options = resolvedStageOptions(args.options, from.definition.retentionHours);
        const { batch, runtime } = options;
        const filter = args.options.filter as FilterPattern | undefined;
        const mode: StageMode = args.mode === "window" ? { mode: "window", window: args.options } : { mode: args.mode };

        const code = stageCode(name, {
            ...mode,
            from,
            into,
            handler: args.handler,
            bundle: args.options.bundle,
            filter,
            runtime,
        });
        // Names the program and its stack in metrics.
        const pipeline = `${pulumi.getProject()}-${pulumi.getStack()}`;
        const access = into === undefined ? undefined : writesTo(into);
        const lambda = lambdaFunction(name, {
            parent: this,
            description: `Stage ${name} of ${pulumi.getProject()}`,
            code,
            memory: options.memory,
            timeout: options.timeout,
            concurrency: options.concurrency,
            logRetentionDays: options.logs.retentionDays,
            tracing: options.tracing,
            environment: {
                SORTLINE_PIPELINE: pipeline,
                SORTLINE_FAILURE_BUCKET: from.failureBucket,
                ...access?.environment,
            },
            statements: [...readsFrom(from), ...(access?.statements ?? []), ...keepsFailuresIn(from.failureBucketArn)],
            permissions: permitted,
            runtime,
            architecture: options.architecture,
            transform,
            hooks: into === undefined ? undefined : afterReaders(name, into.definition.schema),
        });
        readsStream(from.definition.schema, name, lambda.function);
        const mapping = newResource(
            aws.lambda.EventSourceMapping,
            `${name}-mapping`,
            transformed<aws.lambda.EventSourceMappingArgs>(
                {
                    eventSourceArn: from.streamArn,
                    functionName: lambda.function.arn,
                    ...startPosition(options.startAt),
                    batchSize: batch.size,
                    maximumBatchingWindowInSeconds: batch.seconds,
                    parallelizationFactor: batch.parallel,
                    ...(args.mode === "window" ? { tumblingWindowInSeconds: args.options.seconds } : {}),
                    functionResponseTypes: ["ReportBatchItemFailures"],
                    bisectBatchOnFunctionError: options.bisect,
                    maximumRetryAttempts: options.attempts,
                    maximumRecordAgeInSeconds: options.maxAge,
                    destinationConfig: { onFailure: { destinationArn: from.failureBucketArn } },
                    ...(filter === undefined ? {} : { filterCriteria: filterCriteria(filter) }),
                    ...(options.alarms === undefined ? {} : countedMapping),
                },
                transform?.mapping,
            ),
            // Lambda takes no second mapping of the same function to the same stream.
            { parent: this, dependsOn: [lambda.policy], deleteBeforeReplace: true },
        );
        const alarms =
            options.alarms === undefined
                ? []
                : stageAlarms(name, {
                      parent: this,
                      alarms: options.alarms,
                      pipeline,
                      functionName: lambda.function.name,
                      mapping,
                      transform: transform?.alarm,
                  });
        const { permissions, ...nodes } = lambda;
        this.nodes = { ...nodes, mapping, alarms };
        this.functionName = lambda.function.name;
        this.functionArn = lambda.function.arn;
        this.logGroupName = lambda.logGroup.name;
        this.registerOutputs({
            functionName: this.functionName,
            functionArn: this.functionArn,
            logGroupName: this.logGroupName,
            streamName: from.streamName,
            failureBucket: from.failureBucket,
            mappingId: mapping.uuid,
            roleArn: lambda.role.arn,
            permissions,
        });
    }
}
