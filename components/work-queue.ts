import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArgumentCheck } from "./argument-check";
import { integer, type Rules } from "./argument-rules";
import { type HasRunTimeSide, type RunTimeSide, runTimeOnly, runTimeSide } from "./inline";
import { newResource } from "./new-resource";
import { runtimeModule } from "./package-files";
import { type Transform, transformed, transformOf } from "./transform";

export interface WorkQueueArgs {
    /** For how long a message waits to be taken, in days: 1 to 14. @default 14 */
    readonly retentionDays?: number;
    /** For how long a taken message is hidden from others, in seconds: 0 to 43200. @default 300 */
    readonly visibilitySeconds?: number;
    /** Changes the arguments of children. @default nothing is changed */
    readonly transform?: { readonly queue?: Transform<aws.sqs.QueueArgs> };
}

/** Largest message that SQS takes. */
const MAX_MESSAGE_BYTES = 1_048_576;

const rules: Rules<WorkQueueArgs> = {
    retentionDays: integer({ from: 1, to: 14, unit: "days" }),
    visibilitySeconds: integer({ from: 0, to: 43_200, unit: "seconds" }),
    transform: transformOf<NonNullable<WorkQueueArgs["transform"]>>({ queue: true }),
};

/** Anything with an id, made of plain data. */
export interface QueuedRecord {
    readonly id: string;
}

/**
 * Work that people or other systems take (an SQS FIFO queue), encrypted. A record that is sent again within five minutes
 * is in it once. Inside a handler, `send` adds to it.
 */
export class WorkQueue<T extends QueuedRecord = QueuedRecord>
    extends pulumi.ComponentResource
    implements HasRunTimeSide
{
    readonly queueUrl: pulumi.Output<string>;
    readonly queueName: pulumi.Output<string>;
    /** The children. */
    readonly nodes: { readonly queue: aws.sqs.Queue };
    readonly [runTimeSide]: RunTimeSide;
    readonly #name: string;

    /** @throws RunError with every argument that is out of range. */
    constructor(name: string, args: WorkQueueArgs = {}, options?: pulumi.ComponentResourceOptions) {
        const check = new ArgumentCheck("WorkQueue", name);
        check.options<WorkQueueArgs>("args", args, rules, new.target !== WorkQueue);
        check.resourceOptions(options);
        check.done();
        super("sortline:index:WorkQueue", name, {}, options);
        const { retentionDays = 14, visibilitySeconds = 300 } = args;
        this.#name = name;
        const queue = newResource(
            aws.sqs.Queue,
            `${name}-queue`,
            transformed<aws.sqs.QueueArgs>(
                {
                    fifoQueue: true,
                    // Both together are SQS's high-throughput mode.
                    deduplicationScope: "messageGroup",
                    fifoThroughputLimit: "perMessageGroupId",
                    sqsManagedSseEnabled: true,
                    // The provider says 256 KiB where nothing is said.
                    maxMessageSize: MAX_MESSAGE_BYTES,
                    messageRetentionSeconds: retentionDays * 86_400,
                    visibilityTimeoutSeconds: visibilitySeconds,
                },
                args.transform?.queue,
            ),
            { parent: this },
        );
        this.nodes = { queue };
        this.queueUrl = queue.url;
        this.queueName = queue.name;
        this[runTimeSide] = {
            module: runtimeModule("work-queue"),
            methods: {
                send: {
                    outputs: { queueUrl: queue.url },
                    statements: [{ actions: ["sqs:SendMessage"], resources: [queue.arn] }],
                },
            },
        };
        this.registerOutputs({ queueUrl: this.queueUrl, queueName: this.queueName });
    }

    /** Adds a record, as JSON. Its id is what repetitions are known by. Rejects a record of more than 1 MiB. */
    send(_record: T): Promise<void> {
        return runTimeOnly("WorkQueue", this.#name, "send");
    }
}
