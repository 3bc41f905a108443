import type {
    DeleteRuleRequest,
    DescribeRuleRequest,
    DescribeRuleResponse,
    DisableRuleRequest,
    EnableRuleRequest,
    ListRulesRequest,
    ListRulesResponse,
    ListTargetsByRuleRequest,
    ListTargetsByRuleResponse,
    PutEventsRequest,
    PutEventsRequestEntry,
    PutEventsResponse,
    PutEventsResultEntry,
    PutRuleRequest,
    PutRuleResponse,
    PutTargetsRequest,
    PutTargetsResponse,
    RemoveTargetsRequest,
    RemoveTargetsResponse,
    Target,
} from "@aws-sdk/client-eventbridge";
import type { TwinContext } from "../context";
import { notImplemented } from "../protocol/json";
import { AwsError, account, type Caller, type Operation, region } from "../service";
import { inputPathNames, type NewEvent } from "./delivery";
import { eventPattern } from "./pattern";
import { type Rule, type Rules, ruleArn } from "./rules";

export interface EventsOperations {
    PutRule: Operation<PutRuleRequest, PutRuleResponse>;
    DeleteRule: Operation<DeleteRuleRequest, object>;
    DescribeRule: Operation<DescribeRuleRequest, DescribeRuleResponse>;
    ListRules: Operation<ListRulesRequest, ListRulesResponse>;
    EnableRule: Operation<EnableRuleRequest, object>;
    DisableRule: Operation<DisableRuleRequest, object>;
    PutTargets: Operation<PutTargetsRequest, PutTargetsResponse>;
    RemoveTargets: Operation<RemoveTargetsRequest, RemoveTargetsResponse>;
    ListTargetsByRule: Operation<ListTargetsByRuleRequest, ListTargetsByRuleResponse>;
    PutEvents: Operation<PutEventsRequest, PutEventsResponse>;
}

const busArn = `arn:aws:events:${region}:${account}:event-bus/default`;
const mostEntries = 10;
const entryBytes = 256 << 10;
const targetMembers = ["Id", "Arn", "Input", "InputPath", "RetryPolicy"];

