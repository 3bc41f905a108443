import type { Report } from "../context";
import { matches } from "../iam/wildcard";
import { chance, delayOf, hits, identityOf } from "./decisions";
import { stableName } from "./names";
import type { EndpointRule, FaultPlan, FaultRule, FunctionRule, ServiceRule, TrainingJobRule } from "./plan";

export { type FaultPlan, type FaultRule, InvalidFaults, readFaultPlan } from "./plan";

/** What is to be done to one call. */
export interface Injection<Rule> {
    /** Milliseconds that the call waits first. */
    readonly delay: number;
    /** What happens besides; undefined where it is the delay alone. */
    readonly rule: Rule | undefined;
    /** For logs and headers, for example `throttle (rule 1, call 3)`. */
    readonly label: string;
    /** A number from 0 up to 1 for a part of the call, the same each time. */
    chance(part: number): number;
}

export interface InjectedFault {
    /** ISO 8601. */
    readonly time: string;
    /** Index in the plan's rules. */
    readonly rule: number;
    readonly fault: FaultRule["fault"];
    /** For example `kinesis PutRecords messages-stream`. */
    readonly call: string;
    /** The how many-th such call it was; 1 is the first. */
    readonly number: number;
}

/** What was injected since the plan came into force. */
export interface FaultAccount {
    readonly seed: number;
    readonly rules: readonly {
        readonly rule: FaultRule;
        /** How many calls its target named. */
        readonly calls: number;
        readonly injected: number;
    }[];
    /** The newest ones, the last one last. */
    readonly newest: readonly InjectedFault[];
}

/** Faults on demand, for services, functions, endpoints and training jobs. Without a plan there are none. */
export interface Faults {
    /** Whether any rule is about a service, or about one of its operations. */
    concerns(service: string, operation?: string): boolean;
    /** @param resources names of those that the request is about */
    ofRequest(service: string, operation: string, ...resources: readonly string[]): Injection<ServiceRule> | undefined;
    ofInvocation(functionName: string): Injection<FunctionRule> | undefined;
    ofModel(endpoint: string): Injection<EndpointRule> | undefined;
    /**
     * Of one attempt of a job. Attempts are counted over all jobs, whose names are new each time.
     * @param isSpot whether its capacity can be taken away
     */
    ofTrainingJob(name: string, isSpot: boolean): Injection<TrainingJobRule> | undefined;
    /** Puts a plan into force, or none. Counting begins anew. */
    use(plan: FaultPlan | undefined): void;
    /** Undefined without a plan. */
    account(): FaultAccount | undefined;
}

export interface FaultOptions {
    /** @default nobody hears of what is injected */
    report?(event: Report): void;
    /**
     * The names in the program of what has a name on the twin: of the resource, and of the components around it.
     * @default none
     */
    programNames?(name: string): readonly string[];
}

/** Of each rule at most so often a line is shown, in milliseconds; the account has all. */
const reportInterval = 5_000;
const keptInjections = 200;

interface CountedRule {
    readonly rule: FaultRule;
    readonly index: number;
    readonly identity: string;
    calls: number;
    injected: number;
    /** By call. */
    readonly hits: Map<string, number>;
    reported: number;
}

interface InForce {
    readonly seed: number;
    readonly rules: readonly CountedRule[];
    /** How often each operation on each resource was called. */
    readonly calls: Map<string, number>;
    readonly newest: InjectedFault[];
}

function isAbout(rule: FaultRule, service: string, operation: string | undefined): rule is ServiceRule {
    if (!("service" in rule) || !matches(rule.service, service)) return false;
    return operation === undefined || rule.operation === undefined || matches(rule.operation, operation);
}

