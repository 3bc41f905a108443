import { z } from "zod";
import { matches } from "../iam/wildcard";
import { namesResources } from "./resources";

/** A value of a plan; `valid` completes "it must be …". */
const valid = <T>(check: (value: unknown) => boolean, valid: string) => z.custom<T>(check, { error: valid });

const whole = (value: unknown, from: number): boolean => Number.isSafeInteger(value) && Number(value) >= from;
const within = (value: unknown, from: number, to: number): boolean =>
    typeof value === "number" && value >= from && value <= to;

const pattern = valid<string>(
    (value) => typeof value === "string" && value !== "",
    "a name, in which * stands for any text",
);
const share = valid<number>((value) => within(value, 0, 1) && value !== 0, "a number above 0, at most 1");
type Duration = number | readonly [from: number, to: number];
const duration = (unit: string, most: number, example: string) =>
    valid<Duration>(
        (value) =>
            within(value, 0, most) ||
            (Array.isArray(value) &&
                value.length === 2 &&
                value.every((each) => within(each, 0, most)) &&
                value[0] <= value[1]),
        `${unit} from 0 to ${most}, or a range of them such as ${example}`,
    );
const milliseconds = duration("milliseconds", 300_000, "[100, 2000]");
const seconds = duration("seconds", 86_400, "[5, 60]");
const moment = valid<"before" | "after">((value) => value === "before" || value === "after", '"before" or "after"');

/** Which calls a rule is about, of those that its target names. Calls are counted for each operation on each resource. */
const limits = {
    /** Share of the calls that are hit, above 0 and at most 1. @default 1 */
    rate: share.optional(),
    /** Only these calls: 1 is the first. @default all */
    calls: valid<readonly number[]>(
        (value) => Array.isArray(value) && value.length > 0 && value.every((each) => whole(each, 1)),
        "a list of whole numbers from 1, such as [3, 7]",
    ).optional(),
    /** Only so many calls from the beginning. @default all */
    first: valid<number>((value) => whole(value, 1), "a whole number from 1").optional(),
    /** Only calls after so many. @default 0 */
    after: valid<number>((value) => whole(value, 0), "a whole number from 0").optional(),
    /** Faults at most, for each operation on each resource. @default no limit */
    max: valid<number>((value) => whole(value, 1), "a whole number from 1").optional(),
};

const service = {
    /** As in a signature, for example `kinesis`. `*` stands for any text, here and in the other names. */
    service: pattern,
    /** For example `PutRecords`. @default all */
    operation: pattern.optional(),
    /** Name of a stream, bucket, queue, table …: in the program or on the twin. @default all */
    resource: pattern.optional(),
    ...limits,
};

/** After so long, or once so many checkpoints are in S3. */
const duringTraining = <Fault extends string>(fault: Fault) =>
    z
        .strictObject({
            fault: z.literal(fault),
            trainingJob: pattern,
            ...limits,
            /** After the beginning of the training. */
            seconds: seconds.optional(),
            /** 1 is the first after the beginning of the training. */
            checkpoint: valid<number>((value) => whole(value, 1), "a whole number from 1").optional(),
        })
        .refine((rule) => (rule.seconds === undefined) !== (rule.checkpoint === undefined), {
            error: 'a rule with either "seconds" or "checkpoint"',
        });

const schemas = {
    service: {
        /** The service's own answer to too many calls. */
        throttle: z.strictObject({
            fault: z.literal("throttle"),
            ...service,
            /** Of PutRecords: each record is refused with this probability, and the call itself succeeds. @default the whole call */
            records: share.optional(),
        }),
        /** The call waits; then it is done. */
        delay: z.strictObject({ fault: z.literal("delay"), ...service, milliseconds }),
        /** The connection ends without an answer: before the call is done, or after ("acknowledgement lost"). */
        drop: z.strictObject({ fault: z.literal("drop"), ...service, when: moment.optional() }),
        /** A failure inside of the service, before the call is done or after. */
        error: z.strictObject({
            fault: z.literal("error"),
            ...service,
            when: moment.optional(),
            /** @default 500 */
            status: valid<500 | 503>((value) => value === 500 || value === 503, "500 or 503").optional(),
        }),
    },
    function: {
        /** The process ends before the handler runs, or after, when nobody has heard of its result yet. */
        crash: z.strictObject({ fault: z.literal("crash"), function: pattern, ...limits, when: moment.optional() }),
        /** The invocation waits before the handler gets it. */
        delay: z.strictObject({ fault: z.literal("delay"), function: pattern, ...limits, milliseconds }),
    },
    endpoint: {
        /** The model answers with an error. */
        error: z.strictObject({
            fault: z.literal("error"),
            endpoint: pattern,
            ...limits,
            /** What the model answers. @default 500 */
            status: valid<number>(
                (value) => whole(value, 400) && Number(value) < 600,
                "a status from 400 to 599",
            ).optional(),
        }),
        /** The model is slow; after a minute the call times out, as on AWS. */
        delay: z.strictObject({ fault: z.literal("delay"), endpoint: pattern, ...limits, milliseconds }),
    },
    trainingJob: {
        /** The capacity of a spot job is taken away. */
        interrupt: duringTraining("interrupt"),
        /** An instance fails: the job has an InternalServerError, and is retried where its RetryStrategy says so. */
        error: duringTraining("error"),
    },
};

type Schemas = typeof schemas;
type RuleOf<Target extends keyof Schemas> = {
    [Fault in keyof Schemas[Target]]: Schemas[Target][Fault] extends z.ZodType
        ? z.infer<Schemas[Target][Fault]>
        : never;
}[keyof Schemas[Target]];

