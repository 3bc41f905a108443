import { randomUUID } from "node:crypto";
import type { Target } from "@aws-sdk/client-eventbridge";
import type { TwinContext } from "../context";
import { AwsError, account, region } from "../service";
import { StoreError } from "../store";
import type { Rules } from "./rules";

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
 * Hands an event to the targets of the rules that match, and returns its id. It is a part of the transaction in which it
 * is called: the invocations are stored with whatever caused the event, or not at all.
 */
export function deliver(context: TwinContext, rules: Rules, { resources = [], ...event }: NewEvent): string {
    const id = randomUUID();
    const envelope = {
        version: "0",
        id,
        "detail-type": event.detailType,
        source: event.source,
        account,
        time: `${(event.time ?? new Date()).toISOString().slice(0, 19)}Z`,
        region,
        resources,
        detail: event.detail,
    };
    context.store.transaction(() => {
        for (const rule of rules.all()) {
            if (!rule.enabled || !rule.matches(envelope)) continue;
            for (const target of rule.targets.values()) {
                try {
                    const source = { service: "events.amazonaws.com", sourceArn: rule.arn };
                    const payload = targetInput(target, envelope);
                    context.store.transaction(() =>
                        context.services().lambda.enqueue(String(target.Arn), payload, source),
                    );
                } catch (error) {
                    // A target that is gone or closed must not undo what caused the event; a broken store must.
                    if (error instanceof StoreError) throw error;
                    const reason = error instanceof AwsError ? error.message : "the target failed";
                    context.report({
                        level: "warning",
                        source: "events",
                        message: `Rule ${rule.name} could not deliver event ${id} to ${target.Arn}: ${reason}`,
                    });
                }
            }
        }
    });
    return id;
}

/** What a target gets: its constant input, a part of the event, or the event. */
function targetInput(target: Target, envelope: Readonly<Record<string, unknown>>): string {
    if (target.Input !== undefined) return target.Input;
    if (target.InputPath === undefined) return JSON.stringify(envelope);
    let value: unknown = envelope;
    for (const name of inputPathNames(target.InputPath) ?? []) {
        value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
    }
    return JSON.stringify(value ?? {});
}

/** The names in a path such as `$.detail.status`; undefined when it is not of that form. */
export function inputPathNames(path: string): string[] | undefined {
    if (!/^\$(\.[\w-]+)*$/.test(path)) return undefined;
    return path.split(".").slice(1);
}
