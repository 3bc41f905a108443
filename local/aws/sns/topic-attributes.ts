import { parsePolicy } from "../iam";
import { account } from "../service";
import { invalidParameter, unsupported } from "./errors";
import type { Topic } from "./topics";

/** Attributes that can be set, with what they must look like. */
const settable: Readonly<Record<string, (value: string) => boolean>> = {
    DisplayName: (value) => value.length <= 100,
    KmsMasterKeyId: () => true,
    Policy: () => true,
    SignatureVersion: (value) => value === "1" || value === "2",
};

/**
 * @param reason How the error begins, before the attribute's name.
 * @throws AwsError when SNS does not take such an attribute, or the twin does not have it.
 */
export function checkTopicAttribute(name: string, value: string, reason: string): void {
    if (["DeliveryPolicy", "TracingConfig", "ArchivePolicy"].includes(name) || name.includes("Feedback")) {
        throw unsupported(`topics with ${name}`);
    }
    const fits = settable[name];
    if (fits === undefined) throw invalidParameter(`${reason}AttributeName`);
    if (!fits(value)) throw invalidParameter(`${reason}${name}`);
    // A policy that is refused names what it has wrong.
    if (name === "Policy" && value !== "") parsePolicy(value, "resource");
}

/** As GetTopicAttributes shows them, AWS's defaults among them. */
export function shownAttributes({ arn, attributes }: Topic): Record<string, string> {
    return {
        DisplayName: "",
        EffectiveDeliveryPolicy: effectiveDeliveryPolicy,
        Owner: account,
        Policy: defaultPolicy(arn),
        SubscriptionsDeleted: "0",
        SubscriptionsPending: "0",
        TopicArn: arn,
        ...attributes,
    };
}

const effectiveDeliveryPolicy = JSON.stringify({
    http: {
        defaultHealthyRetryPolicy: {
            minDelayTarget: 20,
            maxDelayTarget: 20,
            numRetries: 3,
            numMaxDelayRetries: 0,
            numNoDelayRetries: 0,
            numMinDelayRetries: 0,
            backoffFunction: "linear",
        },
        disableSubscriptionOverrides: false,
        defaultRequestPolicy: { headerContentType: "text/plain; charset=UTF-8" },
    },
});

function defaultPolicy(arn: string): string {
    return JSON.stringify({
        Version: "2008-10-17",
        Id: "__default_policy_ID",
        Statement: [
            {
                Sid: "__default_statement_ID",
                Effect: "Allow",
                Principal: { AWS: "*" },
                Action: [
                    "SNS:GetTopicAttributes",
                    "SNS:SetTopicAttributes",
                    "SNS:AddPermission",
                    "SNS:RemovePermission",
                    "SNS:DeleteTopic",
                    "SNS:Subscribe",
                    "SNS:ListSubscriptionsByTopic",
                    "SNS:Publish",
                ],
                Resource: arn,
                Condition: { StringEquals: { "AWS:SourceOwner": account } },
            },
        ],
    });
}

/** An attribute set to nothing goes back to AWS's default. */
export function withoutEmpty(attributes: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ""));
}
