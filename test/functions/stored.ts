import type { Message, StoredMail } from "../../functions";

/** The pointer to a mail of a test. */
export function stored(id = "mail-1"): StoredMail {
    return { id, key: `mail/${id}`, source: `${id}.eml`, size: 1 };
}

/** A raw mail from header lines and body, in Latin-1 so that a test can place any byte. */
export function rawMail(headers: readonly string[], body: string): Uint8Array {
    return Buffer.from(`${headers.join("\r\n")}\r\n\r\n${body.replace(/\r?\n/g, "\r\n")}`, "latin1");
}

/** A message as the parser makes it. */
export function message(changes: Partial<Message> = {}): Message {
    return {
        id: "mail-1",
        key: "mail/mail-1",
        source: "mail-1.eml",
        threadId: "<1@example.com>",
        subject: "Chairs",
        text: "Chairs\n\nWhat would forty chairs cost?",
        ...changes,
    };
}
