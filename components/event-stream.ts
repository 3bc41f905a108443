import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentCheck } from "./argument-check";
import { aFunction, integer, listOf, type Rules, required, value } from "./argument-rules";
import type { EntryFile, InlineCallback } from "./inline";
import { LambdaStage, type WrittenStageOptions } from "./lambda-stage";
import { newResource } from "./new-resource";
import { privateBucket } from "./private-bucket";
import type { RecordFilter } from "./record-filter";
import { isSchemaDigest, recordKind } from "./record-kind";
import type { RecordKind } from "./runtime/envelope";
import type { StreamWindow } from "./runtime/stream-window";
import { checkedSchema, type JsonSchema, type RecordSchema, schemaRule } from "./schema";
import { guardedSchema, keptSchema } from "./schema-guard";
import { isOptions } from "./shown-value";
import type { StageOptions } from "./stage-options";
import type { StreamEnd } from "./stream-access";
import { type StreamCapacity, streamCapacityRules, streamMode } from "./stream-capacity";
import { type Transform, transformed, transformOf } from "./transform";
import type { WindowArgs, WindowHandler, WindowStageOptions } from "./window-stage";

export type EventStreamArgs<T> = StreamCapacity & {
    /**
     * What a record is: anything that implements Standard JSON Schema, such as a zod 4 schema. Records are checked
     * against it before a handler sees them and before they are written.
     */
    readonly schema: RecordSchema<T>;
    /**
     * Records with the same key keep their order, except where a shard has too much to do and refuses some that are
     * written together. Runs in every stage that writes to the stream. Keys longer than 256 characters are digested.
     * @default the record's id
     */
    readonly partitionBy?: (record: T) => string;
    /**
     * Digests of deployed schemas that this one may break, as the error at preview names them: records in flight that
     * only fit those are rejected. Once this schema is deployed the option does nothing more, and may be removed.
     * @default none: a schema that breaks records in flight is an error
     */
    readonly replacesSchemas?: readonly string[];
    /** For how long records stay readable, in hours: 24 to 8760. @default 24 */
    readonly retentionHours?: number;
    /**
     * For how long records that failed are kept, in days: 1 to 3650. Data of more than 1 MiB, which travel through the
     * bucket, are kept as long and for the retention of the stream. @default 90
     */
    readonly keepFailuresDays?: number;
    /**
     * Changes the arguments of children: with `failures: { forceDestroy: true }`, `pulumi destroy` deletes the bucket
     * with the failures that are still in it. @default nothing is changed
     */
    readonly transform?: {
        readonly stream?: Transform<aws.kinesis.StreamArgs>;
        readonly failures?: Transform<aws.s3.BucketArgs>;
    };
};

/** What a handler may return for one record: nothing drops it, an array makes several of it. */
export type Emits<U> = U | readonly U[] | undefined;

/** Which records of a stream a stage gets. */
export interface Filtered<T> {
    /**
     * Only records that fit are the stage's; the others are passed over, without a call and without a word. Records that
     * are no JSON, and those without data, fit no filter. @default all records
     */
    readonly filter?: RecordFilter<T>;
}

function streamRules<T>(args: unknown): Rules<EventStreamArgs<T>> {
    return {
        schema: required(schemaRule),
        partitionBy: aFunction("a function of a record, which makes the key"),
        ...streamCapacityRules(isOptions(args) ? args.capacity : undefined),
        replacesSchemas: listOf(
            value('a digest of twelve hex digits, such as "3f9c2a71b0de"', isSchemaDigest),
            "a list of schemas' digests",
        ),
        retentionHours: integer({ from: 24, to: 8760, unit: "hours" }),
        keepFailuresDays: integer({ from: 1, to: 3650, unit: "days" }),
        transform: transformOf<NonNullable<EventStreamArgs<T>["transform"]>>({ stream: true, failures: true }),
    };
}

/** What is known of a stream's records while deploying. */
export interface StreamDefinition {
    readonly kind: RecordKind;
    readonly schema: JsonSchema;
    readonly partitionBy?: InlineCallback;
    readonly retentionHours: number;
}

/**
 * A typed stream of records (Kinesis), encrypted, with a bucket for the records that failed and for data that are too
 * big for a record: more than 1 MiB, and at most 64 MiB, for which a stage needs 1024 MiB of memory. Stages read it in
 * order, at least once.
 */
export class EventStream<T> extends pulumi.ComponentResource {
    readonly streamName: pulumi.Output<string>;
    readonly streamArn: pulumi.Output<string>;
    /** Name of the bucket that keeps what was rejected, what ran out of attempts, and data too big for a record. */
    readonly failureBucket: pulumi.Output<string>;
    readonly failureBucketArn: pulumi.Output<string>;
    /** For components that write to the stream. */
    readonly definition: StreamDefinition;
    /** The children. */
    readonly nodes: { readonly stream: aws.kinesis.Stream; readonly failures: aws.s3.Bucket };
    /** Ties the type of the records to the stream for the compiler; never there at run time. */
    declare readonly recordType?: (record: T) => T;

