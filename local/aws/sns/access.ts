import type { TwinContext } from "../context";
import { type PolicyDocument, parsePolicy } from "../iam";
import { account, type Caller, region } from "../service";
import type { Topic } from "./topics";

/** A service that publishes on behalf of one of its resources. */
export interface PublishingService {
    /** For example `events.amazonaws.com`. */
    readonly service: string;
    readonly sourceArn: string;
}

export interface Access {
    /** @throws AwsError `AuthorizationError` in AWS's words when the caller may not do this with the topic. */
    authorize(caller: Caller, action: string, topic: Pick<Topic, "arn" | "attributes">): void;
    /** May a service publish? Alarms may unless the topic has a policy that does not let them, as by AWS's default policy. */
    servicePublishes(topic: Topic, source: PublishingService): boolean;
}

export function createAccess({ iam }: Pick<TwinContext, "iam">): Access {
    return {
        authorize(caller, action, { arn, attributes: { Policy, KmsMasterKeyId } }) {
            iam.authorize(caller, `sns:${action}`, arn, {
                resourcePolicy: Policy === undefined ? undefined : (JSON.parse(Policy) as PolicyDocument),
                code: "AuthorizationError",
                status: 403,
                shown: { action: `SNS:${action}` },
            });
            // The key that AWS manages for SNS is open to everyone in the account through SNS.
            if (action !== "Publish" || KmsMasterKeyId === undefined || KmsMasterKeyId.endsWith("alias/aws/sns"))
                return;
            const key = KmsMasterKeyId.startsWith("arn:")
                ? KmsMasterKeyId
                : `arn:aws:kms:${region}:${account}:${KmsMasterKeyId.startsWith("alias/") ? "" : "key/"}${KmsMasterKeyId}`;
            for (const keyAction of ["kms:GenerateDataKey", "kms:Decrypt"]) {
                iam.authorize(caller, keyAction, key, {
                    code: "KMSAccessDenied",
                    context: { "kms:ViaService": `sns.${region}.amazonaws.com` },
                });
            }
        },
        servicePublishes({ arn, attributes: { Policy } }, { service, sourceArn }) {
            if (Policy === undefined) return service === "cloudwatch.amazonaws.com";
            return iam.servicePrincipalAllowed(parsePolicy(Policy, "resource"), service, "sns:Publish", arn, {
                "aws:SourceArn": sourceArn,
                "aws:SourceAccount": account,
            });
        },
    };
}
