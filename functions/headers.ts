import { decodeWords } from "postal-mime";
import { truncated } from "./text";

/** One header field: name in lower case, value unfolded, not decoded. */
export interface HeaderField {
    readonly name: string;
    readonly value: string;
}

/** How many bytes at the start of a mail are searched for header fields. */
const MAX_HEADER_BYTES = 1024 * 1024;
const MAX_FIELDS = 10_000;
const FIELD = /^([\x21-\x39\x3b-\x7e]+)[ \t]*:(.*)$/;

/**
 * Reads the header section at the start of a mail: up to the first empty line, at most 1 MiB and 10,000 fields.
 * Lines that are neither a field nor the continuation of one are skipped. Never throws.
 */
export function readHeaders(raw: Uint8Array): HeaderField[] {
    const text = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, MAX_HEADER_BYTES)).toString("latin1");
    const fields: { name: string; parts: string[] }[] = [];
    for (const line of text.split("\n")) {
        const content = line.endsWith("\r") ? line.slice(0, -1) : line;
        if (content === "") break;
        if (content.startsWith(" ") || content.startsWith("\t")) {
            fields.at(-1)?.parts.push(content);
            continue;
        }
        const match = FIELD.exec(content);
        if (match === null) continue;
        if (fields.length === MAX_FIELDS) break;
        fields.push({ name: (match[1] ?? "").toLowerCase(), parts: [match[2] ?? ""] });
    }
    return fields.map(({ name, parts }) => ({ name, value: parts.join("").trim() }));
}

/** The value of the first field of this name (lower case), or undefined. */
export function headerValue(fields: readonly HeaderField[], name: string): string | undefined {
    return fields.find((field) => field.name === name)?.value;
}

/** Longest value that is decoded: longer ones are no text for people. UTF-16 code units. */
const MAX_DECODED = 5_000;

/**
 * The value of the first field of this name as text: encoded words (RFC 2047) decoded, raw bytes read as UTF-8 or, where
 * they are none, Windows-1252. At most 5,000 characters of it. Never throws.
 */
export function decodedValue(fields: readonly HeaderField[], name: string): string | undefined {
    const value = headerValue(fields, name);
    if (value === undefined) return undefined;
    const bytes = Buffer.from(truncated(value, MAX_DECODED), "latin1");
    const utf8 = bytes.toString("utf8");
    const text = utf8.includes("\ufffd") ? new TextDecoder("windows-1252").decode(bytes) : utf8;
    try {
        return decodeWords(text);
    } catch {
        return text;
    }
}
