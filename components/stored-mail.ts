import { z } from "zod";

/** A pointer to a raw mail in the bucket of a `MailIntake`, as the intake writes it. */
export const StoredMail = z.object({
    /** Digest of Message-ID, From, Date and body: the same mail has the same id, whichever door it came through. */
    id: z.string().min(1),
    /** Object key in the mail bucket. */
    key: z.string().min(1),
    /** The name by which a person knows the mail, for example its file name. */
    source: z.string(),
    /** Bytes. */
    size: z.number().int().nonnegative(),
});
export type StoredMail = z.infer<typeof StoredMail>;
