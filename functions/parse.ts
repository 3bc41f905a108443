import PostalMime, { type Email } from "postal-mime";
import { automaticReason } from "./automatic";
import { decodedValue, type HeaderField, headerValue, readHeaders } from "./headers";
import { htmlToText } from "./html";
import { NotAMail } from "./not-a-mail";
import { withoutQuotes } from "./quoted";
import type { Message, StoredMail } from "./schemas";
import { structureProblem } from "./structure";
import { cleanText, truncated } from "./text";

/** Largest mail that is read, in bytes: 40 MB, what SES delivers. */
export const MAX_MAIL_BYTES = 40_000_000;

const LIMITS = { maxNestingDepth: 64, maxHeadersSize: 1024 * 1024, maxRfc822NestingDepth: 3 };
/** Characters of a body that are looked at. Cleaning keeps far fewer. */
const MAX_BODY = 500_000;
const MAX_SUBJECT = 500;
const MAX_THREAD_ID = 200;
/** Own text with fewer letters and digits than this is too little to go by ("see below"). */
const LITTLE = 15;
/** Fields of which a mail has at least one. */
const MAIL_FIELDS = new Set(
    "from to subject date message-id received return-path mime-version content-type delivered-to reply-to sender cc".split(
        " ",
    ),
);
const PREFIX = /^\s*(?:re|aw|fwd?|wg|antwort|sv|vs|tr|rv)\s{0,3}(?:\[\d{1,3}\])?\s{0,3}:\s*/i;

/**
 * Reads a raw mail (RFC 822, MIME): decodes it whatever its encoding, takes HTML for text where there is no plain text,
 * leaves out what was quoted, cleans the rest, and recognises automatic mail.
 *
 * @throws NotAMail if there are no header fields or the mail is larger than `MAX_MAIL_BYTES`. Nothing else: a mail whose
 * structure cannot be read comes back with its subject and `review`, for a person.
 */
export async function parseMail(stored: StoredMail, raw: Uint8Array): Promise<Message> {
    if (raw.byteLength > MAX_MAIL_BYTES) {
        const size = (raw.byteLength / 1_000_000).toFixed(1);
        throw new NotAMail(`the mail is too large: ${size} MB, at most ${MAX_MAIL_BYTES / 1_000_000} MB are read`);
    }
    const mail = withoutEnvelopeLine(raw);
    const fields = readHeaders(mail);
    if (!fields.some((field) => MAIL_FIELDS.has(field.name))) {
        throw new NotAMail(
            raw.byteLength === 0
                ? "not a mail: the file is empty"
                : "not a mail: it does not start with header lines such as From: and Subject:",
        );
    }

    const content = await readContent(mail);
    const subject = cleanSubject(decodedValue(fields, "subject") ?? "");
    const body = bodyOf(content.email);
    const own = withoutQuotes(body);
    const text = cleanText(`${subject}\n\n${letters(own) < LITTLE ? body : own}`);
    const message: Message = {
        id: stored.id,
        key: stored.key,
        source: stored.source,
        threadId: threadIdOf(fields) ?? stored.id.slice(0, MAX_THREAD_ID),
        subject,
        text,
    };
    const ignore = automaticReason(fields);
    if (ignore !== undefined) return { ...message, ignore };
    if (content.problem !== undefined) return { ...message, review: content.problem };
    if (letters(body) === 0) return { ...message, review: "the mail has no text" };
    return message;
}

/** The MIME content, or why it could not be read. */
async function readContent(mail: Uint8Array): Promise<{ email?: Email; problem?: string }> {
    const problem = structureProblem(mail);
    if (problem !== undefined) return { problem };
    try {
        const email = await PostalMime.parse(mail, LIMITS);
        return { email: needsCharset(email, mail) ? await PostalMime.parse(transcoded(mail), LIMITS) : email };
    } catch (error) {
        // The parser's message names limits and sizes, never content; anything else stays out of reasons.
        const said =
            error instanceof Error && /^Maximum /.test(error.message) ? `: ${error.message.toLowerCase()}` : "";
        return { problem: `the structure of the mail could not be read${said}` };
    }
}

/** True for a mail whose bytes are no UTF-8 and that names no character set: an old one, mostly in Windows-1252. */
function needsCharset(email: Email, mail: Uint8Array): boolean {
    if (!`${email.text ?? ""}${email.html ?? ""}`.includes("\ufffd")) return false;
    return !/charset/i.test(Buffer.from(mail.buffer, mail.byteOffset, mail.byteLength).toString("latin1"));
}

function transcoded(mail: Uint8Array): Uint8Array {
    return new TextEncoder().encode(new TextDecoder("windows-1252").decode(mail));
}

function bodyOf(email: Email | undefined): string {
    const plain = (email?.text ?? "").trimStart().slice(0, MAX_BODY);
    if (email?.html === undefined || letters(plain) >= LITTLE) return plain;
    // A plain part that says next to nothing beside an HTML part is a placeholder.
    const converted = htmlToText(email.html).trimStart().slice(0, MAX_BODY);
    return letters(converted) > letters(plain) ? converted : plain;
}

function cleanSubject(decoded: string): string {
    let subject = cleanText(decoded).replaceAll("\n", " ");
    for (let rounds = 0; rounds < 10 && PREFIX.test(subject); rounds++) subject = subject.replace(PREFIX, "");
    return truncated(subject, MAX_SUBJECT);
}

/** The id of the conversation: its first mail's Message-ID as far as the mail tells. */
function threadIdOf(fields: readonly HeaderField[]): string | undefined {
    for (const name of ["references", "in-reply-to", "message-id"]) {
        const value = headerValue(fields, name)?.trim();
        if (value === undefined || value === "") continue;
        const first = /<[^<>\s]+>/.exec(value.slice(0, 2000))?.[0] ?? value.slice(0, 2000).split(/\s/, 1)[0];
        if (first !== undefined && first !== "") return first.slice(0, MAX_THREAD_ID);
    }
    return undefined;
}

/** Mail files from an mbox start with the line of the envelope, "From ADDRESS DATE", which is no header field. */
function withoutEnvelopeLine(raw: Uint8Array): Uint8Array {
    let start = 0;
    if (raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf) start = 3;
    while (raw[start] === 0x0a || raw[start] === 0x0d) start++;
    if (
        Buffer.from(raw.buffer, raw.byteOffset + start, Math.min(5, raw.byteLength - start)).toString("latin1") ===
        "From "
    ) {
        const end = raw.indexOf(0x0a, start);
        start = end < 0 ? raw.byteLength : end + 1;
    }
    return raw.subarray(start);
}

function letters(text: string): number {
    return text.slice(0, MAX_BODY).match(/[\p{L}\p{N}]/gu)?.length ?? 0;
}
