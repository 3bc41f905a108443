import { randomUUID } from "node:crypto";
import type { TwinContext } from "../context";
import type { StoredAttributes } from "./message-attributes";
import { type Queue, queueArn } from "./queues";
import { redrivePolicy } from "./redrive-policy";

export interface NewMessage {
    readonly body: string;
    readonly attributes: StoredAttributes;
    readonly senderId: string;
    readonly traceHeader?: string;
    readonly delaySeconds: number;
    /** FIFO queues have both. */
    readonly groupId?: string;
    readonly deduplicationId?: string;
}

export interface SentMessage {
    readonly messageId: string;
    /** Its place in a FIFO queue. */
    readonly sequenceNumber: string;
}

/** A message as it was handed to a receiver. */
export interface ReceivedMessage {
    readonly messageId: string;
    readonly sequenceNumber: string;
    readonly receiptHandle: string;
    readonly body: string;
    readonly attributes: StoredAttributes;
    readonly senderId: string;
    readonly traceHeader: string | null;
    readonly groupId: string | null;
    readonly deduplicationId: string | null;
    /** ARN of the queue that it came from, in a dead-letter queue. */
    readonly source: string | null;
    /** Milliseconds since the epoch. */
    readonly sent: number;
    readonly firstReceived: number;
    readonly receives: number;
}

export type Receipt = "current" | "expired" | "replaced" | "gone";

export interface Messages {
    send(queue: Queue, message: NewMessage): SentMessage;
    /** Hands out up to `limit` messages and hides them; moves those that ran out of receives to the dead-letter queue. */
    receive(
        queue: Queue,
        options: { limit: number; visibilitySeconds: number; deadLetterQueue?: Queue },
    ): { readonly received: ReceivedMessage[]; readonly moved: boolean };
    /** Is there perhaps something to receive? Cheap, and writes nothing. */
    anyVisible(queue: Queue): boolean;
    /** When the next hidden message becomes visible by itself, milliseconds since the epoch. */
    nextVisible(queue: Queue): number | undefined;
    /** What a receipt handle is worth now. Undefined when it is none of this queue. */
    receipt(queue: Queue, handle: string): { readonly id: number; readonly state: Receipt } | undefined;
    /**
     * Takes the messages that can be received now out of a dead-letter queue and sends them anew, until there is one
     * for which `to` knows no queue.
     */
    resend(
        from: Queue,
        to: (source: string | null) => Queue | undefined,
    ): { readonly moved: number; readonly unknownSource: boolean };
    delete(id: number): void;
    hide(id: number, seconds: number): void;
    purge(queue: Queue): void;
    /** How many were received and are hidden. */
    inFlight(queue: Queue): number;
    /** `oldest`: when the oldest message was sent, milliseconds since the epoch; null when there is none. */
    counts(queue: Queue): { visible: number; inFlight: number; delayed: number; oldest: number | null };
}

const deduplicationMilliseconds = 5 * 60 * 1000;

interface Row {
    readonly id: number;
    readonly message_id: string;
    readonly body: string;
    readonly attributes: string;
    readonly sender_id: string;
    readonly trace_header: string | null;
    readonly group_id: string | null;
    readonly deduplication_id: string | null;
    readonly source: string | null;
    readonly sent: number;
    readonly first_received: number | null;
    readonly receives: number;
}

// As on AWS a message keeps the time at which it was sent in a dead-letter queue, but for FIFO queues.
// In flight is what was received and is still hidden. In a FIFO queue it blocks its whole group, and so does a delayed
// message for those behind it.
const eligible = `m.queue = :queue AND m.visible <= :now AND m.sent > :oldest AND (:fifo = 0 OR NOT EXISTS (
    SELECT 1 FROM sqs_messages AS b WHERE b.queue = m.queue AND b.group_id = m.group_id AND b.visible > :now
    AND b.sent > :oldest AND (b.receipt IS NOT NULL OR b.id < m.id)))`;

