import type { TwinContext } from "../context";
import { AwsError, account, type Caller, partition, region, root } from "../service";
import type { StoredFunction } from "./function-store";
import { invalidParameter } from "./names";

/** Where events go that a function could not process, by ARN: an SQS queue or an SNS topic. */
export interface DeadLetters {
    /** Refuses a target that is none, or that the function's role may not send to. */
    check(target: string, roleArn: string): void;
    /** Sends an event as the function's role. Resolves once it is on disk. */
    send(of: StoredFunction, target: string, letter: DeadLetter): Promise<void>;
}

export interface DeadLetter {
    readonly requestId: string;
    /** The event, JSON. */
    readonly payload: string;
    /** HTTP status of the last invocation. */
    readonly status: number;
    readonly errorMessage: string;
}

const queueArn = new RegExp(`^arn:${partition}:sqs:${region}:${account}:([A-Za-z0-9_-]{1,80})$`);
const topicArn = new RegExp(`^arn:${partition}:sns:${region}:${account}:[A-Za-z0-9_-]{1,256}$`);

/** Characters of the error's message that a dead letter has. */
const longestMessage = 1_024;

export function createDeadLetters({ iam, services }: TwinContext): DeadLetters {
    return {
        check(target, roleArn) {
            const [action, call] = queueArn.test(target)
                ? (["sqs:SendMessage", "SendMessage on SQS"] as const)
                : topicArn.test(target)
                  ? (["sns:Publish", "Publish on SNS"] as const)
                  : [];
            if (action === undefined) {
                throw invalidParameter(
                    `DeadLetterConfig.TargetArn is ${target}; it must be the ARN of a standard queue or topic of this account.`,
                );
            }
            try {
                iam.authorize({ kind: "role", roleArn }, action, target);
            } catch (error) {
                if (!(error instanceof AwsError)) throw error;
                throw invalidParameter(`The provided execution role does not have permissions to call ${call}`);
            }
        },
        async send(of, target, { requestId, payload, status, errorMessage }) {
            const role: Caller = { kind: "role", roleArn: of.settings.Role, sessionName: of.name };
            const MessageAttributes = {
                RequestID: { DataType: "String", StringValue: requestId },
                ErrorCode: { DataType: "Number", StringValue: String(status) },
                // An attribute has a value: an error without a message has a space.
                ErrorMessage: { DataType: "String", StringValue: errorMessage.slice(0, longestMessage) || " " },
            };
            const QueueName = queueArn.exec(target)?.[1];
            if (QueueName === undefined) {
                await services().sns.operations.Publish(
                    { TopicArn: target, Message: payload, MessageAttributes },
                    role,
                );
                return;
            }
            const { sqs } = services();
            const { QueueUrl } = await sqs.operations.GetQueueUrl({ QueueName }, root);
            await sqs.operations.SendMessage({ QueueUrl, MessageBody: payload, MessageAttributes }, role);
        },
    };
}
