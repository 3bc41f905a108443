import type { TwinContext } from "../../context";
import { AwsError } from "../../service";
import { StoreError } from "../../store-error";
import { type Alarm, alarmArn, type StateValue } from "./alarm";
import type { AlarmStore } from "./alarm-store";
import { shownConfiguration, shownState } from "./configuration";
import { isTopic } from "./new-alarm";
import { functionEvent, topicMessage } from "./notification";

export interface NewState {
    readonly value: StateValue;
    readonly reason: string;
    readonly reasonData: string | undefined;
}

/**
 * Puts an alarm into another state: with its history, the event on the default bus and what its actions set off, in one
 * transaction.
 */
export function transit(context: TwinContext, alarms: AlarmStore, before: Alarm, state: NewState): Alarm {
    const { store, clock, services } = context;
    const now = clock.now();
    const name = before.definition.AlarmName;
    const after: Alarm = { ...before, state: { ...state, updated: now, transitioned: now } };
    store.transaction(() => {
        alarms.put(after);
        alarms.note({
            alarm: name,
            time: now,
            type: "StateUpdate",
            summary: `Alarm updated from ${before.state.value} to ${state.value}`,
            data: JSON.stringify({ version: "1.0", oldState: historyState(before), newState: historyState(after) }),
        });
        services().events.emit({
            source: "aws.cloudwatch",
            detailType: "CloudWatch Alarm State Change",
            resources: [alarmArn(name)],
            time: new Date(now),
            detail: {
                alarmName: name,
                state: shownState(after),
                previousState: shownState(before),
                configuration: shownConfiguration(after.definition),
            },
        });
        if (after.definition.ActionsEnabled) {
            for (const action of actionsOf(after)) act(context, alarms, { before, after, action });
        }
    });
    return after;
}

function actionsOf({ definition, state }: Alarm): readonly string[] {
    switch (state.value) {
        case "ALARM":
            return definition.AlarmActions ?? [];
        case "OK":
            return definition.OKActions ?? [];
        default:
            return definition.InsufficientDataActions ?? [];
    }
}

interface Action {
    readonly before: Alarm;
    readonly after: Alarm;
    /** ARN. */
    readonly action: string;
}

/** Sets an action off. One that fails is noted and reported; it does not keep the alarm from its state. */
function act(context: TwinContext, alarms: AlarmStore, { before, after, action }: Action): void {
    const name = after.definition.AlarmName;
    const note = (summary: string, outcome: Readonly<Record<string, unknown>>) =>
        alarms.note({
            alarm: name,
            time: after.state.updated,
            type: "Action",
            summary: summary.slice(0, 255),
            data: JSON.stringify({
                ...outcome,
                notificationResource: action,
                stateUpdateTimestamp: after.state.updated,
            }),
        });
    const failed = (reason: string) =>
        note(`Failed to execute action ${action}`, { actionState: "Failed", error: reason });
    try {
        const reason = context.store.transaction(() => deliver(context, { before, after, action }));
        if (reason !== undefined) failed(reason);
        else note(`Successfully executed action ${action}`, { actionState: "Succeeded", error: null });
    } catch (error) {
        if (error instanceof StoreError || !(error instanceof AwsError)) throw error;
        failed(error.message);
        context.report({
            level: "warning",
            source: "cloudwatch",
            message: `Alarm ${name} could not set off ${action}: ${error.message}`,
        });
    }
}

/** @returns why a function is not invoked, which Lambda has reported already. @throws AwsError */
function deliver({ services }: TwinContext, { before, after, action }: Action): string | undefined {
    const sourceArn = alarmArn(after.definition.AlarmName);
    if (isTopic(action)) {
        services().sns.enqueue(action, topicMessage(before, after), { service: "cloudwatch.amazonaws.com", sourceArn });
        return undefined;
    }
    const source = { service: "lambda.alarms.cloudwatch.amazonaws.com", sourceArn };
    if (services().lambda.enqueue(action, functionEvent(before, after), source)) return undefined;
    return "CloudWatch Alarms is not authorized to perform: lambda:InvokeFunction on the resource because no resource-based policy allows the lambda:InvokeFunction action";
}

function historyState({ state }: Alarm) {
    return {
        stateValue: state.value,
        stateReason: state.reason,
        stateReasonData: state.reasonData === undefined ? undefined : (JSON.parse(state.reasonData) as unknown),
    };
}
