/** Longest line that can introduce a quotation. A longer one is prose. */
const MAX_LINE = 400;

const SEPARATOR = new RegExp(
    "^\\s*[-_=]{2,20} ?(?:original message|original-nachricht|originalnachricht|ursprüngliche (?:nachricht|mail|e-mail)" +
        "|forwarded message|weitergeleitete nachricht|message d'origine|mensaje original|messaggio originale" +
        "|oorspronkelijk bericht|reply above this line|antworten sie oberhalb dieser zeile) ?[-_=]{0,20}\\s*$",
    "i",
);
const FORWARD = /^\s*(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-mail)):?\s*$/i;
const ATTRIBUTION_START = /^\s*(?:on|am|le|el|il|op|em|den|w dniu)\s/i;
const ATTRIBUTION_END =
    /(?:wrote|schrieb|écrit|escribió|scritto|schreef|escreveu|skrev|napisał\(?a?\)?)\b[^:]{0,200}:\s*$/iu;
const SENDER_FIELD = /^[\s*]*(?:from|von|de|da|van)\s?:[\s*]/i;
const OTHER_FIELD =
    /^[\s*]*(?:sent|date|to|cc|subject|gesendet|datum|an|kopie|betreff|envoyé|à|objet|enviado|para|asunto|verzonden|aan|onderwerp)\s?:/i;
const DEVICE =
    /^\s*(?:(?:sent|get) (?:from|outlook for) .{1,60}|(?:von meinem .{1,40} gesendet|gesendet von .{1,60}))$/i;
const SIGNATURE = /^--\s?$/;

/**
 * The part of a mail's plain text that its sender wrote: without quoted lines ("> …"), the attribution above them, an
 * "Original Message" block or a copied block of header fields (English, German and some more), and without signature.
 * Linear in the length of the text.
 */
export function withoutQuotes(text: string): string {
    const lines = text.split(/\r?\n/);
    const kept: string[] = [];
    for (let index = 0; index < lines.length; index++) {
        const line = lines[index] ?? "";
        if (isQuoted(line) || DEVICE.test(line.slice(0, MAX_LINE))) continue;
        if (SIGNATURE.test(line) || endsOwnText(lines, index)) break;
        const length = attributionLength(lines, index);
        if (length > 0) {
            // Marked lines below an attribution can have answers between them; an unmarked quotation goes to the end.
            if (!isQuoted(nextFilled(lines, index + length))) break;
            index += length - 1;
            continue;
        }
        kept.push(line);
    }
    return kept.join("\n").trim();
}

function isQuoted(line: string): boolean {
    return /^[ \t]{0,3}>/.test(line);
}

function endsOwnText(lines: readonly string[], index: number): boolean {
    const line = lines[index] ?? "";
    if (line.length > MAX_LINE) return false;
    return SEPARATOR.test(line) || FORWARD.test(line) || isHeaderBlock(lines, index);
}

/** A sender field followed by at least two others, each of which may be continued on the next line. */
function isHeaderBlock(lines: readonly string[], index: number): boolean {
    if (!SENDER_FIELD.test(lines[index] ?? "")) return false;
    const following = lines.slice(index + 1, index + 9);
    return following.filter((line) => line.length <= MAX_LINE && OTHER_FIELD.test(line)).length >= 2;
}

/** How many lines, at most three, the attribution that starts here takes ("On … wrote:"); 0 where none starts. */
function attributionLength(lines: readonly string[], index: number): number {
    const first = lines[index] ?? "";
    if (!ATTRIBUTION_START.test(first)) return 0;
    let joined = "";
    for (let length = 1; length <= 3; length++) {
        joined += ` ${(lines[index + length - 1] ?? "").trim()}`;
        if (joined.length > MAX_LINE) return 0;
        // A date or an address tells it from a sentence such as "On the phone your colleague wrote:".
        if (ATTRIBUTION_END.test(joined)) return /\d|@/.test(joined) ? length : 0;
    }
    return 0;
}

function nextFilled(lines: readonly string[], from: number): string {
    for (let index = from; index < Math.min(lines.length, from + 5); index++) {
        const line = lines[index] ?? "";
        if (line.trim() !== "") return line;
    }
    return "";
}