export type ServiceRule = RuleOf<"service">;
export type FunctionRule = RuleOf<"function">;
export type EndpointRule = RuleOf<"endpoint">;
export type TrainingJobRule = RuleOf<"trainingJob">;
export type FaultRule = ServiceRule | FunctionRule | EndpointRule | TrainingJobRule;

/**
 * Faults on demand. The same seed decides the same for the n-th call of an operation on a resource, whatever else is
 * called and when. Of a call's rules the first that hits decides; delays come on top.
 */
export interface FaultPlan {
    /** A whole number from 0. */
    readonly seed: number;
    readonly rules: readonly FaultRule[];
}

/** A plan cannot be used. The message names all that is wrong. */
export class InvalidFaults extends Error {
    override readonly name = "InvalidFaults";
    constructor(readonly problems: readonly string[]) {
        super(`These faults cannot be injected:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    }
}

/**
 * Checks a plan.
 * @param operations By service: the operations that the twin serves.
 * @throws InvalidFaults with all problems: where, value, valid values.
 */
export function readFaultPlan(given: unknown, operations: ReadonlyMap<string, readonly string[]>): FaultPlan {
    const problems: string[] = [];
    const rules: FaultRule[] = [];
    const plan = z.strictObject({
        seed: valid<number>((value) => whole(value, 0), "a whole number from 0"),
        rules: z.unknown(),
    });
    const read = plan.safeParse(given);
    problems.push(...problemsOf(read.error, given, "", plan));
    const list = isObject(given) ? given.rules : [];
    if (!Array.isArray(list)) problems.push(problem("rules", list, "a list of rules"));
    for (const [index, rule] of (Array.isArray(list) ? list : []).entries()) {
        const where = `rules[${index}]`;
        rules.push(...readRule(rule, where, problems));
        if (isObject(rule)) problems.push(...unknownNames(rule, where, operations));
    }
    if (read.data === undefined || problems.length > 0) throw new InvalidFaults(problems);
    return { seed: read.data.seed, rules };
}

function readRule(rule: unknown, where: string, problems: string[]): FaultRule[] {
    const targets = Object.keys(schemas).filter((target) => isObject(rule) && target in rule);
    const [target] = targets;
    if (!isObject(rule) || target === undefined || targets.length > 1) {
        problems.push(
            problem(
                where,
                rule,
                'an object with one of "service", "function", "endpoint", "trainingJob", and a "fault"',
            ),
        );
        return [];
    }
    const faults = new Map<string, z.ZodType<FaultRule>>(Object.entries(schemas[target as keyof Schemas]));
    const schema = faults.get(String(rule.fault));
    if (schema === undefined) {
        const names = [...faults.keys()].map((name) => `"${name}"`).join(" or ");
        problems.push(problem(`${where}.fault`, rule.fault, `${names} for a ${target}`));
        return [];
    }
    const { data, error } = schema.safeParse(rule);
    problems.push(...problemsOf(error, rule, where, schema));
    return data === undefined ? [] : [data];
}

function problemsOf(error: z.ZodError | undefined, given: unknown, where: string, schema: z.ZodType): string[] {
    return (error?.issues ?? []).flatMap((issue) => {
        const path = [where, ...issue.path.map(String)].filter((part) => part !== "").join(".");
        if (issue.code === "unrecognized_keys") {
            const known = schema instanceof z.ZodObject ? Object.keys(schema.shape).join(", ") : "";
            return issue.keys.map(
                (key) => `${path === "" ? key : `${path}.${key}`} is not known; what may stand there: ${known}.`,
            );
        }
        const value = issue.path.reduce<unknown>((at, key) => (isObject(at) ? at[String(key)] : undefined), given);
        const wanted = issue.code === "custom" ? issue.message : 'an object, { "seed": …, "rules": […] }';
        return [problem(path === "" ? "The plan" : path, issue.path.length === 0 ? given : value, wanted)];
    });
}

function unknownNames(
    { service, operation, resource, records }: Readonly<Record<string, unknown>>,
    where: string,
    operations: ReadonlyMap<string, readonly string[]>,
): string[] {
    if (typeof service !== "string") return [];
    const services = [...operations.keys()].filter((name) => matches(service, name));
    if (services.length === 0) {
        return [problem(`${where}.service`, service, `one of ${[...operations.keys()].sort().join(", ")}`)];
    }
    const served = [...new Set(services.flatMap((name) => operations.get(name) ?? []))].sort();
    if (typeof operation === "string" && !served.some((name) => matches(operation, name))) {
        return [problem(`${where}.operation`, operation, `one of ${served.join(", ")}`)];
    }
    const named = services.some((name) =>
        (operations.get(name) ?? []).some(
            (each) => (typeof operation !== "string" || matches(operation, each)) && namesResources(name, each),
        ),
    );
    if (typeof resource === "string" && !named && !matches(resource, "")) {
        const calls = typeof operation === "string" ? `${service} ${operation}` : service;
        return [
            `${where}.resource is ${JSON.stringify(resource)}, but requests of ${calls} name no resource, so that the rule would never hit; leave it out.`,
        ];
    }
    if (records !== undefined && operation !== "PutRecords") {
        return [`${where}.records is for "operation": "PutRecords" only, of which single records can be refused.`];
    }
    return [];
}

function problem(where: string, value: unknown, wanted: string): string {
    if (value === undefined) return `${where} is missing; it must be ${wanted}.`;
    const shown = JSON.stringify(value);
    return `${where} is ${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown}; it must be ${wanted}.`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
