import { randomUUID } from "node:crypto";
import type { TwinContext } from "../context";
import { AwsError, account, type Caller, partition, region, root } from "../service";
import type { StoredFunction } from "./function-store";
import { invalidParameter, unsupported } from "./names";

/** Where the records of invocations go, by ARN: an S3 bucket, an SQS queue or an SNS topic. */
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
    /** When it was made; the name of an object says so too. */
    readonly time: Date;
    /** What a queue or topic gets. */
    readonly message: object;
    /** What an object holds: S3 takes more than a queue does. */
    readonly object: object;
}

/** One kind of destination. */
interface Kind {
    readonly form: RegExp;
    /** Actions of the function's role that it takes, with their resources. */
    required(destination: string, prefix: string): readonly [action: string, resource: string][];
    write(name: string, destination: string, prefix: string, record: DestinationRecord, role: Caller): Promise<unknown>;
}

export function createDestinations({ iam, services }: TwinContext): Destinations {
    const roleOf = (of: StoredFunction): Caller => ({
        kind: "role",
        roleArn: of.settings.Role,
        sessionName: of.name,
    });

    const kinds: readonly Kind[] = [
        {
            form: new RegExp(`^arn:${partition}:s3:::([a-z0-9.-]{3,63})$`),
            required: (bucket, prefix) => [
                ["s3:ListBucket", bucket],
                ["s3:PutObject", `${bucket}/${prefix}x`],
            ],
            write(Bucket, destination, prefix, { object, time }, role) {
                iam.authorize(role, "s3:ListBucket", destination);
                const Body = Buffer.from(JSON.stringify(object));
                const Key = prefix + objectName(time);
                const ContentType = "application/json";
                return services().s3.operations.PutObject({ Bucket, Key, Body, ContentType }, role);
            },
        },
        {
            form: new RegExp(`^arn:${partition}:sqs:${region}:${account}:([A-Za-z0-9_-]{1,80})$`),
            required: (queue) => [["sqs:SendMessage", queue]],
            async write(QueueName, _destination, _prefix, { message }, role) {
                const { sqs } = services();
                const { QueueUrl } = await sqs.operations.GetQueueUrl({ QueueName }, root);
                await sqs.operations.SendMessage({ QueueUrl, MessageBody: JSON.stringify(message) }, role);
            },
        },
        {
            form: new RegExp(`^arn:${partition}:sns:${region}:${account}:([A-Za-z0-9_-]{1,256})$`),
            required: (topic) => [["sns:Publish", topic]],
            write: (_name, TopicArn, _prefix, { message }, role) =>
                services().sns.operations.Publish({ TopicArn, Message: JSON.stringify(message) }, role),
        },
    ];

    return {
        check(operation, of, destination, prefix) {
            if (destination === undefined || destination === "") return;
            const kind = kinds.find(({ form }) => form.test(destination));
            if (kind === undefined) {
                const known = "S3 buckets, SQS queues and SNS topics";
                throw unsupported(operation, `the destination ${destination}; it writes to ${known}`);
            }
            for (const [action, resource] of kind.required(destination, prefix)) {
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
            for (const kind of kinds) {
                const name = kind.form.exec(destination)?.[1];
                if (name !== undefined) {
                    await kind.write(name, destination, prefix, record, roleOf(of));
                    return;
                }
            }
            throw new Error(`${destination} is no destination`);
        },
    };
}

/** `YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-UUID`, as Lambda names the objects that it writes. */
function objectName(time: Date): string {
    const text = time.toISOString().slice(0, 19);
    return `${text.slice(0, 10).replaceAll("-", "/")}/${text.replaceAll(":", ".")}-${randomUUID()}`;
}
