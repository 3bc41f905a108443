import { randomUUID } from "node:crypto";
import type { FilterRule, LambdaFunctionConfiguration, NotificationConfiguration } from "@aws-sdk/client-s3";
import type { TwinContext } from "../context";
import { parsePolicy } from "../iam";
import { AwsError, account, region, root } from "../service";
import { bucketArn } from "./access";
import type { Buckets } from "./buckets";
import type { Remover } from "./object-store";
import { urlEncoded } from "./url-encoding";
import type { StoredVersion } from "./versions";

/** What the twin tells of; S3 has more. */
export type ObjectEvent =
    | "ObjectCreated:Put"
    | "ObjectCreated:Copy"
    | "ObjectCreated:CompleteMultipartUpload"
    | "ObjectRemoved:Delete"
    | "ObjectRemoved:DeleteMarkerCreated"
    | "ObjectTagging:Put"
    | "ObjectTagging:Delete"
    | "LifecycleExpiration:Delete"
    | "LifecycleExpiration:DeleteMarkerCreated";

export interface Notifications {
    /** Hands the event to every function that asked for it. To be called in the transaction of the object's row. */
    publish(event: ObjectEvent, version: StoredVersion, by: Remover): void;
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

export function createNotifications(
    context: TwinContext,
    buckets: Pick<Buckets, "document" | "versioning">,
): Notifications {
    let latest = 0n;

    /** Grows with every event, across restarts too, so that a consumer can order the events of one key. */
    function sequencer(): string {
        const now = BigInt(context.clock.now()) << 20n;
        latest = now > latest ? now : latest + 1n;
        return latest.toString(16).toUpperCase().padStart(18, "0");
    }

    return {
        publish(event, version, by) {
            const configuration = buckets.document<NotificationConfiguration>(version.bucket, "notification");
            for (const target of configuration?.LambdaFunctionConfigurations ?? []) {
                if (!wants(target, event, version.key) || target.LambdaFunctionArn === undefined) continue;
                const principal = by === "lifecycle" ? "s3.amazonaws.com" : context.iam.callerArn(by);
                const record = eventRecord(context, event, version, {
                    configuration: target.Id ?? "",
                    sequence: sequencer(),
                    principal,
                    version: buckets.versioning(version.bucket) === undefined ? undefined : version.version,
                });
                try {
                    context.services().lambda.enqueue(target.LambdaFunctionArn, JSON.stringify({ Records: [record] }), {
                        service: "s3.amazonaws.com",
                        sourceArn: bucketArn(version.bucket),
                    });
                } catch (error) {
                    // As on AWS the object is kept when nobody can be told; here the person is.
                    if (!(error instanceof AwsError)) throw error;
                    context.report({
                        level: "warning",
                        source: "s3",
                        message: `Bucket ${version.bucket} could not notify ${target.LambdaFunctionArn}: ${error.message}`,
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
    { clock }: Pick<TwinContext, "clock">,
    event: ObjectEvent,
    version: StoredVersion,
    about: { configuration: string; sequence: string; principal: string; version: string | undefined },
): object {
    const { bucket, key } = version;
    const created = event.startsWith("ObjectCreated") && version.kind === "object";
    const tagged = event.startsWith("ObjectTagging") && version.kind === "object";
    return {
        eventVersion: "2.1",
        eventSource: "aws:s3",
        awsRegion: region,
        eventTime: new Date(clock.now()).toISOString(),
        eventName: event,
        userIdentity: { principalId: about.principal },
        requestParameters: { sourceIPAddress: "127.0.0.1" },
        responseElements: { "x-amz-request-id": randomUUID(), "x-amz-id-2": randomUUID() },
        s3: {
            s3SchemaVersion: "1.0",
            configurationId: about.configuration,
            bucket: { name: bucket, ownerIdentity: { principalId: account }, arn: bucketArn(bucket) },
            object: {
                key: urlEncoded(key),
                ...(created ? { size: version.size } : {}),
                ...(created || tagged ? { eTag: version.etag.replaceAll('"', "") } : {}),
                ...(about.version === undefined ? {} : { versionId: about.version }),
                sequencer: about.sequence,
            },
        },
    };
}
