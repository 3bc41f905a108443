import type {
    DeleteRuleRequest,
    DescribeRuleRequest,
    DescribeRuleResponse,
    DisableRuleRequest,
    EnableRuleRequest,
    ListRuleNamesByTargetRequest,
    ListRuleNamesByTargetResponse,
    ListRulesRequest,
    ListRulesResponse,
    ListTargetsByRuleRequest,
    ListTargetsByRuleResponse,
    PutRuleRequest,
    PutRuleResponse,
    PutTargetsRequest,
    PutTargetsResponse,
    RemoveTargetsRequest,
    RemoveTargetsResponse,
    Target,
} from "@aws-sdk/client-eventbridge";
import type { TwinContext } from "../context";
import { AwsError, account, type Caller, type Operation } from "../service";
import type { Buses } from "./buses";
import { pageOf } from "./paging";
import { eventPattern } from "./pattern";
import { type Rule, type Rules, ruleArn, type StoredRule } from "./rules";
import { schedule } from "./schedule";
import type { Scheduler } from "./scheduler";
import { tagMap } from "./tags";
import { checkTarget, invalid } from "./target";

export interface RuleOperations {
    PutRule: Operation<PutRuleRequest, PutRuleResponse>;
    DeleteRule: Operation<DeleteRuleRequest, object>;
    DescribeRule: Operation<DescribeRuleRequest, DescribeRuleResponse>;
    ListRules: Operation<ListRulesRequest, ListRulesResponse>;
    EnableRule: Operation<EnableRuleRequest, object>;
    DisableRule: Operation<DisableRuleRequest, object>;
    ListRuleNamesByTarget: Operation<ListRuleNamesByTargetRequest, ListRuleNamesByTargetResponse>;
    PutTargets: Operation<PutTargetsRequest, PutTargetsResponse>;
    RemoveTargets: Operation<RemoveTargetsRequest, RemoveTargetsResponse>;
    ListTargetsByRule: Operation<ListTargetsByRuleRequest, ListTargetsByRuleResponse>;
}

/** By default; AWS raises it to what is asked for. */
const mostTargets = 5;