/** EventBridge: rules with patterns on the default bus, and Lambda functions as targets. */
export function eventsOperations(
    { iam, store }: TwinContext,
    rules: Rules,
    deliver: (event: NewEvent) => string,
): EventsOperations {
    function permitted(caller: Caller, action: string, name: string | undefined, bus: string | undefined): Rule {
        authorizeRule(caller, action, name, bus);
        const rule = rules.find(String(name));
        if (rule !== undefined) return rule;
        throw new AwsError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus default.`);
    }

    function authorizeRule(caller: Caller, action: string, name: string | undefined, bus: string | undefined): void {
        iam.authorize(caller, `events:${action}`, ruleArn(String(name)));
        checkBus(bus);
    }

    function enable(rule: Rule, enabled: boolean): object {
        rules.put({ ...rule, enabled });
        return {};
    }

    return {
        async PutRule({ Name, EventPattern, ScheduleExpression, State, Description, EventBusName, ...rest }, caller) {
            authorizeRule(caller, "PutRule", Name, EventBusName);
            if (ScheduleExpression !== undefined)
                throw notImplemented("EventBridge", "rules with a ScheduleExpression");
            if (rest.RoleArn !== undefined) throw notImplemented("EventBridge", "PutRule with RoleArn");
            if (Name === undefined || !/^[.\-_A-Za-z0-9]{1,64}$/.test(Name)) {
                throw invalid(`The rule name '${Name}' must be 1 to 64 characters out of letters, digits and _-.`);
            }
            if (EventPattern === undefined) throw invalid("Parameter EventPattern must be specified.");
            eventPattern(EventPattern);
            const targets = rules.find(Name)?.targets ?? new Map<string, Target>();
            const enabled = State !== "DISABLED";
            const rule = rules.put({
                name: Name,
                pattern: EventPattern,
                enabled,
                description: Description,
                targets,
            });
            return { RuleArn: rule.arn };
        },
        async DeleteRule({ Name, EventBusName }, caller) {
            authorizeRule(caller, "DeleteRule", Name, EventBusName);
            const rule = rules.find(String(Name));
            if (rule === undefined) return {};
            if (rule.targets.size > 0) throw invalid("Rule can't be deleted since it has targets.");
            rules.remove(rule.name);
            return {};
        },
        async DescribeRule({ Name, EventBusName }, caller) {
            return { ...described(permitted(caller, "DescribeRule", Name, EventBusName)), CreatedBy: account };
        },
        async ListRules({ NamePrefix, EventBusName }, caller) {
            authorizeRule(caller, "ListRules", `${NamePrefix ?? ""}*`, EventBusName);
            return {
                Rules: rules
                    .all()
                    .filter(({ name }) => name.startsWith(NamePrefix ?? ""))
                    .map(described),
            };
        },
        EnableRule: async ({ Name, EventBusName }, caller) =>
            enable(permitted(caller, "EnableRule", Name, EventBusName), true),
        DisableRule: async ({ Name, EventBusName }, caller) =>
            enable(permitted(caller, "DisableRule", Name, EventBusName), false),
        async PutTargets({ Rule: name, EventBusName, Targets }, caller) {
            const rule = permitted(caller, "PutTargets", name, EventBusName);
            for (const target of Targets ?? []) checkTarget(target);
            const targets = new Map(rule.targets);
            for (const target of Targets ?? []) targets.set(String(target.Id), target);
            if (targets.size > 5) throw new AwsError("LimitExceededException", "A rule can have 5 targets.");
            rules.put({ ...rule, targets });
            return { FailedEntryCount: 0, FailedEntries: [] };
        },
        async RemoveTargets({ Rule: name, EventBusName, Ids }, caller) {
            const rule = permitted(caller, "RemoveTargets", name, EventBusName);
            const targets = new Map(rule.targets);
            for (const id of Ids ?? []) targets.delete(id);
            rules.put({ ...rule, targets });
            return { FailedEntryCount: 0, FailedEntries: [] };
        },
        async ListTargetsByRule({ Rule: name, EventBusName }, caller) {
            const rule = permitted(caller, "ListTargetsByRule", name, EventBusName);
            return { Targets: [...rule.targets.values()] };
        },
        async PutEvents({ Entries = [] }, caller) {
            iam.authorize(caller, "events:PutEvents", busArn);
            if (Entries.length < 1 || Entries.length > mostEntries) {
                throw invalid(`PutEvents takes 1 to ${mostEntries} entries; this call has ${Entries.length}.`);
            }
            for (const { EventBusName } of Entries) checkBus(EventBusName);
            const results = await store.commit(() => Entries.map((entry) => put(entry, deliver)));
            return {
                FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode !== undefined).length,
                Entries: results,
            };
        },
    };
}

function put(entry: PutEventsRequestEntry, deliver: (event: NewEvent) => string): PutEventsResultEntry {
    const { Source: source, DetailType: detailType, Detail, Resources: resources, Time: time } = entry;
    const refuse = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
    if (!source)
        return refuse("InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument.");
    if (source.startsWith("aws.")) {
        return refuse("NotAuthorizedForSourceException", `Not authorized for the source ${source}.`);
    }
    if (!detailType) {
        return refuse(
            "InvalidArgument",
            "Parameter DetailType is not valid. Reason: DetailType is a required argument.",
        );
    }
    if (Buffer.byteLength(Detail ?? "") + detailType.length + source.length > entryBytes) {
        return refuse("InvalidArgument", `An entry can have ${entryBytes} bytes.`);
    }
    let detail: unknown;
    try {
        detail = JSON.parse(Detail ?? "");
    } catch {
        // Said below, without quoting it.
    }
    if (typeof detail !== "object" || detail === null || Array.isArray(detail)) {
        return refuse("MalformedDetail", "Detail is malformed: it must be a JSON object.");
    }
    return { EventId: deliver({ source, detailType, detail: detail as Record<string, unknown>, resources, time }) };
}

function described(rule: Rule) {
    return {
        Name: rule.name,
        Arn: rule.arn,
        EventPattern: rule.pattern,
        State: rule.enabled ? ("ENABLED" as const) : ("DISABLED" as const),
        Description: rule.description,
        EventBusName: "default",
    };
}

function checkTarget(target: Target): void {
    if (!target.Id || !target.Arn) throw invalid("A target needs Id and Arn.");
    if (!target.Arn.startsWith(`arn:aws:lambda:${region}:${account}:function:`)) {
        throw notImplemented("EventBridge", `targets other than its own Lambda functions, such as ${target.Arn}`);
    }
    const unknown = Object.entries(target).filter(
        ([key, value]) => value !== undefined && !targetMembers.includes(key),
    );
    if (unknown.length > 0)
        throw notImplemented("EventBridge", `targets with ${unknown.map(([key]) => key).join(", ")}`);
    if (target.InputPath !== undefined && inputPathNames(target.InputPath) === undefined) {
        throw notImplemented("EventBridge", `the input path ${target.InputPath}; it takes paths such as $.detail.name`);
    }
}

function checkBus(name: string | undefined): void {
    if (name === undefined || name === "default" || name === busArn) return;
    throw new AwsError(
        "ResourceNotFoundException",
        `Event bus ${name} does not exist: the local twin has only default.`,
    );
}

function invalid(message: string): AwsError {
    return new AwsError("ValidationException", message);
}
