import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { isMailbox, MAX_MAIL_BYTES, splitMailbox } from "../functions";
import type { Connection } from "./connection";
import { onlyComponent, outputOf } from "./deployment";
import { badInput, CommandError } from "./exit";

/** One mail to send: where it comes from and its raw bytes. */
export interface OutgoingMail {
    /** How a person knows it: a path below what was given, with `#n` for the n-th mail of a mailbox file. */
    readonly source: string;
    readonly raw: Uint8Array;
}

/** A file that cannot be sent, and why. */
export interface Unsendable {
    readonly source: string;
    readonly reason: string;
}

/**
 * Reads the mails of files, folders (with their sub-folders, hidden files left out) and mbox files, one at a time.
 * Links are followed where they are given, and not within folders.
 * What cannot be sent is yielded too, with the reason: it must not stop the rest.
 * @throws CommandError exit code 2 when a path does not exist.
 */
export async function* readMails(paths: readonly string[]): AsyncGenerator<OutgoingMail | Unsendable> {
    const missing = paths.filter((given) => !fs.existsSync(given));
    if (missing.length > 0) throw badInput(`Not found: ${missing.join(", ")}. Give mail files, folders or mbox files.`);
    for (const given of paths) {
        const top = path.resolve(given);
        const found = fs.statSync(top);
        const base = found.isDirectory() ? top : path.dirname(top);
        const named = (file: string) => path.relative(base, file).replaceAll(path.sep, "/");
        if (found.isDirectory()) yield* mailsBelow(top, named);
        else yield* mailsOf(top, named(top));
    }
}

async function* mailsBelow(folder: string, named: (file: string) => string): AsyncGenerator<OutgoingMail | Unsendable> {
    let entries: fs.Dirent[];
    try {
        entries = fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
        yield { source: named(folder), reason: `it cannot be read (${(error as Error).message})` };
        return;
    }
    for (const entry of entries) {
        if (entry.name.startsWith(".")) continue;
        const place = path.join(folder, entry.name);
        if (entry.isDirectory()) yield* mailsBelow(place, named);
        // A folder that came from elsewhere must not choose what else of this machine is sent along.
        else if (entry.isSymbolicLink()) yield { source: named(place), reason: "it is a link; give the file itself" };
        else yield* mailsOf(place, named(place));
    }
}

async function* mailsOf(file: string, source: string): AsyncGenerator<OutgoingMail | Unsendable> {
    try {
        // A device or a named pipe may have no end.
        if (!fs.statSync(file).isFile()) {
            yield { source, reason: "it is neither a file nor a folder" };
            return;
        }
        // By its name a single mail, even where a mail program has left an mbox line at its start.
        if (!file.toLowerCase().endsWith(".eml") && startsMailbox(file)) {
            let count = 0;
            for await (const raw of splitMailbox(fs.createReadStream(file))) {
                count++;
                yield checked({ source: `${source}#${count}`, raw });
            }
            return;
        }
        const { size } = fs.statSync(file);
        if (size > MAX_MAIL_BYTES) yield tooLarge(source, size);
        else yield checked({ source, raw: fs.readFileSync(file) });
    } catch (error) {
        yield { source, reason: `it cannot be read (${(error as Error).message})` };
    }
}

function checked(mail: OutgoingMail): OutgoingMail | Unsendable {
    if (mail.raw.byteLength > MAX_MAIL_BYTES) return tooLarge(mail.source, mail.raw.byteLength);
    if (mail.raw.byteLength === 0) return { source: mail.source, reason: "it is empty" };
    return mail;
}

function tooLarge(source: string, bytes: number): Unsendable {
    const megabytes = (count: number) => `${(count / 1_000_000).toFixed(0)} MB`;
    return {
        source,
        reason: `it has ${megabytes(bytes)}, and mail may have at most ${megabytes(MAX_MAIL_BYTES)}, as at SES`,
    };
}

function startsMailbox(file: string): boolean {
    const handle = fs.openSync(file, "r");
    try {
        const start = Buffer.alloc(600);
        return isMailbox(start.subarray(0, fs.readSync(handle, start, 0, start.length, 0)));
    } finally {
        fs.closeSync(handle);
    }
}

/** Bytes that S3 allows for an object's metadata, names included, less some for what else there may be. */
const metadataBytes = 1900;

/** A source as metadata, which travels in headers: ASCII only. Of one that is too long the end is kept: the file's name. */
export function metadataOf(source: string): string {
    // Half of a pair, as in names that are no text, cannot be encoded: the way through bytes replaces it.
    const characters = [...Buffer.from(source).toString()];
    for (;;) {
        const encoded = encodeURIComponent(characters.join(""));
        if (encoded.length <= metadataBytes) return encoded;
        characters.splice(0, Math.ceil((encoded.length - metadataBytes) / 9) + 1, "…");
    }
}

/** What `sendMails` did. */
export interface Sent {
    /** Object keys in the mail bucket, in order. */
    readonly keys: readonly string[];
    /** How many of them had been sent before, and were not sent again. */
    readonly repeated: number;
    readonly unsendable: readonly Unsendable[];
}

/**
 * Puts mails into the mail bucket, where SES would put them. The key is a digest of source and content: sending the
 * same file again is the same mail.
 */
export async function sendMails(
    connection: Connection,
    mails: AsyncIterable<OutgoingMail | Unsendable>,
): Promise<Sent> {
    const intake = onlyComponent(await connection.exportStack(), "MailIntake");
    const bucket = outputOf(intake, "bucketName");
    const prefix = outputOf(intake, "prefix");
    const keys: string[] = [];
    const unsendable: Unsendable[] = [];
    const underWay = new Set<Promise<void>>();
    let sent = 0;
    let repeated = 0;
    for await (const mail of mails) {
        if ("reason" in mail) {
            unsendable.push(mail);
            continue;
        }
        const key = `${prefix}${createHash("sha256").update(mail.source).update("\0").update(mail.raw).digest("hex").slice(0, 40)}`;
        keys.push(key);
        const put = connection.clients.s3
            .send(
                new PutObjectCommand({
                    Bucket: bucket,
                    Key: key,
                    Body: mail.raw,
                    ContentType: "message/rfc822",
                    Metadata: { source: metadataOf(mail.source) },
                    // What is there has been received already: a second notification would only make work.
                    IfNoneMatch: "*",
                }),
            )
            .then(
                () => {
                    underWay.delete(put);
                    sent++;
                },
                (error: unknown) => {
                    if ((error as Error).name === "PreconditionFailed") {
                        underWay.delete(put);
                        repeated++;
                        return;
                    }
                    throw new CommandError(
                        `${(error as Error).message}\n${sent} mails were sent before that. Send the same again when it is mended: none counts twice.`,
                    );
                },
            );
        // A rejection is seen where the set is awaited; until then it must not count as unhandled.
        put.catch(() => undefined);
        underWay.add(put);
        if (underWay.size >= 8) await Promise.race(underWay);
    }
    await Promise.all(underWay);
    return { keys, repeated, unsendable };
}
