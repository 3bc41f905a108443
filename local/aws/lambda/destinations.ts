import { randomUUID } from "node:crypto";
import type { TwinContext } from "../context";
import { AwsError, account, type Caller, partition, region } from "../service";
import type { StoredFunction } from "./function-store";
import { invalidParameter, unsupported } from "./names";

/** Where the records of invocations go: an S3 bucket or an SQS queue, by ARN. */
export interface Destinations {
    /**
     * Refuses a destination that the twin does not have, or that the function's role may not write to.
     * @param prefix Start of the keys of objects that would be written.
     */
    check(operation: string, of: StoredFunction, destination: string | undefined, prefix: string): void;
    /** Writes a record as the function's role. Resolves once it is on disk. */
    write(of: StoredFunction, destination: string, prefix: string, record: DestinationRecord): Promise<void>;
}

export interface DestinationRecord {
    /** What a queue gets. */
    readonly message: object;
    /** What an object holds: S3 takes more than a queue does. */
    readonly object: object;
}

const s3Arn = /^arn:aws:s3:::([a-z0-9.-]{3,63})$/;
const sqsArn = new RegExp(`^arn:${partition}:sqs:${region}:${account}:([A-Za-z0-9_-]{1,80})$`);

export function createDestinations({ iam, services }: TwinContext): Destinations {
    const roleOf = (of: StoredFunction): Caller => ({
        kind: "role",
        roleArn: of.settings.Role,
        sessionName: of.name,
    });

    return {
        check(operation, of, destination, prefix) {
            if (destination === undefined || destination === "") return;
            const required: [action: string, resource: string][] = [];
            if (s3Arn.test(destination)) {
                required.push(["s3:ListBucket", destination], ["s3:PutObject", `${destination}/${prefix}x`]);
            } else if (sqsArn.test(destination)) {
                required.push(["sqs:SendMessage", destination]);
            } else {
                throw unsupported(operation, `the destination ${destination}; it writes to S3 buckets and SQS queues`);
            }
            for (const [action, resource] of required) {
                try {
                    iam.authorize(roleOf(of), action, resource);
                } catch (error) {
                    if (!(error instanceof AwsError)) throw error;
                    throw invalidParameter(
                        `The function ${of.name}'s execution role does not have permissions to call ${action.replace(":", " ")} on ${destination}`,
                    );
                }
            }
        },
        async write(of, destination, prefix, record) {
            const [, bucket] = s3Arn.exec(destination) ?? [];
            const [, queue] = sqsArn.exec(destination) ?? [];
            if (bucket !== undefined) {
                iam.authorize(roleOf(of), "s3:ListBucket", destination);
                await services().s3.operations.PutObject(
                    {
                        Bucket: bucket,
                        Key: prefix + objectName(new Date()),
                        Body: Buffer.from(JSON.stringify(record.object)),
                        ContentType: "application/json",
                    },
                    roleOf(of),
                );
            } else if (queue !== undefined) {
                const { QueueUrl } = await services().sqs.operations.GetQueueUrl(
                    { QueueName: queue },
                    { kind: "root" },
                );
                await services().sqs.operations.SendMessage(
                    { QueueUrl, MessageBody: JSON.stringify(record.message) },
                    roleOf(of),
                );
            } else {
                throw new Error(`${destination} is no destination`);
            }
        },
    };
}

/** `YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-UUID`, as Lambda names the objects that it writes. */
function objectName(now: Date): string {
    const time = now.toISOString().slice(0, 19);
    return `${time.slice(0, 10).replaceAll("-", "/")}/${time.replaceAll(":", ".")}-${randomUUID()}`;
}
