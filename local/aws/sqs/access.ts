import type { TwinContext } from "../context";
import type { PolicyDocument } from "../iam";
import { account, type Caller, region } from "../service";
import type { Queue } from "./queues";

/** @throws AwsError `AccessDeniedException` in AWS's words when the caller may not do this with the queue. */
export type AuthorizeQueue = (caller: Caller, action: string, queue: Pick<Queue, "arn" | "attributes">) => void;

/** What a queue with the customer's key needs besides, by action. */
const keyActions: Readonly<Record<string, readonly string[]>> = {
    "sqs:SendMessage": ["kms:GenerateDataKey", "kms:Decrypt"],
    "sqs:ReceiveMessage": ["kms:Decrypt"],
};

export function createAuthorizeQueue({ iam }: Pick<TwinContext, "iam">): AuthorizeQueue {
    return (caller, action, { arn, attributes: { Policy, KmsMasterKeyId } }) => {
        iam.authorize(caller, action, arn, {
            resourcePolicy: Policy === undefined ? undefined : (JSON.parse(Policy) as PolicyDocument),
            status: 403,
            shown: { action: action.toLowerCase() },
        });
        // The key that AWS manages for SQS is open to everyone in the account through SQS.
        if (KmsMasterKeyId === undefined || KmsMasterKeyId.endsWith("alias/aws/sqs")) return;
        const key = KmsMasterKeyId.startsWith("arn:")
            ? KmsMasterKeyId
            : `arn:aws:kms:${region}:${account}:key/${KmsMasterKeyId}`;
        const context = { "kms:ViaService": `sqs.${region}.amazonaws.com` };
        for (const keyAction of keyActions[action] ?? []) {
            iam.authorize(caller, keyAction, key, { context, status: 403 });
        }
    };
}