export function createFaults({ report, programNames }: FaultOptions = {}): Faults {
    let inForce: InForce | undefined;

    const fits = (pattern: string | undefined, name: string): boolean =>
        pattern === undefined ||
        matches(pattern, name) ||
        matches(pattern, stableName(name)) ||
        (programNames?.(name) ?? []).some((each) => matches(pattern, each));

    /** Counts a call and decides about it. */
    function decide<Rule extends FaultRule>(
        call: string,
        isTarget: (rule: FaultRule) => rule is Rule,
    ): Injection<Rule> | undefined {
        const plan = inForce;
        const rules = (plan?.rules ?? []).flatMap((counted) =>
            isTarget(counted.rule) ? [{ counted, rule: counted.rule }] : [],
        );
        if (plan === undefined || rules.length === 0) return undefined;
        const n = (plan.calls.get(call) ?? 0) + 1;
        plan.calls.set(call, n);
        let delay = 0;
        const injected: CountedRule[] = [];
        let decisive: { readonly counted: CountedRule; readonly rule: Rule } | undefined;
        for (const { counted, rule } of rules) {
            counted.calls++;
            if (decisive !== undefined) continue;
            const { identity } = counted;
            const before = counted.hits.get(call) ?? 0;
            if (!hits(rule, plan.seed, call, n, before)) continue;
            counted.hits.set(call, before + 1);
            injected.push(counted);
            if (rule.fault === "delay") delay += delayOf(rule.milliseconds, plan.seed, identity, call, n);
            else decisive = { counted, rule };
        }
        if (injected.length === 0) return undefined;
        for (const counted of injected) note(plan, counted, call, n);
        const { seed } = plan;
        return {
            delay,
            rule: decisive?.rule,
            label: injected.map(({ rule: { fault }, index }) => `${fault} (rule ${index + 1}, call ${n})`).join(", "),
            chance: (part) => chance(seed, decisive?.counted.identity ?? "", call, n, part),
        };
    }

    function note(plan: InForce, counted: CountedRule, call: string, number: number): void {
        const { rule, index } = counted;
        counted.injected++;
        plan.newest.push({ time: new Date().toISOString(), rule: index, fault: rule.fault, call, number });
        if (plan.newest.length > keptInjections) plan.newest.shift();
        const now = Date.now();
        if (now - counted.reported < reportInterval) return;
        counted.reported = now;
        const message = `Injected on demand: ${rule.fault} of ${call}, call ${number}; rule ${index + 1} has injected ${counted.injected} so far.`;
        report?.({ level: "warning", source: "faults", message });
    }

    return {
        concerns: (service, operation) => inForce?.rules.some(({ rule }) => isAbout(rule, service, operation)) ?? false,
        ofRequest: (service, operation, ...resources) =>
            decide(
                [service, operation, resources.map(stableName).join(",")].filter((part) => part !== "").join(" "),
                (rule): rule is ServiceRule =>
                    isAbout(rule, service, operation) &&
                    (resources.length === 0 ? [""] : resources).some((name) => fits(rule.resource, name)),
            ),
        ofInvocation: (name) =>
            decide(
                `function ${stableName(name)}`,
                (rule): rule is FunctionRule => "function" in rule && fits(rule.function, name),
            ),
        ofModel: (name) =>
            decide(
                `endpoint ${stableName(name)}`,
                (rule): rule is EndpointRule => "endpoint" in rule && fits(rule.endpoint, name),
            ),
        ofTrainingJob: (name, isSpot) =>
            decide(
                "training job",
                (rule): rule is TrainingJobRule =>
                    "trainingJob" in rule && (isSpot || rule.fault !== "interrupt") && fits(rule.trainingJob, name),
            ),
        use(plan) {
            inForce = plan && {
                seed: plan.seed,
                rules: plan.rules.map((rule, index) => ({
                    rule,
                    index,
                    identity: identityOf(rule),
                    calls: 0,
                    injected: 0,
                    hits: new Map(),
                    reported: 0,
                })),
                calls: new Map(),
                newest: [],
            };
        },
        account: () =>
            inForce && {
                seed: inForce.seed,
                rules: inForce.rules.map(({ rule, calls, injected }) => ({ rule, calls, injected })),
                newest: [...inForce.newest],
            },
    };
}
