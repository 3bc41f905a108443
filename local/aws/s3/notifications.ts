import { randomUUID } from "node:crypto";
import type { FilterRule, LambdaFunctionConfiguration, NotificationConfiguration } from "@aws-sdk/client-s3";
import type { TwinContext } from "../context";
import { parsePolicy } from "../iam";
import { AwsError, account, type Caller, region, root } from "../service";
import { bucketArn } from "./access";
import type { Buckets } from "./buckets";
import type { StoredObject } from "./rows";

export type ObjectEvent =
    | "ObjectCreated:Put"
    | "ObjectCreated:Copy"
    | "ObjectCreated:CompleteMultipartUpload"
    | "ObjectRemoved:Delete";

export interface Notifications {
    /** Hands the event to every function that asked for it. To be called in the transaction of the object's row. */
    publish(event: ObjectEvent, object: Pick<StoredObject, "bucket" | "key" | "size" | "etag">, caller: Caller): void;
    /**
     * Checks a configuration as AWS does when it is put, and gives every entry an id.
     * @throws AwsError `InvalidArgument` naming the function that S3 may not invoke; `NotImplemented` for other targets.
     */
    checked(
        bucket: string,
        configuration: NotificationConfiguration,
        validateTargets: boolean,
    ): Promise<NotificationConfiguration>;
}

export function createNotifications(context: TwinContext, buckets: Pick<Buckets, "document">): Notifications {
    let latest = 0n;

    /** Grows with every event, across restarts too, so that a consumer can order the events of one key. */
    function sequencer(): string {
        const now = BigInt(Date.now()) << 20n;
        latest = now > latest ? now : latest + 1n;
        return latest.toString(16).toUpperCase().padStart(18, "0");
    }

    return {
        publish(event, object, caller) {
            const configuration = buckets.document<NotificationConfiguration>(object.bucket, "notification");
            for (const target of configuration?.LambdaFunctionConfigurations ?? []) {
                if (!wants(target, event, object.key) || target.LambdaFunctionArn === undefined) continue;
                const record = eventRecord(event, object, target.Id ?? "", sequencer(), context.iam.callerArn(caller));
                try {
                    context.services().lambda.enqueue(target.LambdaFunctionArn, JSON.stringify({ Records: [record] }), {
                        service: "s3.amazonaws.com",
                        sourceArn: bucketArn(object.bucket),
                    });
                } catch (error) {
                    // As on AWS the object is kept when nobody can be told; here the person is.
                    if (!(error instanceof AwsError)) throw error;
                    context.report({
                        level: "warning",
                        source: "s3",
                        message: `Bucket ${object.bucket} could not notify ${target.LambdaFunctionArn}: ${error.message}`,
                    });
                }
            }
        },

        async checked(bucket, configuration, validateTargets) {
            const { LambdaFunctionConfigurations = [], QueueConfigurations, TopicConfigurations } = configuration;
            const other = QueueConfigurations?.length
                ? "queues"
                : TopicConfigurations?.length
                  ? "topics"
                  : configuration.EventBridgeConfiguration !== undefined
                    ? "EventBridge"
                    : undefined;
            if (other !== undefined) {
                throw new AwsError(
                    "NotImplemented",
                    `The local twin notifies Lambda functions only, not ${other}.`,
                    501,
                );
            }
            if (validateTargets) {
                for (const { LambdaFunctionArn } of LambdaFunctionConfigurations) {
                    await requirePermission(context, bucket, LambdaFunctionArn ?? "");
                }
            }
            return {
                LambdaFunctionConfigurations: LambdaFunctionConfigurations.map((target) => ({
                    ...target,
                    Id: target.Id ?? randomUUID(),
                })),
            };
        },
    };
}

async function requirePermission(context: TwinContext, bucket: string, functionArn: string): Promise<void> {
    let allowed = false;
    try {
        const policy = await context.services().lambda.operations.GetPolicy({ FunctionName: functionArn }, root);
        allowed = context.iam.servicePrincipalAllowed(
            parsePolicy(policy.Policy ?? "{}", "resource"),
            "s3.amazonaws.com",
            "lambda:InvokeFunction",
            functionArn,
            { "aws:SourceArn": bucketArn(bucket), "aws:SourceAccount": account },
        );
    } catch (error) {
        if (!(error instanceof AwsError)) throw error;
    }
    if (allowed) return;
    throw new AwsError(
        "InvalidArgument",
        `Unable to validate the following destination configurations: S3 may not invoke ${functionArn} for ${bucketArn(bucket)}. The function must exist and have a permission for the principal s3.amazonaws.com before the notification is put.`,
    );
}

function wants(target: LambdaFunctionConfiguration, event: ObjectEvent, key: string): boolean {
    const [kind] = event.split(":");
    const events: readonly string[] = target.Events ?? [];
    return (
        (events.includes(`s3:${event}`) || events.includes(`s3:${kind}:*`)) &&
        (target.Filter?.Key?.FilterRules ?? []).every((rule) => matches(rule, key))
    );
}

function matches({ Name, Value = "" }: FilterRule, key: string): boolean {
    return Name?.toLowerCase() === "prefix" ? key.startsWith(Value) : key.endsWith(Value);
}

function eventRecord(
    event: ObjectEvent,
    { bucket, key, size, etag }: Pick<StoredObject, "bucket" | "key" | "size" | "etag">,
    configurationId: string,
    sequence: string,
    principalId: string,
): object {
    const created = event.startsWith("ObjectCreated");
    return {
        eventVersion: "2.1",
        eventSource: "aws:s3",
        awsRegion: region,
        eventTime: new Date().toISOString(),
        eventName: event,
        userIdentity: { principalId },
        requestParameters: { sourceIPAddress: "127.0.0.1" },
        responseElements: { "x-amz-request-id": randomUUID(), "x-amz-id-2": randomUUID() },
        s3: {
            s3SchemaVersion: "1.0",
            configurationId,
            bucket: { name: bucket, ownerIdentity: { principalId: account }, arn: bucketArn(bucket) },
            object: {
                key: encodedKey(key),
                ...(created ? { size, eTag: etag.replaceAll('"', "") } : {}),
                sequencer: sequence,
            },
        },
    };
}

/** As in a query string: `+` for spaces, everything else percent-encoded but slashes and unreserved characters. */
function encodedKey(key: string): string {
    return encodeURIComponent(key)
        .replace(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
        .replaceAll("%2F", "/")
        .replaceAll("%20", "+");
}
