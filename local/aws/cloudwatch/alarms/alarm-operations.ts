import type {
    DeleteAlarmsInput,
    DescribeAlarmHistoryInput,
    DescribeAlarmHistoryOutput,
    DescribeAlarmsForMetricInput,
    DescribeAlarmsForMetricOutput,
    DescribeAlarmsInput,
    DescribeAlarmsOutput,
    DisableAlarmActionsInput,
    EnableAlarmActionsInput,
    PutMetricAlarmInput,
    SetAlarmStateInput,
} from "@aws-sdk/client-cloudwatch";
import type { TwinContext } from "../../context";
import { isJson, notImplemented } from "../../protocol/json";
import { AwsError, type Caller, type Operation } from "../../service";
import { invalidValue, required, validationError } from "../errors";
import { givenMetric } from "../given-metric";
import { metricKey, sortedDimensions } from "../metric";
import { page } from "../page";
import { type Alarm, alarmArn, described, dimensionsOf, type StateValue } from "./alarm";
import type { AlarmStore } from "./alarm-store";
import { storedConfiguration } from "./configuration";
import type { Evaluator } from "./evaluator";
import { newAlarm } from "./new-alarm";
import { newTags } from "./tags";
import { transit } from "./transition";

export interface AlarmOperations {
    PutMetricAlarm: Operation<PutMetricAlarmInput, object>;
    DescribeAlarms: Operation<DescribeAlarmsInput, DescribeAlarmsOutput>;
    DescribeAlarmsForMetric: Operation<DescribeAlarmsForMetricInput, DescribeAlarmsForMetricOutput>;
    DescribeAlarmHistory: Operation<DescribeAlarmHistoryInput, DescribeAlarmHistoryOutput>;
    SetAlarmState: Operation<SetAlarmStateInput, object>;
    DeleteAlarms: Operation<DeleteAlarmsInput, object>;
    EnableAlarmActions: Operation<EnableAlarmActionsInput, object>;
    DisableAlarmActions: Operation<DisableAlarmActionsInput, object>;
}

const stateValues: readonly StateValue[] = ["OK", "ALARM", "INSUFFICIENT_DATA"];
const historyTypes = ["ConfigurationUpdate", "StateUpdate", "Action"];
const mostNames = 100;

