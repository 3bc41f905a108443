import { randomUUID } from "node:crypto";
import { Event, type FilterRule, type NotificationConfiguration } from "@aws-sdk/client-s3";
import { AwsError } from "../service";
import type { ObjectEvent } from "./notification-events";

/** Who is notified of what. */
export interface NotificationRule {
    readonly kind: "function" | "queue" | "topic";
    readonly id: string;
    readonly arn: string;
    /** Such as `s3:ObjectCreated:*`. */
    readonly events: readonly string[];
    readonly prefix: string;
    readonly suffix: string;
}

type Entry = Omit<NonNullable<NotificationConfiguration["LambdaFunctionConfigurations"]>[number], "LambdaFunctionArn">;

export function notificationRules(configuration: NotificationConfiguration): NotificationRule[] {
    const { LambdaFunctionConfigurations = [], QueueConfigurations = [], TopicConfigurations = [] } = configuration;
    return [
        ...LambdaFunctionConfigurations.map((entry) => rule("function", entry.LambdaFunctionArn, entry)),
        ...QueueConfigurations.map((entry) => rule("queue", entry.QueueArn, entry)),
        ...TopicConfigurations.map((entry) => rule("topic", entry.TopicArn, entry)),
    ];
}

function rule(kind: NotificationRule["kind"], arn = "", { Id = "", Events = [], Filter }: Entry): NotificationRule {
    const filter = (name: string) =>
        Filter?.Key?.FilterRules?.find(({ Name }) => Name?.toLowerCase() === name)?.Value ?? "";
    return { kind, id: Id, arn, events: Events, prefix: filter("prefix"), suffix: filter("suffix") };
}

export function wants({ events, prefix, suffix }: NotificationRule, event: ObjectEvent, key: string): boolean {
    return events.some((wanted) => covers(wanted, `s3:${event}`)) && key.startsWith(prefix) && key.endsWith(suffix);
}

function covers(wanted: string, event: string): boolean {
    return wanted === event || (wanted.endsWith("*") && event.startsWith(wanted.slice(0, -1)));
}

/**
 * Checks the entries as S3 does, and gives each an id.
 * @throws AwsError `InvalidArgument`
 */
export function checkRules(configuration: NotificationConfiguration): NotificationConfiguration {
    const withId = <T extends Entry>(entries: readonly T[] | undefined) =>
        entries?.map((entry) => {
            checkEntry(entry);
            return { ...entry, Id: entry.Id ?? randomUUID() };
        });
    const { LambdaFunctionConfigurations, QueueConfigurations, TopicConfigurations } = configuration;
    const checked: NotificationConfiguration = {
        LambdaFunctionConfigurations: withId(LambdaFunctionConfigurations),
        QueueConfigurations: withId(QueueConfigurations),
        TopicConfigurations: withId(TopicConfigurations),
        EventBridgeConfiguration: configuration.EventBridgeConfiguration,
    };
    const rules = notificationRules(checked);
    const overlaps = rules.some((one, index) => rules.slice(index + 1).some((other) => overlap(one, other)));
    if (overlaps) {
        throw invalid("Configurations overlap. Configurations on the same bucket cannot share a common event type.");
    }
    return checked;
}

function checkEntry({ Events = [], Filter }: Entry): void {
    const known: readonly string[] = Object.values(Event);
    const unknown = Events.find((event) => !known.includes(event));
    if (unknown !== undefined) throw invalid(`The event '${unknown}' is not supported for notifications`);
    const rules = Filter?.Key?.FilterRules ?? [];
    const names = rules.map(({ Name }: FilterRule) => String(Name).toLowerCase());
    if (names.some((name) => name !== "prefix" && name !== "suffix")) {
        throw invalid("filter rule name must be either prefix or suffix");
    }
    if (new Set(names).size < names.length) {
        throw invalid("Cannot specify more than one prefix rule, or more than one suffix rule, in a filter.");
    }
    if (rules.some(({ Value = "" }) => Buffer.byteLength(Value) > 1024)) {
        throw invalid("Filter rule values cannot be longer than 1024 bytes.");
    }
}

function overlap(one: NotificationRule, other: NotificationRule): boolean {
    const either = (a: string, b: string, holds: (text: string, part: string) => boolean) => holds(a, b) || holds(b, a);
    return (
        one.events.some((event) => other.events.some((wanted) => covers(wanted, event) || covers(event, wanted))) &&
        either(one.prefix, other.prefix, (text, part) => text.startsWith(part)) &&
        either(one.suffix, other.suffix, (text, part) => text.endsWith(part))
    );
}

function invalid(message: string): AwsError {
    return new AwsError("InvalidArgument", message);
}
