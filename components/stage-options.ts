import type * as aws from "@pulumi/aws";
import type { ArgumentCheck } from "./argument-check";
import type { BundleOptions, NodeRuntime, PolicyStatement } from "./inline";
import type { Architecture, FunctionTransform, Tracing } from "./lambda-function";
import { type LogRetentionDays, logRetentionDays } from "./log-retention";
import { checkAlarms, resolvedAlarms, type StageAlarms } from "./stage-alarms";
import type { StartAt } from "./start-position";
import type { Transform } from "./transform";

/** How records are collected for one call of a stage's function. */
export interface StageBatch {
    /** At most so many records: 1 to 10000; at most 6 MB in any case. @default 100 */
    readonly size?: number;
    /** Waits so long for a batch to fill, in seconds: 0 to 300. @default 0 */
    readonly seconds?: number;
    /**
     * So many batches of one shard are handled at a time: 1 to 10. Records with one partition key keep their order.
     * @default 1
     */
    readonly parallel?: number;
}

/** What every kind of stage can be given. */
export interface StageOptions {
    readonly batch?: StageBatch;
    /** How often a failed batch is tried again before it goes to the failure bucket: 0 to 10000. @default 5 */
    readonly attempts?: number;
    /**
     * A record that is older goes to the failure bucket instead of being tried again, in seconds: 60 to 604800, and at
     * least a minute below the stream's retention, so that none expires unhandled.
     * @default an hour below the stream's retention, at most 604800
     */
    readonly maxAge?: number;
    /**
     * Whether a failed batch is halved until the record that fails is alone. Without it all that is behind that record in
     * its batch goes to the failure bucket with it. @default true
     */
    readonly bisect?: boolean;
    /**
     * Where a new stage begins: "horizon" is the oldest record that the stream has, "latest" the next one; a `Date` or a
     * time in ISO 8601 with its zone begins with what came then or later, which must not be in the future. A change makes
     * the stage begin there anew (a backfill): records are handled again, or, with "latest", some never. Never write
     * `new Date()`: it is a change at every deployment. @default "horizon"
     */
    readonly startAt?: StartAt;
    /**
     * At most so many calls of the function at a time, which are also kept free for it out of the account's: 0 or more. AWS
     * refuses what leaves the account's other functions fewer than 100.
     * Fewer than the stream's shards times `batch.parallel` let shards wait for each other. 0 stops the stage: records
     * wait in the stream, and those that reach `maxAge` meanwhile go to the failure bucket. @default no limit of its own
     */
    readonly concurrency?: number;
    /** MiB: 128 to 10240. The share of a CPU grows with it. @default 512 */
    readonly memory?: number;
    /** Seconds that one call may take: 1 to 900. @default 60 */
    readonly timeout?: number;
    readonly logs?: {
        /** For how many days the function's log is kept: one of CloudWatch's numbers, 1 to 3653. @default 30 */
        readonly retentionDays?: LogRetentionDays;
    };
    /**
     * "active" samples calls and sends their traces to X-Ray, which are paid for beyond a free number; "passthrough" traces
     * what somebody else has sampled. @default "passthrough"
     */
    readonly tracing?: Tracing;
    /** Alarms when records wait too long or fail. `{}` takes all defaults. Each alarm is paid by the month. @default none */
    readonly alarms?: StageAlarms;
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
    readonly transform?: FunctionTransform & {
        readonly mapping?: Transform<aws.lambda.EventSourceMappingArgs>;
        /** Of every alarm. */
        readonly alarm?: Transform<aws.cloudwatch.MetricAlarmArgs>;
    };
}

/** Lambda's longest age of a record that it still handles, in seconds. */
const LONGEST_AGE = 604_800;
const MINUTE = 60;
const HOUR = 3600;

/** A stage's options with their defaults. */
export function resolvedStageOptions(options: StageOptions, retentionHours: number) {
    const { size = 100, seconds = 0, parallel = 1 } = options.batch ?? {};
    const retention = retentionHours * HOUR;
    const {
        attempts = 5,
        bisect = true,
        startAt = "horizon",
        maxAge = Math.min(LONGEST_AGE, retention - HOUR),
    } = options;
    const { memory = 512, timeout = 60, concurrency, tracing = "passthrough" } = options;
    const { runtime = "nodejs22.x", architecture = "arm64" } = options;
    const batch = { size, seconds, parallel };
    const logs = { retentionDays: options.logs?.retentionDays ?? 30 };
    const alarms = options.alarms === undefined ? undefined : resolvedAlarms(options.alarms, maxAge);
    const reading = { batch, attempts, bisect, startAt, maxAge, oldest: Math.min(LONGEST_AGE, retention - MINUTE) };
    return { ...reading, memory, timeout, concurrency, logs, tracing, runtime, architecture, alarms };
}

export type ResolvedStageOptions = ReturnType<typeof resolvedStageOptions>;

/** What is wrong with a stage's options. */
export function checkStageOptions(check: ArgumentCheck, settings: ResolvedStageOptions): void {
    const { batch, attempts, maxAge, oldest, memory, timeout } = settings;
    check.integer("batch.size", batch.size, { from: 1, to: 10_000, unit: "records" });
    check.integer("batch.seconds", batch.seconds, { from: 0, to: 300, unit: "seconds" });
    check.integer("batch.parallel", batch.parallel, { from: 1, to: 10, unit: "batches of a shard" });
    check.integer("attempts", attempts, { from: 0, to: 10_000 });
    check.integer("maxAge", maxAge, { from: MINUTE, to: oldest, unit: "seconds, below the stream's retention" });
    check.flag("bisect", settings.bisect);
    check.integer("concurrency", settings.concurrency, { from: 0, unit: "calls at a time" });
    check.integer("memory", memory, { from: 128, to: 10_240, unit: "MiB" });
    check.integer("timeout", timeout, { from: 1, to: 900, unit: "seconds" });
    check.oneOf("logs.retentionDays", settings.logs.retentionDays, logRetentionDays);
    check.oneOf("tracing", settings.tracing, ["active", "passthrough"]);
    check.oneOf("runtime", settings.runtime, ["nodejs22.x", "nodejs24.x"]);
    check.oneOf("architecture", settings.architecture, ["arm64", "x86_64"]);
    if (settings.alarms !== undefined) checkAlarms(check, settings.alarms, maxAge);
}
