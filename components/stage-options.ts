import type * as aws from "@pulumi/aws";
import { flag, integer, isWhole, oneOf, options, type Rule, type Rules } from "./argument-rules";
import { bundleRule } from "./bundle-rule";
import type { BundleOptions, NodeRuntime, PolicyStatement } from "./inline";
import type { Architecture, FunctionTransform, Tracing } from "./lambda-function";
import { type LogRetentionDays, logRetentionDays } from "./log-retention";
import { permissionsRule } from "./permissions-rule";
import { alarmsRule, resolvedAlarms, type StageAlarms } from "./stage-alarms";
import { type StartAt, startRule } from "./start-position";
import { type Transform, transformOf } from "./transform";

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

/** How old a record of a stream may become, in seconds. */
function recordAges(retentionHours: number) {
    const retention = retentionHours * HOUR;
    return { usual: Math.min(LONGEST_AGE, retention - HOUR), oldest: Math.min(LONGEST_AGE, retention - MINUTE) };
}

/** A stage's options with their defaults. */
export function resolvedStageOptions(given: StageOptions, retentionHours: number) {
    const { size = 100, seconds = 0, parallel = 1 } = given.batch ?? {};
    const { attempts = 5, bisect = true, startAt = "horizon", maxAge = recordAges(retentionHours).usual } = given;
    const { memory = 512, timeout = 60, concurrency, tracing = "passthrough" } = given;
    const { runtime = "nodejs22.x", architecture = "arm64" } = given;
    const batch = { size, seconds, parallel };
    const logs = { retentionDays: given.logs?.retentionDays ?? 30 };
    const alarms = given.alarms === undefined ? undefined : resolvedAlarms(given.alarms, maxAge);
    const reading = { batch, attempts, bisect, startAt, maxAge };
    return { ...reading, memory, timeout, concurrency, logs, tracing, runtime, architecture, alarms };
}

/** What the options of every kind of stage may be. */
export function stageOptionRules(
    given: Readonly<Record<string, unknown>>,
    stage: { readonly retentionHours: number; readonly parallel?: Rule },
): Rules<StageOptions> {
    const ages = recordAges(stage.retentionHours);
    const maxAge = isWhole(given.maxAge) ? given.maxAge : ages.usual;
    return {
        batch: options<StageBatch>({
            size: integer({ from: 1, to: 10_000, unit: "records" }),
            seconds: integer({ from: 0, to: 300, unit: "seconds" }),
            parallel: stage.parallel ?? integer({ from: 1, to: 10, unit: "batches of a shard" }),
        }),
        attempts: integer({ from: 0, to: 10_000 }),
        maxAge: integer({ from: MINUTE, to: ages.oldest, unit: "seconds, below the stream's retention" }),
        bisect: flag,
        startAt: startRule,
        concurrency: integer({ from: 0, unit: "calls at a time" }),
        memory: integer({ from: 128, to: 10_240, unit: "MiB" }),
        timeout: integer({ from: 1, to: 900, unit: "seconds" }),
        logs: options<NonNullable<StageOptions["logs"]>>({ retentionDays: oneOf(logRetentionDays) }),
        tracing: oneOf(["active", "passthrough"]),
        alarms: alarmsRule(maxAge),
        permissions: permissionsRule,
        bundle: bundleRule,
        runtime: oneOf(["nodejs22.x", "nodejs24.x"]),
        architecture: oneOf(["arm64", "x86_64"]),
        transform: transformOf<NonNullable<StageOptions["transform"]>>({
            function: true,
            role: true,
            logGroup: true,
            mapping: true,
            alarm: true,
        }),
    };
}
