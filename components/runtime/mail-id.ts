import { createHash } from "node:crypto";

/** The fields that travel with a mail unchanged; trace headers differ by the door it came through. */
const FIELDS = ["message-id", "from", "date"];
/** Header bytes that are looked at: a hostile mail must not cost time. */
const MAX_HEADER_BYTES = 1_048_576;

/**
 * The id of a mail: a digest of Message-ID, From, Date and body, in 64 hex digits. The same mail has the same id with LF
 * and with CRLF, folded or not, with or without empty lines at its end. Never throws, whatever the bytes are.
 */
export function mailId(raw: Uint8Array): string {
    const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
    const { header, bodyAt } = headerOf(bytes);
    const digest = createHash("sha256");
    for (const field of FIELDS) digest.update(`${field}:${fieldValue(header, field)}\n`);
    digest.update("\n");
    // One line end for all doors; an SMTP server may add one at the end.
    digest.update(bytes.subarray(bodyAt).toString("latin1").replaceAll("\r\n", "\n").trimEnd(), "latin1");
    return digest.digest("hex");
}

/** The header section as text, and where the body begins. A mail without an empty line is all header. */
function headerOf(bytes: Buffer): { header: string; bodyAt: number } {
    let lineAt = 0;
    while (lineAt < bytes.length) {
        const end = bytes.indexOf(0x0a, lineAt);
        const next = end < 0 ? bytes.length : end + 1;
        const line = bytes.subarray(lineAt, end < 0 ? bytes.length : end);
        if (line.length === 0 || (line.length === 1 && line[0] === 0x0d)) {
            return { header: headerText(bytes, lineAt), bodyAt: next };
        }
        lineAt = next;
    }
    return { header: headerText(bytes, bytes.length), bodyAt: bytes.length };
}

function headerText(bytes: Buffer, end: number): string {
    const text = bytes.subarray(0, Math.min(end, MAX_HEADER_BYTES)).toString("latin1");
    return text.replaceAll("\r\n", "\n").replace(/\n(?=[ \t])/g, "");
}

/** The first field of this name, its white space made one space; empty where there is none. */
function fieldValue(header: string, name: string): string {
    for (const line of header.split("\n")) {
        const colon = line.indexOf(":");
        if (colon > 0 && line.slice(0, colon).trim().toLowerCase() === name) {
            return line
                .slice(colon + 1)
                .trim()
                .replace(/\s+/g, " ");
        }
    }
    return "";
}