export function ruleOperations(
    { iam, clock }: Pick<TwinContext, "iam" | "clock">,
    { buses, rules, scheduler }: { buses: Buses; rules: Rules; scheduler: Scheduler },
): RuleOperations {
    /** The name of the bus that a rule is on, if the caller may do this to the rule. */
    function authorize(caller: Caller, action: string, name: string, bus: string | undefined): string {
        const onBus = buses.find(bus)?.name ?? bus ?? "default";
        iam.authorize(caller, `events:${action}`, ruleArn(onBus, name));
        return buses.require(bus).name;
    }

    function permitted(caller: Caller, action: string, name = "", bus?: string): Rule {
        const onBus = authorize(caller, action, name, bus);
        const rule = rules.find(onBus, name);
        if (rule !== undefined) return rule;
        throw new AwsError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus ${onBus}.`);
    }

    function put(stored: StoredRule): Rule {
        const rule = rules.put(stored);
        scheduler.reconsider(rule.arn, rule);
        return rule;
    }

    function enable(rule: Rule, enabled: boolean): object {
        put({ ...rule, enabled });
        return {};
    }

    return {
        async PutRule({ Name = "", EventPattern, ScheduleExpression, State, Description, EventBusName, Tags }, caller) {
            const bus = authorize(caller, "PutRule", Name, EventBusName);
            if (EventPattern === undefined && ScheduleExpression === undefined) {
                throw invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.");
            }
            if (EventPattern !== undefined) eventPattern(EventPattern);
            if (ScheduleExpression !== undefined) {
                if (bus !== "default") throw invalid("ScheduleExpression is supported only on the default event bus.");
                schedule(ScheduleExpression);
            }
            const earlier = rules.find(bus, Name);
            const sameSchedule = earlier?.scheduleExpression === ScheduleExpression;
            const rule = put({
                bus,
                name: Name,
                pattern: EventPattern,
                scheduleExpression: ScheduleExpression,
                scheduledSince: (sameSchedule ? earlier?.scheduledSince : undefined) ?? clock.now(),
                enabled: State !== "DISABLED",
                description: Description,
                // As documented, tags are for new rules; TagResource changes them.
                tags: earlier?.tags ?? tagMap(Tags),
                targets: earlier?.targets ?? new Map<string, Target>(),
            });
            return { RuleArn: rule.arn };
        },

        async DeleteRule({ Name = "", EventBusName }, caller) {
            const bus = authorize(caller, "DeleteRule", Name, EventBusName);
            const rule = rules.find(bus, Name);
            if (rule === undefined) return {};
            if (rule.targets.size > 0) throw invalid("Rule can't be deleted since it has targets.");
            rules.remove(rule);
            scheduler.reconsider(rule.arn, undefined);
            return {};
        },

        async DescribeRule({ Name, EventBusName }, caller) {
            return { ...described(permitted(caller, "DescribeRule", Name, EventBusName)), CreatedBy: account };
        },

        async ListRules({ NamePrefix = "", EventBusName, ...input }, caller) {
            const bus = authorize(caller, "ListRules", `${NamePrefix}*`, EventBusName);
            const found = rules.of(bus).filter(({ name }) => name.startsWith(NamePrefix));
            const { items, NextToken } = pageOf(found, ({ name }) => name, input);
            return { Rules: items.map(described), NextToken };
        },

        EnableRule: async ({ Name, EventBusName }, caller) =>
            enable(permitted(caller, "EnableRule", Name, EventBusName), true),
        DisableRule: async ({ Name, EventBusName }, caller) =>
            enable(permitted(caller, "DisableRule", Name, EventBusName), false),

        async ListRuleNamesByTarget({ TargetArn, EventBusName, ...input }, caller) {
            const bus = authorize(caller, "ListRuleNamesByTarget", "*", EventBusName);
            const found = rules
                .of(bus)
                .filter(({ targets }) => [...targets.values()].some(({ Arn }) => Arn === TargetArn));
            const { items, NextToken } = pageOf(found, ({ name }) => name, input);
            return { RuleNames: items.map(({ name }) => name), NextToken };
        },

        async PutTargets({ Rule: name, EventBusName, Targets = [] }, caller) {
            const rule = permitted(caller, "PutTargets", name, EventBusName);
            for (const target of Targets) checkTarget(target);
            const targets = new Map(rule.targets);
            for (const target of Targets) targets.set(String(target.Id), target);
            if (targets.size > mostTargets) {
                throw new AwsError(
                    "LimitExceededException",
                    "The requested resource exceeds the maximum number allowed.",
                );
            }
            put({ ...rule, targets });
            return { FailedEntryCount: 0, FailedEntries: [] };
        },

        async RemoveTargets({ Rule: name, EventBusName, Ids = [] }, caller) {
            const rule = permitted(caller, "RemoveTargets", name, EventBusName);
            const targets = new Map(rule.targets);
            for (const id of Ids) targets.delete(id);
            put({ ...rule, targets });
            return { FailedEntryCount: 0, FailedEntries: [] };
        },

        async ListTargetsByRule({ Rule: name, EventBusName, ...input }, caller) {
            const { targets } = permitted(caller, "ListTargetsByRule", name, EventBusName);
            const { items, NextToken } = pageOf([...targets.values()], ({ Id }) => String(Id), input);
            return { Targets: items, NextToken };
        },
    };
}

function described({ name, arn, bus, pattern, scheduleExpression, enabled, description }: Rule) {
    return {
        Name: name,
        Arn: arn,
        EventPattern: pattern,
        ScheduleExpression: scheduleExpression,
        State: enabled ? ("ENABLED" as const) : ("DISABLED" as const),
        Description: description,
        EventBusName: bus,
    };
}
