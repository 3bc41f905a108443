import type { Measurement } from "../cloudwatch";
import type { TwinContext } from "../context";
import type { MessageOperations } from "./message-operations";
import type { Messages } from "./messages";
import type { Queues } from "./queues";

const namespace = "AWS/SQS";
const minute = 60_000;
/** AWS goes on so long after a queue was last used. */
const activeMilliseconds = 6 * 60 * minute;

export interface QueueMetrics {
    readonly operations: MessageOperations;
    /** Something was done with a queue, or is in it. */
    used(name: string): void;
    /** Messages were sent by a service of the twin. */
    sent(name: string, sizes: readonly number[]): void;
    close(): void;
}

/** Measures queues in CloudWatch's metrics: what is done with them, and each minute what is in those that are in use. */
export function createQueueMetrics(
    { services, clock, report }: TwinContext,
    { queues, messages, operations }: { queues: Queues; messages: Messages; operations: MessageOperations },
): QueueMetrics {
    const lastUsed = new Map<string, number>();
    let cancel: (() => void) | undefined;

    function measure(name: string, measurements: readonly Measurement[]): void {
        services().cloudwatch.measure(namespace, [["QueueName", name]], measurements);
    }

    function used(name: string): void {
        lastUsed.set(name, clock.now());
        cancel ??= clock.at((Math.floor(clock.now() / minute) + 1) * minute, sample);
    }

    function sample(): void {
        cancel = undefined;
        try {
            for (const [name, time] of lastUsed) sampleQueue(name, time);
        } catch (error) {
            const reason = error instanceof Error ? error.message : "unknown";
            report({ level: "error", source: "sqs", message: `Queues are not measured: ${reason}` });
        }
        if (lastUsed.size > 0) cancel = clock.at((Math.floor(clock.now() / minute) + 1) * minute, sample);
    }

    function sampleQueue(name: string, time: number): void {
        const queue = queues.find(name);
        if (queue === undefined) {
            lastUsed.delete(name);
            return;
        }
        const { visible, inFlight, delayed, oldest } = messages.counts(queue);
        const age = oldest === null ? 0 : Math.max(0, clock.now() - oldest);
        measure(name, [
            { name: "ApproximateNumberOfMessagesVisible", unit: "Count", value: visible },
            { name: "ApproximateNumberOfMessagesNotVisible", unit: "Count", value: inFlight },
            { name: "ApproximateNumberOfMessagesDelayed", unit: "Count", value: delayed },
            { name: "ApproximateAgeOfOldestMessage", unit: "Seconds", value: Math.floor(age / 1000) },
        ]);
        if (visible + inFlight + delayed > 0) lastUsed.set(name, clock.now());
        else if (clock.now() - time > activeMilliseconds) lastUsed.delete(name);
    }

    function sent(name: string, sizes: readonly number[]): void {
        used(name);
        if (sizes.length === 0) return;
        measure(name, [
            { name: "NumberOfMessagesSent", unit: "Count", value: 1, count: sizes.length },
            ...sizes.map((value): Measurement => ({ name: "SentMessageSize", unit: "Bytes", value })),
        ]);
    }

    const count = (url: string | undefined, name: string, value: number) => {
        const queue = queueName(url);
        used(queue);
        if (value > 0) measure(queue, [{ name, unit: "Count", value: 1, count: value }]);
    };

    for (const queue of queues.list("")) {
        const { visible, inFlight, delayed } = messages.counts(queue);
        if (visible + inFlight + delayed > 0) used(queue.name);
    }

    return {
        used,
        sent,
        operations: {
            ...operations,
            async SendMessage(input, caller) {
                const output = await operations.SendMessage(input, caller);
                sent(queueName(input.QueueUrl), [Buffer.byteLength(input.MessageBody ?? "")]);
                return output;
            },
            async SendMessageBatch(input, caller) {
                const output = await operations.SendMessageBatch(input, caller);
                const accepted = new Set(output.Successful?.map(({ Id }) => Id));
                const bodies = (input.Entries ?? []).filter(({ Id }) => accepted.has(Id));
                sent(
                    queueName(input.QueueUrl),
                    bodies.map(({ MessageBody = "" }) => Buffer.byteLength(MessageBody)),
                );
                return output;
            },
            async ReceiveMessage(input, caller) {
                const output = await operations.ReceiveMessage(input, caller);
                const received = output.Messages?.length ?? 0;
                if (received === 0) count(input.QueueUrl, "NumberOfEmptyReceives", 1);
                else count(input.QueueUrl, "NumberOfMessagesReceived", received);
                return output;
            },
            async DeleteMessage(input, caller) {
                const output = await operations.DeleteMessage(input, caller);
                count(input.QueueUrl, "NumberOfMessagesDeleted", 1);
                return output;
            },
            async DeleteMessageBatch(input, caller) {
                const output = await operations.DeleteMessageBatch(input, caller);
                count(input.QueueUrl, "NumberOfMessagesDeleted", output.Successful?.length ?? 0);
                return output;
            },
        },
        close: () => cancel?.(),
    };
}

function queueName(url = ""): string {
    return url.slice(url.lastIndexOf("/") + 1);
}
