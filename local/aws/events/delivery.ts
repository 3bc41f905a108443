import { randomUUID } from "node:crypto";
import type { Target } from "@aws-sdk/client-eventbridge";
import type { TwinContext } from "../context";
import { AwsError, account, region } from "../service";
import { StoreError } from "../store-error";
import type { Buses } from "./buses";
import { failureOf, sendDeadLetter } from "./dead-letters";
import type { Deliveries } from "./deliveries";
import type { Rule, Rules } from "./rules";
import { targetKind } from "./target";
import { type Envelope, targetInput } from "./target-input";

/** An event of one of the twin's services, or of a program. */
export interface NewEvent {
    /** For example `aws.sagemaker`. */
    readonly source: string;
    /** For example `SageMaker Training Job State Change`. */
    readonly detailType: string;
    readonly detail: Readonly<Record<string, unknown>>;
    /** ARNs. @default none */
    readonly resources?: readonly string[];
    /** @default now */
    readonly time?: Date;
}

/**
 * Hands events to the targets of the rules that match. It is a part of the transaction in which it is called: the
 * deliveries are stored with whatever caused the event, or not at all.
 */
export interface Delivery {
    /** @returns the event's id. */
    emit(bus: string, event: NewEvent): string;
    /** What a rule's schedule has come to: for its own targets only. */
    emitScheduled(rule: Rule, time: number): void;
}

/** An event goes from bus to bus at most so often, so that two that feed each other come to an end. */
const mostHops = 5;

export function createDelivery(
    context: TwinContext,
    { rules, buses, deliveries }: { rules: Rules; buses: Buses; deliveries: Deliveries },
): Delivery {
    const { clock, store } = context;

    function envelopeOf({ resources = [], ...event }: NewEvent): Envelope & { readonly id: string } {
        return {
            version: "0",
            id: randomUUID(),
            "detail-type": event.detailType,
            source: event.source,
            account,
            time: `${(event.time ?? new Date(clock.now())).toISOString().slice(0, 19)}Z`,
            region,
            resources,
            detail: event.detail,
        };
    }

    function route(bus: string, event: Envelope, hops: number): void {
        store.transaction(() => {
            for (const rule of rules.of(bus)) {
                if (rule.enabled && rule.matches?.(event) === true) handTo(rule, event, hops);
            }
        });
    }

    function handTo(rule: Rule, event: Envelope, hops: number): void {
        for (const target of rule.targets.values()) {
            const input = {
                ruleArn: rule.arn,
                ruleName: rule.name,
                ingestionTime: new Date(clock.now()).toISOString(),
            };
            const payload = targetInput(target, event, input);
            const undelivered = { ruleArn: rule.arn, target, eventId: String(event.id), payload };
            try {
                store.transaction(() => hand(rule, target, payload, event, hops));
            } catch (error) {
                // A target that is gone or closed must not undo what caused the event; a broken store must.
                if (error instanceof StoreError) throw error;
                sendDeadLetter(context, undelivered, { ...failureOf(error), retries: 0 });
            }
        }
    }

    /** Gives a target what it is to get: at once, in the transaction, where the target takes it so. */
    function hand(rule: Rule, target: Target, payload: string, event: Envelope, hops: number): void {
        const arn = String(target.Arn);
        const source = { service: "events.amazonaws.com", sourceArn: rule.arn };
        const { lambda, sqs, sns } = context.services();
        switch (targetKind(arn)) {
            case "function":
                if (lambda.enqueue(arn, payload, source)) break;
                throw new AwsError(
                    "AccessDeniedException",
                    `The function ${arn} does not exist, or does not let the rule invoke it.`,
                );
            case "queue": {
                const { MessageGroupId } = target.SqsParameters ?? {};
                sqs.enqueue(arn, { MessageBody: payload, MessageGroupId }, source);
                break;
            }
            case "topic":
                sns.enqueue(arn, { Message: payload }, source);
                break;
            case "bus":
                forward(arn, target, event, hops);
                break;
            default:
                deliveries.add({ ruleArn: rule.arn, target, eventId: String(event.id), payload, event });
        }
    }

    function forward(arn: string, { RoleArn }: Target, event: Envelope, hops: number): void {
        const bus = buses.require(arn);
        if (RoleArn !== undefined) {
            if (!context.iam.mayAssume(RoleArn, "events.amazonaws.com")) {
                throw new AwsError(
                    "AccessDeniedException",
                    `events.amazonaws.com is not able to assume role ${RoleArn}.`,
                );
            }
            context.iam.authorize({ kind: "role", roleArn: RoleArn }, "events:PutEvents", bus.arn);
        }
        if (hops >= mostHops)
            throw new AwsError("LimitExceededException", `The event went over ${mostHops} buses already.`);
        route(bus.name, event, hops + 1);
    }

    return {
        emit(bus, event) {
            const envelope = envelopeOf(event);
            route(bus, envelope, 0);
            return envelope.id;
        },
        emitScheduled(rule, time) {
            const event = envelopeOf({
                source: "aws.events",
                detailType: "Scheduled Event",
                detail: {},
                resources: [rule.arn],
                time: new Date(time),
            });
            store.transaction(() => handTo(rule, event, 0));
        },
    };
}