export function openMessages({ store: { database }, clock }: Pick<TwinContext, "store" | "clock">): Messages {
    database.exec(`
        CREATE TABLE IF NOT EXISTS sqs_messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            queue TEXT NOT NULL REFERENCES sqs_queues (name) ON DELETE CASCADE,
            message_id TEXT NOT NULL, body TEXT NOT NULL, attributes TEXT NOT NULL, sender_id TEXT NOT NULL,
            trace_header TEXT, group_id TEXT, deduplication_id TEXT, source TEXT,
            sent INTEGER NOT NULL, visible INTEGER NOT NULL, first_received INTEGER, receives INTEGER NOT NULL DEFAULT 0,
            receipt TEXT
        ) STRICT;
        CREATE INDEX IF NOT EXISTS sqs_messages_by_visibility ON sqs_messages (queue, visible);
        CREATE INDEX IF NOT EXISTS sqs_messages_by_group ON sqs_messages (queue, group_id) WHERE group_id IS NOT NULL;
        CREATE TABLE IF NOT EXISTS sqs_deduplications (
            queue TEXT NOT NULL REFERENCES sqs_queues (name) ON DELETE CASCADE, id TEXT NOT NULL,
            message_id TEXT NOT NULL, sequence INTEGER NOT NULL, expires INTEGER NOT NULL, PRIMARY KEY (queue, id)
        ) STRICT`);
    const insert = database.prepare(`INSERT INTO sqs_messages
        (queue, message_id, body, attributes, sender_id, trace_header, group_id, deduplication_id, sent, visible)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    const forget = database.prepare("DELETE FROM sqs_deduplications WHERE queue = ? AND expires <= ?");
    const known = database.prepare("SELECT message_id, sequence FROM sqs_deduplications WHERE queue = ? AND id = ?");
    const remember = database.prepare(
        "INSERT INTO sqs_deduplications (queue, id, message_id, sequence, expires) VALUES (?, ?, ?, ?, ?)",
    );
    const expire = database.prepare("DELETE FROM sqs_messages WHERE queue = ? AND sent <= ?");
    const move =
        database.prepare(`UPDATE sqs_messages AS m SET queue = :target, source = :source, visible = :now, receipt = NULL,
        sent = iif(:fifo = 1, :now, sent)
        WHERE ${eligible} AND m.receives >= :most`);
    const select = database.prepare(`SELECT * FROM sqs_messages AS m WHERE ${eligible} ORDER BY m.id LIMIT :limit`);
    const selectIds = database.prepare(`SELECT m.id, m.source FROM sqs_messages AS m WHERE ${eligible} ORDER BY m.id`);
    // A row of its own: its id is its place in a FIFO queue, behind what was sent there before.
    const again = database.prepare(`INSERT INTO sqs_messages
        (queue, message_id, body, attributes, sender_id, trace_header, group_id, deduplication_id, sent, visible)
        SELECT :target, :messageId, body, attributes, sender_id, trace_header, group_id, deduplication_id, :now, :now
        FROM sqs_messages WHERE id = :id`);
    const hand = database.prepare(`UPDATE sqs_messages SET visible = ?, receipt = ?, receives = receives + 1,
        first_received = coalesce(first_received, ?) WHERE id = ?`);
    const visible = database.prepare("SELECT 1 FROM sqs_messages WHERE queue = ? AND visible <= ? LIMIT 1");
    const next = database.prepare("SELECT min(visible) AS visible FROM sqs_messages WHERE queue = ? AND visible > ?");
    const byId = database.prepare("SELECT receipt, visible FROM sqs_messages WHERE id = ? AND queue = ?");
    const remove = database.prepare("DELETE FROM sqs_messages WHERE id = ?");
    const hide = database.prepare("UPDATE sqs_messages SET visible = ? WHERE id = ?");
    const purge = database.prepare("DELETE FROM sqs_messages WHERE queue = ?");
    const hidden = database.prepare(
        "SELECT count(*) AS count FROM sqs_messages WHERE queue = ? AND visible > ? AND receipt IS NOT NULL",
    );
    const count = database.prepare(`SELECT count(*) FILTER (WHERE visible <= :now) AS visible,
        count(*) FILTER (WHERE visible > :now AND receipt IS NOT NULL) AS inFlight,
        count(*) FILTER (WHERE visible > :now AND receipt IS NULL) AS delayed, min(sent) AS oldest
        FROM sqs_messages WHERE queue = :queue AND sent > :oldest`);

    /** Messages sent before this moment are past the queue's retention. */
    const oldest = ({ attributes }: Queue, now: number) => now - Number(attributes.MessageRetentionPeriod) * 1000;

    function deduplicationKey({ attributes }: Queue, { groupId, deduplicationId }: NewMessage): string {
        const perGroup = attributes.DeduplicationScope === "messageGroup";
        return JSON.stringify(perGroup ? [groupId, deduplicationId] : [deduplicationId]);
    }

    return {
        send(queue, message) {
            const now = clock.now();
            const { body, attributes, senderId, traceHeader = null, groupId = null, deduplicationId = null } = message;
            const key = deduplicationKey(queue, message);
            if (queue.fifo) {
                forget.run(queue.name, now);
                const earlier = known.get(queue.name, key) as { message_id: string; sequence: number } | undefined;
                if (earlier !== undefined) {
                    return { messageId: earlier.message_id, sequenceNumber: sequenceNumber(earlier.sequence) };
                }
            }
            const messageId = randomUUID();
            const visibleAt = now + message.delaySeconds * 1000;
            const { lastInsertRowid } = insert.run(
                queue.name,
                messageId,
                body,
                JSON.stringify(attributes),
                senderId,
                traceHeader,
                groupId,
                deduplicationId,
                now,
                visibleAt,
            );
            if (queue.fifo) {
                remember.run(queue.name, key, messageId, lastInsertRowid, now + deduplicationMilliseconds);
            }
            return { messageId, sequenceNumber: sequenceNumber(Number(lastInsertRowid)) };
        },

        receive(queue, { limit, visibilitySeconds, deadLetterQueue }) {
            const now = clock.now();
            const scope = { queue: queue.name, now, oldest: oldest(queue, now), fifo: Number(queue.fifo) };
            expire.run(queue.name, scope.oldest);
            const most = redrivePolicy(queue.attributes)?.maxReceiveCount;
            let moved = false;
            if (most !== undefined && deadLetterQueue !== undefined) {
                const { changes } = move.run({
                    ...scope,
                    most,
                    target: deadLetterQueue.name,
                    source: queueArn(queue.name),
                });
                moved = changes > 0;
            }
            const rows = select.all({ ...scope, limit }) as unknown as Row[];
            const received = rows.map((row) => {
                const receipt = randomUUID();
                hand.run(now + visibilitySeconds * 1000, receipt, now, row.id);
                return {
                    messageId: row.message_id,
                    sequenceNumber: sequenceNumber(row.id),
                    receiptHandle: Buffer.from(JSON.stringify([row.id, receipt])).toString("base64"),
                    body: row.body,
                    attributes: JSON.parse(row.attributes) as StoredAttributes,
                    senderId: row.sender_id,
                    traceHeader: row.trace_header,
                    groupId: row.group_id,
                    deduplicationId: row.deduplication_id,
                    source: row.source,
                    sent: row.sent,
                    firstReceived: row.first_received ?? now,
                    receives: row.receives + 1,
                };
            });
            return { received, moved };
        },

        anyVisible: ({ name }) => visible.get(name, clock.now()) !== undefined,
        nextVisible: ({ name }) => (next.get(name, clock.now()) as { visible: number | null }).visible ?? undefined,

        receipt({ name }, handle) {
            const [id, receipt] = parsedHandle(handle);
            if (id === undefined) return undefined;
            const row = byId.get(id, name) as { receipt: string | null; visible: number } | undefined;
            if (row === undefined) return { id, state: "gone" };
            if (row.receipt !== receipt) return { id, state: "replaced" };
            return { id, state: row.visible > clock.now() ? "current" : "expired" };
        },

        resend(from, to) {
            const now = clock.now();
            const scope = { queue: from.name, now, oldest: oldest(from, now), fifo: Number(from.fifo) };
            // Read before any is moved: what comes meanwhile, be it from here, is not of this task.
            const rows = selectIds.all(scope) as unknown as Pick<Row, "id" | "source">[];
            for (const [moved, { id, source }] of rows.entries()) {
                const target = to(source);
                if (target === undefined) return { moved, unknownSource: true };
                again.run({ target: target.name, messageId: randomUUID(), now, id });
                remove.run(id);
            }
            return { moved: rows.length, unknownSource: false };
        },
        delete: (id) => void remove.run(id),
        hide: (id, seconds) => void hide.run(clock.now() + seconds * 1000, id),
        purge: ({ name }) => void purge.run(name),
        inFlight: ({ name }) => Number(hidden.get(name, clock.now())?.count),
        counts(queue) {
            const now = clock.now();
            return count.get({ queue: queue.name, now, oldest: oldest(queue, now) }) as {
                visible: number;
                inFlight: number;
                delayed: number;
                oldest: number | null;
            };
        },
    };
}

function parsedHandle(handle: string): [id?: number, receipt?: string] {
    try {
        const value: unknown = JSON.parse(Buffer.from(handle, "base64").toString("utf8"));
        if (Array.isArray(value) && Number.isSafeInteger(value[0]) && typeof value[1] === "string") {
            return [Number(value[0]), value[1]];
        }
    } catch {
        // Not a handle of ours.
    }
    return [];
}

function sequenceNumber(id: number): string {
    return String(id).padStart(20, "0");
}
