import { Event, type NotificationConfiguration } from "@aws-sdk/client-s3";
import type { TwinContext } from "../context";
import { parsePolicy } from "../iam";
import { AwsError, account, root } from "../service";
import { bucketArn } from "./access";
import type { Buckets } from "./buckets";
import { bridgeEvent, type Happening, notificationMessage, type ObjectEvent, testMessage } from "./notification-events";
import { checkRules, type NotificationRule, notificationRules, wants } from "./notification-rules";
import type { Remover } from "./object-store";
import type { StoredVersion } from "./versions";

export interface Notifications {
    /** Hands the event to everybody who asked for it. To be called in the transaction of the object's row. */
    publish(event: ObjectEvent, version: StoredVersion, by: Remover): void;
    /**
     * Checks a configuration as AWS does when it is put, gives every entry an id, and tells queues and topics once.
     * @throws AwsError `InvalidArgument` naming what is wrong, or what S3 may not notify.
     */
    checked(
        bucket: string,
        configuration: NotificationConfiguration,
        validateTargets: boolean,
    ): Promise<NotificationConfiguration>;
}

/** Kinds of events that nothing on the twin causes. */
const untold = Object.values(Event).filter(
    (event) => !/^s3:(ObjectCreated|ObjectRemoved|ObjectTagging|LifecycleExpiration):/.test(event),
);

export function createNotifications(
    context: TwinContext,
    buckets: Pick<Buckets, "document" | "versioning">,
): Notifications {
    const { services, store, clock, iam, report } = context;
    let latest = 0n;

    /** Grows with every event, across restarts too, so that a consumer can order the events of one key. */
    function sequencer(): string {
        const now = BigInt(clock.now()) << 20n;
        latest = now > latest ? now : latest + 1n;
        return latest.toString(16).toUpperCase().padStart(18, "0");
    }

    function send({ kind, arn }: NotificationRule, bucket: string, message: string): void {
        const source = { service: "s3.amazonaws.com", sourceArn: bucketArn(bucket) };
        if (kind === "function") services().lambda.enqueue(arn, message, source);
        else if (kind === "queue") services().sqs.enqueue(arn, { MessageBody: message }, source);
        else services().sns.enqueue(arn, { Message: message, Subject: "Amazon S3 Notification" }, source);
    }

    function tell(rule: NotificationRule, happening: Happening): void {
        const { bucket } = happening.version;
        try {
            store.transaction(() => send(rule, bucket, notificationMessage(happening, rule.id)));
        } catch (error) {
            // As on AWS the object is kept when nobody can be told; here the person is.
            if (!(error instanceof AwsError)) throw error;
            report({
                level: "warning",
                source: "s3",
                message: `Bucket ${bucket} could not notify ${rule.arn}: ${error.message}`,
            });
        }
    }

    /** @throws AwsError when S3 may not notify this. */
    async function requirePermission(rule: NotificationRule, bucket: string): Promise<void> {
        try {
            if (rule.kind === "function") await requireFunction(rule.arn, bucket);
            else await store.commit(() => send(rule, bucket, testMessage(bucket, clock.now())));
        } catch (error) {
            if (!(error instanceof AwsError)) throw error;
            throw new AwsError(
                "InvalidArgument",
                `Unable to validate the following destination configurations: S3 may not notify ${rule.arn} for ${bucketArn(bucket)}. It must exist, and its policy must let the principal s3.amazonaws.com, before the notification is put.`,
            );
        }
    }

    async function requireFunction(functionArn: string, bucket: string): Promise<void> {
        const { Policy = "{}" } = await services().lambda.operations.GetPolicy({ FunctionName: functionArn }, root);
        const isAllowed = iam.servicePrincipalAllowed(
            parsePolicy(Policy, "resource"),
            "s3.amazonaws.com",
            "lambda:InvokeFunction",
            functionArn,
            { "aws:SourceArn": bucketArn(bucket), "aws:SourceAccount": account },
        );
        if (!isAllowed) throw new AwsError("AccessDeniedException", "The function's policy does not let S3 invoke it.");
    }

    return {
        publish(event, version, by) {
            const configuration = buckets.document<NotificationConfiguration>(version.bucket, "notification");
            if (configuration === undefined) return;
            const rules = notificationRules(configuration).filter((rule) => wants(rule, event, version.key));
            const toBridge = configuration.EventBridgeConfiguration !== undefined;
            if (rules.length === 0 && !toBridge) return;
            const happening: Happening = {
                event,
                version,
                versionId: buckets.versioning(version.bucket) === undefined ? undefined : version.version,
                principal: by === "lifecycle" ? "s3.amazonaws.com" : iam.callerArn(by),
                sequencer: sequencer(),
                time: clock.now(),
            };
            for (const rule of rules) tell(rule, happening);
            if (toBridge) services().events.emit(bridgeEvent(happening));
        },

        async checked(bucket, configuration, validateTargets) {
            const checked = checkRules(configuration);
            const rules = notificationRules(checked);
            if (validateTargets) for (const rule of rules) await requirePermission(rule, bucket);
            const never = rules.flatMap(({ events }) => events.filter((event) => untold.some((one) => one === event)));
            if (never.length > 0) {
                report({
                    level: "warning",
                    source: "s3",
                    message: `Bucket ${bucket}: nothing on the local twin causes ${[...new Set(never)].join(", ")}.`,
                });
            }
            return checked;
        },
    };
}
