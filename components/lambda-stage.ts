import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentCheck } from "./argument-check";
import { checkFilter, filterCriteria } from "./filter-check";
import type { EntryFile, InlineCallback } from "./inline";
import { type LambdaFunction, lambdaFunction } from "./lambda-function";
import { newResource } from "./new-resource";
import { countedMapping, stageAlarms } from "./stage-alarms";
import { type StageMode, stageCode } from "./stage-code";
import { checkStageOptions, resolvedStageOptions, type StageOptions } from "./stage-options";
import { startPosition } from "./start-position";
import { keepsFailuresIn, readsFrom, type StreamEnd, writesTo } from "./stream-access";
import { transformed } from "./transform";
import { afterReaders, readsStream } from "./update-order";
import { checkWindow } from "./window-stage";

export type LambdaStageArgs = StageOptions &
    StageMode & {
        readonly from: StreamEnd;
        readonly into?: StreamEnd;
        readonly handler: InlineCallback | EntryFile;
        /** Which records are the stage's, as for `EventStream.stage`. @default all */
        readonly filter?: unknown;
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
        super("sortline:index:LambdaStage", name, {}, resourceOptions);
        const { from, into } = args;
        const options = resolvedStageOptions(args, from.definition.retentionHours);
        const { batch, runtime } = options;
        const check = new ArgumentCheck("LambdaStage", name);
        checkStageOptions(check, options);
        const filter =
            args.filter !== undefined && checkFilter(check, args.filter, from.definition.schema)
                ? args.filter
                : undefined;
        const start = startPosition(check, options.startAt);
        if (args.mode === "window") checkWindow(check, args.window, batch.parallel);
        check.done();

        const code = stageCode(name, { ...args, filter, runtime });
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
            permissions: args.permissions,
            runtime,
            architecture: options.architecture,
            transform: args.transform,
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
                    ...start,
                    batchSize: batch.size,
                    maximumBatchingWindowInSeconds: batch.seconds,
                    parallelizationFactor: batch.parallel,
                    ...(args.mode === "window" ? { tumblingWindowInSeconds: args.window.seconds } : {}),
                    functionResponseTypes: ["ReportBatchItemFailures"],
                    bisectBatchOnFunctionError: options.bisect,
                    maximumRetryAttempts: options.attempts,
                    maximumRecordAgeInSeconds: options.maxAge,
                    destinationConfig: { onFailure: { destinationArn: from.failureBucketArn } },
                    ...(filter === undefined ? {} : { filterCriteria: filterCriteria(filter) }),
                    ...(options.alarms === undefined ? {} : countedMapping),
                },
                args.transform?.mapping,
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
                      transform: args.transform?.alarm,
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
