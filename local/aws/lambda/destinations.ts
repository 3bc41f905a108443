import { randomUUID } from "node:crypto";
import type { TwinContext } from "../context";
import { notImplemented } from "../protocol/json";
import { AwsError, account, type Caller, partition, region, root } from "../service";
import type { FunctionStore, StoredFunction } from "./function-store";
import { functionArn, invalidParameter } from "./names";

/**
 * What a destination hears of: batches of a stream that failed, or asynchronous invocations that failed or succeeded.
 * Not every kind of destination is for each.
 */
export type Told = "stream failure" | "failure" | "success";

/** Where the records of invocations go, by ARN: a bucket, a queue, a topic, a function or an event bus. */
export interface Destinations {
    /**
     * Refuses a destination that is not for this, or that the function's role may not write to.
     * @param prefix Start of the keys of objects that would be written.
     */
    check(told: Told, of: StoredFunction, destination: string | undefined, prefix: string): void;
    /** Writes a record as the function's role. Resolves once it is on disk. */
    write(of: StoredFunction, destination: string, prefix: string, record: DestinationRecord): Promise<void>;
}

export interface DestinationRecord {
    /** When it was made; the name of an object says so too. */
    readonly time: Date;
    /** Does it tell of a success? */
    readonly isSuccess: boolean;
    /** What a queue or topic gets. */
    readonly message: object;
    /** What an object holds: S3 takes more than a queue does. */
    readonly object: object;
}

/** One kind of destination. */
interface Kind {
    readonly form: RegExp;
    readonly isFor: readonly Told[];
    /** Actions of the function's role that it takes, with their resources. */
    required(destination: string, prefix: string): readonly [action: string, resource: string][];
    write(destination: NamedDestination, record: DestinationRecord, of: StoredFunction, role: Caller): Promise<unknown>;
}

interface NamedDestination {
    readonly arn: string;
    readonly name: string;
    /** Start of the keys of objects. */
    readonly prefix: string;
}

export function createDestinations({ iam, services }: TwinContext, functions: FunctionStore): Destinations {
    const roleOf = (of: StoredFunction): Caller => ({
        kind: "role",
        roleArn: of.settings.Role,
        sessionName: of.name,
    });

    const kinds: readonly Kind[] = [
        {
            form: new RegExp(`^arn:${partition}:s3:::([a-z0-9.-]{3,63})$`),
            isFor: ["stream failure", "failure"],
            required: (bucket, prefix) => [
                ["s3:ListBucket", bucket],
                ["s3:PutObject", `${bucket}/${prefix}x`],
            ],
            write({ name: Bucket, arn, prefix }, { object, time }, _of, role) {
                iam.authorize(role, "s3:ListBucket", arn);
                const Body = Buffer.from(JSON.stringify(object));
                const Key = prefix + objectName(time);
                const ContentType = "application/json";
                return services().s3.operations.PutObject({ Bucket, Key, Body, ContentType }, role);
            },
        },
        {
            form: new RegExp(`^arn:${partition}:sqs:${region}:${account}:([A-Za-z0-9_-]{1,80})$`),
            isFor: ["stream failure", "failure", "success"],
            required: (queue) => [["sqs:SendMessage", queue]],
            async write({ name: QueueName }, { message }, _of, role) {
                const { sqs } = services();
                const { QueueUrl } = await sqs.operations.GetQueueUrl({ QueueName }, root);
                await sqs.operations.SendMessage({ QueueUrl, MessageBody: JSON.stringify(message) }, role);
            },
        },
        {
            form: new RegExp(`^arn:${partition}:sns:${region}:${account}:([A-Za-z0-9_-]{1,256})$`),
            isFor: ["stream failure", "failure", "success"],
            required: (topic) => [["sns:Publish", topic]],
            write: ({ arn: TopicArn }, { message }, _of, role) =>
                services().sns.operations.Publish({ TopicArn, Message: JSON.stringify(message) }, role),
        },
        {
            form: new RegExp(`^arn:${partition}:lambda:${region}:${account}:function:([A-Za-z0-9_-]{1,64})$`),
            isFor: ["failure", "success"],
            required: (target) => [["lambda:InvokeFunction", target]],
            write: ({ arn: FunctionName }, { message }, _of, role) =>
                services().lambda.operations.Invoke(
                    { FunctionName, InvocationType: "Event", Payload: JSON.stringify(message) },
                    role,
                ),
        },
        {
            form: new RegExp(`^arn:${partition}:events:${region}:${account}:event-bus/([A-Za-z0-9._/-]{1,256})$`),
            isFor: ["failure", "success"],
            required: (bus) => [["events:PutEvents", bus]],
            async write({ arn: EventBusName }, { message, isSuccess }, of, role) {
                const { Entries } = await services().events.operations.PutEvents(
                    {
                        Entries: [
                            {
                                EventBusName,
                                Source: "lambda",
                                DetailType: `Lambda Function Invocation Result - ${isSuccess ? "Success" : "Failure"}`,
                                Resources: [EventBusName, `${functionArn(of.name)}:$LATEST`],
                                Detail: JSON.stringify(message),
                            },
                        ],
                    },
                    role,
                );
                const { ErrorCode, ErrorMessage } = Entries?.[0] ?? {};
                if (ErrorCode !== undefined) throw new AwsError(ErrorCode, ErrorMessage ?? "The event was refused.");
            },
        },
    ];

    return {
        check(told, of, destination, prefix) {
            if (destination === undefined || destination === "") return;
            if (destination.startsWith("kafka://")) throw notImplemented("lambda", "topics of Kafka as destinations");
            const kind = kinds.find(({ form }) => form.test(destination));
            const [, name = ""] = kind?.form.exec(destination) ?? [];
            const isMissing = destination === functionArn(name) && functions.find(name) === undefined;
            if (kind === undefined || !kind.isFor.includes(told) || isMissing) {
                throw invalidParameter(`The destination ARN ${destination} is invalid.`);
            }
            if (destination === functionArn(of.name)) {
                throw invalidParameter("You can't specify the function as a destination for itself.");
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
                    await kind.write({ arn: destination, name, prefix }, record, of, roleOf(of));
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
