import { randomUUID } from "node:crypto";
import type {
    CancelMessageMoveTaskCommandInput,
    CancelMessageMoveTaskCommandOutput,
    ListDeadLetterSourceQueuesCommandInput,
    ListDeadLetterSourceQueuesCommandOutput,
    ListMessageMoveTasksCommandInput,
    ListMessageMoveTasksCommandOutput,
    ListMessageMoveTasksResultEntry,
    StartMessageMoveTaskCommandInput,
    StartMessageMoveTaskCommandOutput,
} from "@aws-sdk/client-sqs";
import type { TwinContext } from "../context";
import { notImplemented } from "../protocol/json";
import { AwsError, type Operation } from "../service";
import { inRange, invalidParameter, missingParameter } from "./errors";
import type { MessageParts } from "./message-operations";
import type { Queue } from "./queues";
import { queueByArn, redrivePolicy } from "./redrive-policy";

export interface RedriveOperations {
    ListDeadLetterSourceQueues: Operation<
        ListDeadLetterSourceQueuesCommandInput,
        ListDeadLetterSourceQueuesCommandOutput
    >;
    StartMessageMoveTask: Operation<StartMessageMoveTaskCommandInput, StartMessageMoveTaskCommandOutput>;
    ListMessageMoveTasks: Operation<ListMessageMoveTasksCommandInput, ListMessageMoveTasksCommandOutput>;
    CancelMessageMoveTask: Operation<CancelMessageMoveTaskCommandInput, CancelMessageMoveTaskCommandOutput>;
}

/** Dead-letter queues: whose they are, and their messages on the way back. The twin moves them at once. */
export function redriveOperations(
    { store, clock }: Pick<TwinContext, "store" | "clock">,
    { queues, messages, waiting, authorize }: MessageParts,
): RedriveOperations {
    const { database } = store;
    database.exec(`CREATE TABLE IF NOT EXISTS sqs_move_tasks (
        started INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL REFERENCES sqs_queues (name) ON DELETE CASCADE,
        task TEXT NOT NULL
    ) STRICT`);
    const insert = database.prepare("INSERT INTO sqs_move_tasks (source, task) VALUES (?, ?)");
    const tasks = database.prepare("SELECT task FROM sqs_move_tasks WHERE source = ? ORDER BY started DESC LIMIT ?");

    const sourcesOf = (target: Queue) =>
        queues.list("").filter(({ attributes }) => redrivePolicy(attributes)?.deadLetterTargetArn === target.arn);

    function byArn(parameter: string, arn: string | undefined): Queue {
        if (arn === undefined) throw missingParameter(parameter);
        const queue = queueByArn(queues, arn);
        if (queue !== undefined) return queue;
        throw new AwsError(
            "ResourceNotFoundException",
            `The resource that you specified for the ${parameter} parameter doesn't exist.`,
            404,
        );
    }

    return {
        async ListDeadLetterSourceQueues({ QueueUrl, MaxResults, NextToken }, caller) {
            const queue = queues.byUrl(QueueUrl);
            authorize(caller, "sqs:ListDeadLetterSourceQueues", queue);
            const limit = inRange("MaxResults", MaxResults, 1, 1000) ?? 1000;
            const after = NextToken === undefined ? "" : Buffer.from(NextToken, "base64").toString("utf8");
            const left = sourcesOf(queue).filter(({ name }) => name > after);
            const page = left.slice(0, limit);
            const last = left.length > page.length ? page.at(-1)?.name : undefined;
            return {
                queueUrls: page.map(({ name }) => queues.url(name)),
                NextToken: last && Buffer.from(last).toString("base64"),
            };
        },

        async StartMessageMoveTask({ SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond }, caller) {
            if (MaxNumberOfMessagesPerSecond !== undefined) {
                throw notImplemented("SQS", "StartMessageMoveTask with MaxNumberOfMessagesPerSecond");
            }
            const source = byArn("SourceArn", SourceArn);
            for (const action of ["StartMessageMoveTask", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"]) {
                authorize(caller, `sqs:${action}`, source);
            }
            const sources = sourcesOf(source);
            if (sources.length === 0) {
                throw invalidParameter(
                    "SourceArn",
                    SourceArn,
                    "Source queue must be configured as a Dead Letter Queue.",
                );
            }
            const destination = DestinationArn === undefined ? undefined : byArn("DestinationArn", DestinationArn);
            if (destination !== undefined) checkDestination(source, destination);
            for (const target of destination === undefined ? sources : [destination]) {
                authorize(caller, "sqs:SendMessage", target);
            }
            const TaskHandle = Buffer.from(JSON.stringify({ taskId: randomUUID(), sourceArn: source.arn })).toString(
                "base64",
            );
            const woken = new Set<string>();
            await store.commit(() => {
                const total = messages.counts(source).visible;
                const { moved, unknownSource: failed } = messages.resend(source, (from) => {
                    const target = destination ?? (from === null ? undefined : queueByArn(queues, from));
                    if (target !== undefined) woken.add(target.name);
                    return target;
                });
                const task: ListMessageMoveTasksResultEntry = {
                    Status: failed ? "FAILED" : "COMPLETED",
                    SourceArn: source.arn,
                    DestinationArn,
                    ApproximateNumberOfMessagesMoved: moved,
                    ApproximateNumberOfMessagesToMove: total,
                    ...(failed ? { FailureReason: "CouldNotDetermineMessageSource" } : {}),
                    StartedTimestamp: clock.now(),
                };
                insert.run(source.name, JSON.stringify(task));
            });
            for (const name of woken) waiting.wake(name);
            return { TaskHandle };
        },

        async ListMessageMoveTasks({ SourceArn, MaxResults }, caller) {
            const source = byArn("SourceArn", SourceArn);
            authorize(caller, "sqs:ListMessageMoveTasks", source);
            const rows = tasks.all(source.name, inRange("MaxResults", MaxResults, 1, 10) ?? 1);
            return { Results: rows.map(({ task }) => JSON.parse(String(task)) as ListMessageMoveTasksResultEntry) };
        },

        async CancelMessageMoveTask({ TaskHandle }, caller) {
            const source = byArn("TaskHandle", sourceOf(TaskHandle));
            authorize(caller, "sqs:CancelMessageMoveTask", source);
            // Here a task is over before its handle is known.
            throw new AwsError(
                "ResourceNotFoundException",
                "The task handle does not belong to a task that is running.",
                404,
            );
        },
    };
}

/** @throws AwsError in SQS's words */
function checkDestination(source: Queue, destination: Queue): void {
    const refuse = (reason: string) => new AwsError("InvalidParameterValueException", reason);
    if (source.arn === destination.arn) {
        throw refuse("Source queue arn and destination queue arn cannot be the same.");
    }
    if (source.fifo !== destination.fifo) {
        throw refuse("The source queue and destination queue must be of the same queue type.");
    }
}

function sourceOf(handle: string | undefined): string | undefined {
    if (handle === undefined) return undefined;
    try {
        const value: unknown = JSON.parse(Buffer.from(handle, "base64").toString("utf8"));
        if (typeof value === "object" && value !== null && "sourceArn" in value) return String(value.sourceArn);
    } catch {
        // Said below.
    }
    throw invalidParameter("TaskHandle", handle, "Invalid task handle.");
}
