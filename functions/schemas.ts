import { z } from "zod";

/** What is known of a mail before it is read: what a mail intake says of it. */
export interface StoredMail {
    /** Digest of Message-ID, From, Date and body: the same mail has the same id, whichever door it came through. */
    readonly id: string;
    /** Object key in the mail bucket. */
    readonly key: string;
    /** The name by which a person knows the mail, for example its file name. */
    readonly source: string;
    /** Bytes. */
    readonly size: number;
}

/** A mail that was read: its cleaned text, and what was found out while reading it. */
export const Message = z.object({
    id: z.string().min(1),
    key: z.string(),
    source: z.string(),
    /** Mails of one conversation share it. At most 200 characters, so it can be a partition key. */
    threadId: z.string().min(1).max(200),
    /** Decoded subject without reply and forward prefixes; may be empty. */
    subject: z.string(),
    /** Subject and body, cleaned as `cleanText` does; may be empty. */
    text: z.string(),
    /** Why no person and no model needs to see this mail, such as an automatic reply. */
    ignore: z.string().optional(),
    /** Why a person should see this mail whatever a model thinks of it, such as an empty body. */
    review: z.string().optional(),
});
export type Message = z.infer<typeof Message>;

/** The work queues by name. */
export const Route = z.enum(["sales", "support", "accounting", "feedback", "review"]);
export type Route = z.infer<typeof Route>;

/** `sorted`: a model decided. `review`: a person decides. `ignored`: nobody has to. */
export const State = z.enum(["sorted", "review", "ignored"]);
export type State = z.infer<typeof State>;

/** A mail with the decision about it. */
export const SortedMessage = z.object({
    id: z.string().min(1),
    key: z.string(),
    source: z.string(),
    threadId: z.string(),
    subject: z.string(),
    text: z.string(),
    state: State,
    /** The label that the model gave, also where its confidence was too low; null without a prediction. */
    category: z.string().nullable(),
    /** Calibrated probability of that label, 0 to 1; null without a prediction. */
    confidence: z.number().nullable(),
    /** The model that gave it; null without a prediction. */
    model: z.string().nullable(),
    /** The queue it goes to; null for an ignored mail, which goes to none. */
    route: Route.nullable(),
    /** Why, for the person who reads it. */
    reason: z.string(),
});
export type SortedMessage = z.infer<typeof SortedMessage>;