    /** @throws RunError with every argument that is out of range, and for a schema that JSON Schema cannot express. */
    constructor(name: string, args: EventStreamArgs<T>, options?: pulumi.ComponentResourceOptions) {
        const check = new ArgumentCheck("EventStream", name);
        check.options<EventStreamArgs<T>>("args", args, streamRules(args), new.target !== EventStream);
        check.resourceOptions(options);
        const schema = checkedSchema(check, args?.schema);
        check.done();
        const { retentionHours = 24, keepFailuresDays = 90, replacesSchemas = [] } = args;
        super(
            "sortline:index:EventStream",
            name,
            keptSchema(schema),
            guardedSchema(name, schema, replacesSchemas, options),
        );

        const kind = recordKind(name, schema);
        this.definition = { kind, schema, partitionBy: args.partitionBy, retentionHours };

        const stream = newResource(
            aws.kinesis.Stream,
            `${name}-stream`,
            transformed<aws.kinesis.StreamArgs>(
                {
                    ...streamMode(args),
                    retentionPeriod: retentionHours,
                    encryptionType: "KMS",
                    // The key that AWS keeps for Kinesis: no fixed cost, and no grant needed within the account.
                    kmsKeyId: "alias/aws/kinesis",
                },
                args.transform?.stream,
            ),
            { parent: this },
        );
        const { bucket } = privateBucket(`${name}-failures`, {
            parent: this,
            expireAfterDays: {
                // What stages reject, and what Lambda gives up.
                "rejected/": keepFailuresDays,
                "aws/": keepFailuresDays,
                // A batch that Lambda gave up refers to its claims: they last as long as the latest failure can.
                "claims/": keepFailuresDays + Math.ceil(retentionHours / 24),
            },
            transform: args.transform?.failures,
        });
        this.nodes = { stream, failures: bucket };
        this.streamName = stream.name;
        this.streamArn = stream.arn;
        this.failureBucket = bucket.bucket;
        this.failureBucketArn = bucket.arn;
        this.registerOutputs({
            streamName: this.streamName,
            streamArn: this.streamArn,
            failureBucket: this.failureBucket,
        });
    }

    /**
     * Adds a function that handles the records one by one, in order. What it returns is written to `into`.
     *
     * Throw `RejectRecord` for a record that can never succeed; any other error is tried again.
     *
     * @param handler A function, which may capture data, outputs and components; or `{ entry: "./handler.ts" }`, a file
     * whose default export is the function, which is bundled as it is and gets nothing from the program.
     */
    stage(
        name: string,
        options: StageOptions & Filtered<T> & { readonly into?: undefined },
        handler: (record: T) => Promise<void>,
    ): LambdaStage;
    stage<U>(
        name: string,
        options: StageOptions & Filtered<T> & { readonly into: EventStream<U> },
        handler: (record: T) => Promise<Emits<NoInfer<U>>>,
    ): LambdaStage;
    stage(
        name: string,
        options: StageOptions & Filtered<T> & { readonly into?: StreamEnd },
        handler: EntryFile,
    ): LambdaStage;
    stage(name: string, options: WrittenStageOptions, handler: InlineCallback | EntryFile): LambdaStage {
        return new LambdaStage(name, { from: this, mode: "record", options, handler }, { parent: this });
    }

    /**
     * Adds a function that handles a batch of records at once and returns an array with one entry a record, in the same
     * order: a result, an array of results, or undefined to drop the record.
     *
     * If the handler throws `RejectRecord` for a batch, it is called again with each record alone.
     */
    batchStage(
        name: string,
        options: StageOptions & Filtered<T> & { readonly into?: undefined },
        handler: (records: readonly T[]) => Promise<readonly undefined[]>,
    ): LambdaStage;
    batchStage<U>(
        name: string,
        options: StageOptions & Filtered<T> & { readonly into: EventStream<U> },
        handler: (records: readonly T[]) => Promise<readonly Emits<NoInfer<U>>[]>,
    ): LambdaStage;
    batchStage(
        name: string,
        options: StageOptions & Filtered<T> & { readonly into?: StreamEnd },
        handler: EntryFile,
    ): LambdaStage;
    batchStage(name: string, options: WrittenStageOptions, handler: InlineCallback | EntryFile): LambdaStage {
        return new LambdaStage(name, { from: this, mode: "batch", options, handler }, { parent: this });
    }

    /**
     * Adds a function that takes the records of a window of time into a state: a count, a sum, a set. When the window ends,
     * `close` is called with its last state, once or, after a failure, again; what it returns is written to `into`.
     *
     * Each shard has windows of its own. The handler must come to the same state whether it gets records together or one
     * after the other. If it throws `RejectRecord`, or the state grows beyond 1 MB, it is called again with fewer records,
     * and those that can never be taken in go to the failure bucket.
     */
    windowStage<S>(
        name: string,
        options: WindowStageOptions<S> &
            Filtered<T> & {
                readonly into?: undefined;
                readonly close: (state: NoInfer<S>, window: StreamWindow) => void | Promise<void>;
            },
        handler: WindowHandler<T, NoInfer<S>> | EntryFile,
    ): LambdaStage;
    windowStage<S, U>(
        name: string,
        options: WindowStageOptions<S> &
            Filtered<T> & {
                readonly into: EventStream<U>;
                readonly close: (
                    state: NoInfer<S>,
                    window: StreamWindow,
                ) => Emits<NoInfer<U>> | Promise<Emits<NoInfer<U>>>;
            },
        handler: WindowHandler<T, NoInfer<S>> | EntryFile,
    ): LambdaStage;
    windowStage(
        name: string,
        options: WindowArgs & WrittenStageOptions,
        handler: InlineCallback | EntryFile,
    ): LambdaStage {
        return new LambdaStage(name, { from: this, mode: "window", options, handler }, { parent: this });
    }
}
