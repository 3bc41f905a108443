import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentCheck } from "./argument-check";
import {
    type BundleOptions,
    type EntryFile,
    type InlineCallback,
    inline,
    type NodeRuntime,
    type PolicyStatement,
} from "./inline";
import { type Architecture, type FunctionTransform, type LambdaFunction, lambdaFunction } from "./lambda-function";
import { newResource } from "./new-resource";
import { runtimeModule } from "./package-files";
import type { StageSettings } from "./runtime/stream-adapter";
import { compileValidator } from "./schema";
import { keepsFailuresIn, readsFrom, type StreamEnd, writesTo } from "./stream-access";
import { type Transform, transformed } from "./transform";

export interface StageOptions {
    /** How records are collected for one call of the function. */
    readonly batch?: {
        /** At most so many records: 1 to 10000. @default 100 */
        readonly size?: number;
        /** Waits so long for a batch to fill, in seconds: 0 to 300. @default 0 */
        readonly seconds?: number;
    };
    /** MiB: 128 to 10240. The share of a CPU grows with it. @default 512 */
    readonly memory?: number;
    /** Seconds that one call may take: 1 to 900. @default 60 */
    readonly timeout?: number;
    /** How often a failed batch is tried again before it goes to the failure bucket: 0 to 10000. @default 5 */
    readonly attempts?: number;
    /** Where a new stage begins: with the oldest record or with the next one. @default "TRIM_HORIZON" */
    readonly startingPosition?: "TRIM_HORIZON" | "LATEST";
    /**
     * What the handler may do with outputs that it reads: `[allow(["s3:GetObject"], arn)]`. What it calls on components is
     * permitted already. @default nothing
     */
    readonly permissions?: readonly PolicyStatement[];
    /** How the code is bundled. @default minified, with all that it imports */
    readonly bundle?: BundleOptions;
    /** @default "nodejs22.x" */
    readonly runtime?: NodeRuntime;
    /** @default "arm64" */
    readonly architecture?: Architecture;
    /** Changes the arguments of children. @default nothing is changed */
    readonly transform?: FunctionTransform & { readonly mapping?: Transform<aws.lambda.EventSourceMappingArgs> };
}

export interface LambdaStageArgs extends StageOptions {
    readonly from: StreamEnd;
    readonly into?: StreamEnd;
    /** Called with one record, or in batch mode with all of them. */
    readonly handler: InlineCallback | EntryFile;
    readonly mode: "record" | "batch";
}

/** Lambda forgets records after seven days at most. */
const MAX_AGE_SECONDS = 604_800;

/** A function that consumes a stream, with a role that may do what its handler uses. Made by `EventStream.stage`. */
export class LambdaStage extends pulumi.ComponentResource {
    readonly functionName: pulumi.Output<string>;
    readonly functionArn: pulumi.Output<string>;
    readonly logGroupName: pulumi.Output<string>;
    /** The children. */
    readonly nodes: LambdaFunction & { readonly mapping: aws.lambda.EventSourceMapping };

    /** @throws RunError with every argument that is out of range, and for a handler that cannot be bundled. */
    constructor(name: string, args: LambdaStageArgs, options?: pulumi.ComponentResourceOptions) {
        super("sortline:index:LambdaStage", name, {}, options);
        const { from, into, memory = 512, timeout = 60, attempts = 5, startingPosition = "TRIM_HORIZON" } = args;
        const { size = 100, seconds = 0 } = args.batch ?? {};
        const { runtime = "nodejs22.x", architecture = "arm64" } = args;
        const check = new ArgumentCheck("LambdaStage", name);
        check.integer("batch.size", size, { from: 1, to: 10_000, unit: "records" });
        check.integer("batch.seconds", seconds, { from: 0, to: 300, unit: "seconds" });
        check.integer("memory", memory, { from: 128, to: 10_240, unit: "MiB" });
        check.integer("timeout", timeout, { from: 1, to: 900, unit: "seconds" });
        check.integer("attempts", attempts, { from: 0, to: 10_000 });
        check.oneOf("runtime", runtime, ["nodejs22.x", "nodejs24.x"]);
        check.oneOf("architecture", architecture, ["arm64", "x86_64"]);
        check.done();

        const settings: StageSettings = {
            stage: name,
            source: `/${pulumi.getProject()}/${name}`,
            mode: args.mode,
            into: into?.definition.kind,
        };
        const code = inline(name, args.handler, {
            adapter: runtimeModule("stream-adapter"),
            settings: { ...settings },
            modules: {
                "sortline:input-schema": compileValidator(from.definition.schema),
                "sortline:output-schema":
                    into === undefined
                        ? "export const validate = undefined;"
                        : compileValidator(into.definition.schema),
            },
            callbacks: into?.definition.partitionBy === undefined ? {} : { partitionBy: into.definition.partitionBy },
            bundle: args.bundle,
            runtime,
        });
        const access = into === undefined ? undefined : writesTo(into);
        const lambda = lambdaFunction(name, {
            parent: this,
            description: `Stage ${name} of ${pulumi.getProject()}`,
            code,
            memory,
            timeout,
            environment: {
                // The name of the pipeline in metrics.
                SORTLINE_PIPELINE: `${pulumi.getProject()}-${pulumi.getStack()}`,
                SORTLINE_FAILURE_BUCKET: from.failureBucket,
                ...access?.environment,
            },
            statements: [...readsFrom(from), ...(access?.statements ?? []), ...keepsFailuresIn(from.failureBucketArn)],
            permissions: args.permissions,
            runtime,
            architecture,
            transform: args.transform,
        });
        const mapping = newResource(
            aws.lambda.EventSourceMapping,
            `${name}-mapping`,
            transformed<aws.lambda.EventSourceMappingArgs>(
                {
                    eventSourceArn: from.streamArn,
                    functionName: lambda.function.arn,
                    startingPosition,
                    batchSize: size,
                    maximumBatchingWindowInSeconds: seconds,
                    functionResponseTypes: ["ReportBatchItemFailures"],
                    bisectBatchOnFunctionError: true,
                    maximumRetryAttempts: attempts,
                    // An hour before the stream forgets a record it goes to the failure bucket, so that none is lost.
                    maximumRecordAgeInSeconds: Math.min(MAX_AGE_SECONDS, (from.definition.retentionHours - 1) * 3600),
                    destinationConfig: { onFailure: { destinationArn: from.failureBucketArn } },
                },
                args.transform?.mapping,
            ),
            { parent: this, dependsOn: [lambda.policy] },
        );
        const { permissions, ...nodes } = lambda;
        this.nodes = { ...nodes, mapping };
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