/** Metric alarms. */
export function alarmOperations(context: TwinContext, alarms: AlarmStore, evaluator: Evaluator): AlarmOperations {
    const { iam, store, clock } = context;

    function permitted(caller: Caller, action: string, name: string): void {
        iam.authorize(caller, `cloudwatch:${action}`, alarmArn(name), { code: "AccessDenied" });
    }

    function found(name: string): Alarm {
        const alarm = alarms.find(name);
        if (alarm === undefined) throw new AwsError("ResourceNotFound", `Unknown alarm ${name}`, 404);
        return alarm;
    }

    function configure(change: "Create" | "Update" | "Delete", alarm: Alarm): void {
        const { AlarmName: name } = alarm.definition;
        const member = { Create: "createdAlarm", Update: "updatedAlarm", Delete: "deletedAlarm" }[change];
        alarms.note({
            alarm: name,
            time: clock.now(),
            type: "ConfigurationUpdate",
            summary: `Alarm "${name}" ${change.toLowerCase()}d`.slice(0, 255),
            data: JSON.stringify({ version: "1.0", type: change, [member]: storedConfiguration(alarm) }),
        });
    }

    function enable(names: readonly string[], enabled: boolean): object {
        store.transaction(() => {
            for (const name of names) {
                const alarm = alarms.find(name);
                if (alarm === undefined || alarm.definition.ActionsEnabled === enabled) continue;
                const changed = { ...alarm, definition: { ...alarm.definition, ActionsEnabled: enabled } };
                alarms.put({ ...changed, configured: clock.now() });
                configure("Update", changed);
            }
        });
        return {};
    }

    return {
        async PutMetricAlarm(input, caller) {
            permitted(caller, "PutMetricAlarm", input.AlarmName ?? "");
            const definition = newAlarm(input);
            const tags = newTags(input.Tags);
            const now = clock.now();
            store.transaction(() => {
                const earlier = alarms.find(definition.AlarmName);
                const alarm: Alarm = {
                    definition,
                    configured: now,
                    // A change keeps the state until the next evaluation, and the tags.
                    state: earlier?.state ?? {
                        value: "INSUFFICIENT_DATA",
                        reason: "Unchecked: Initial alarm creation",
                        reasonData: undefined,
                        updated: now,
                        transitioned: now,
                    },
                    tags: earlier?.tags ?? tags,
                };
                alarms.put(alarm);
                configure(earlier === undefined ? "Create" : "Update", alarm);
            });
            evaluator.watch(definition.AlarmName);
            return {};
        },

        async DescribeAlarms(input, caller) {
            for (const name of input.AlarmNames?.length ? input.AlarmNames : ["*"])
                permitted(caller, "DescribeAlarms", name);
            const { AlarmNames, AlarmNamePrefix, AlarmTypes, StateValue, ActionPrefix, NextToken } = input;
            if (input.ChildrenOfAlarmName !== undefined || input.ParentsOfAlarmName !== undefined) {
                throw notImplemented("CloudWatch", "DescribeAlarms with ChildrenOfAlarmName or ParentsOfAlarmName");
            }
            if (AlarmNames !== undefined && AlarmNamePrefix !== undefined) {
                throw validationError("AlarmNames and AlarmNamePrefix must not be given together.");
            }
            if (AlarmNames !== undefined) checkNames(AlarmNames);
            const isAsked = ({ definition, state }: Alarm) =>
                (AlarmNames === undefined || AlarmNames.includes(definition.AlarmName)) &&
                (StateValue === undefined || state.value === StateValue) &&
                (ActionPrefix === undefined ||
                    allActions(definition).some((action) => action.startsWith(ActionPrefix)));
            const asked =
                AlarmTypes === undefined || AlarmTypes.includes("MetricAlarm")
                    ? alarms.all(AlarmNamePrefix).filter(isAsked)
                    : [];
            const part = page(asked, pageSize(input.MaxRecords), NextToken);
            return { MetricAlarms: part.items.map(described), CompositeAlarms: [], NextToken: part.NextToken };
        },

        async DescribeAlarmsForMetric(input, caller) {
            permitted(caller, "DescribeAlarmsForMetric", "*");
            const problems: string[] = [];
            const key = metricKey(givenMetric(problems, "", input));
            if (problems.length > 0) throw invalidValue(problems.join(" "));
            const { Statistic, ExtendedStatistic, Period, Unit } = input;
            const isAsked = ({ definition }: Alarm) =>
                definition.MetricName !== undefined &&
                metricKey({
                    namespace: definition.Namespace ?? "",
                    name: definition.MetricName,
                    dimensions: sortedDimensions(dimensionsOf(definition)),
                }) === key &&
                (Statistic === undefined || definition.Statistic === Statistic) &&
                (ExtendedStatistic === undefined || definition.ExtendedStatistic === ExtendedStatistic) &&
                (Period === undefined || definition.Period === Period) &&
                (Unit === undefined || definition.Unit === Unit);
            return { MetricAlarms: alarms.all().filter(isAsked).map(described) };
        },

        async DescribeAlarmHistory(input, caller) {
            permitted(caller, "DescribeAlarmHistory", input.AlarmName ?? "*");
            const { AlarmName, AlarmTypes, HistoryItemType, StartDate, EndDate, ScanBy } = input;
            if (input.AlarmContributorId !== undefined) {
                throw notImplemented("CloudWatch", "DescribeAlarmHistory with AlarmContributorId");
            }
            if (HistoryItemType !== undefined && !historyTypes.includes(HistoryItemType)) {
                throw validationError(
                    `HistoryItemType must be one of ${historyTypes.join(", ")}; it is ${HistoryItemType}.`,
                );
            }
            const asked = alarms
                .history(AlarmName)
                .filter(
                    ({ type, time }) =>
                        (HistoryItemType === undefined || type === HistoryItemType) &&
                        (StartDate === undefined || time >= StartDate.getTime()) &&
                        (EndDate === undefined || time <= EndDate.getTime()) &&
                        (AlarmTypes === undefined || AlarmTypes.includes("MetricAlarm")),
                );
            if (ScanBy === "TimestampAscending") asked.reverse();
            const part = page(asked, pageSize(input.MaxRecords), input.NextToken);
            return {
                AlarmHistoryItems: part.items.map(({ alarm, time, type, summary, data }) => ({
                    AlarmName: alarm,
                    AlarmType: "MetricAlarm" as const,
                    Timestamp: new Date(time),
                    HistoryItemType: type,
                    HistorySummary: summary,
                    HistoryData: data,
                })),
                NextToken: part.NextToken,
            };
        },

        async SetAlarmState({ AlarmName, StateValue, StateReason, StateReasonData }, caller) {
            const name = required(AlarmName, "AlarmName");
            permitted(caller, "SetAlarmState", name);
            const value = stateValues.find((each) => each === StateValue);
            if (value === undefined)
                throw validationError(`StateValue must be one of ${stateValues.join(", ")}; it is ${StateValue}.`);
            const reason = required(StateReason, "StateReason");
            if (reason.length > 1023 || (StateReasonData?.length ?? 0) > 4000) {
                throw validationError("StateReason must have at most 1023 characters, and StateReasonData 4000.");
            }
            if (StateReasonData !== undefined && !isJson(StateReasonData)) {
                throw new AwsError("InvalidFormatFault", "StateReasonData is not JSON.");
            }
            const alarm = found(name);
            if (value !== alarm.state.value) {
                transit(context, alarms, alarm, { value, reason, reasonData: StateReasonData });
            }
            evaluator.watch(name);
            return {};
        },

        async DeleteAlarms({ AlarmNames }, caller) {
            const names = checkNames(required(AlarmNames, "AlarmNames"));
            for (const name of names) permitted(caller, "DeleteAlarms", name);
            store.transaction(() => {
                for (const name of names) {
                    const alarm = found(name);
                    alarms.remove(name);
                    configure("Delete", alarm);
                }
            });
            for (const name of names) evaluator.forget(name);
            return {};
        },

        async EnableAlarmActions({ AlarmNames }, caller) {
            const names = checkNames(required(AlarmNames, "AlarmNames"));
            for (const name of names) permitted(caller, "EnableAlarmActions", name);
            return enable(names, true);
        },

        async DisableAlarmActions({ AlarmNames }, caller) {
            const names = checkNames(required(AlarmNames, "AlarmNames"));
            for (const name of names) permitted(caller, "DisableAlarmActions", name);
            return enable(names, false);
        },
    };
}

function allActions({
    OKActions = [],
    AlarmActions = [],
    InsufficientDataActions = [],
}: Alarm["definition"]): string[] {
    return [...OKActions, ...AlarmActions, ...InsufficientDataActions];
}

function checkNames(names: readonly string[]): readonly string[] {
    if (names.length >= 1 && names.length <= mostNames) return names;
    throw validationError(`AlarmNames must have 1 to ${mostNames} members; it has ${names.length}.`);
}

function pageSize(given = 50): number {
    if (Number.isInteger(given) && given >= 1 && given <= 100) return given;
    throw validationError(`MaxRecords must be a whole number from 1 to 100; it is ${given}.`);
}
