import { type HeaderField, headerValue } from "./headers";

/**
 * Says why nobody has to see a mail: it was sent by a machine as an answer (RFC 3834), to many, or as a delivery report.
 * Returns undefined for a mail that a person may have written.
 */
export function automaticReason(fields: readonly HeaderField[]): string | undefined {
    const autoSubmitted = firstWord(headerValue(fields, "auto-submitted"));
    if (autoSubmitted !== undefined && autoSubmitted !== "no") {
        return `automatic reply (Auto-Submitted: ${autoSubmitted})`;
    }
    for (const name of ["x-autoreply", "x-autorespond"]) {
        const value = firstWord(headerValue(fields, name));
        if (value !== undefined && value !== "no") return `automatic reply (${name})`;
    }
    if (firstWord(headerValue(fields, "content-type")) === "multipart/report") return "delivery report";
    const returnPath = headerValue(fields, "return-path");
    if (returnPath !== undefined && /^<\s*>/.test(returnPath)) return "automatic mail (null return path)";
    const precedence = firstWord(headerValue(fields, "precedence"));
    if (precedence === "bulk" || precedence === "junk" || precedence === "list") {
        return `mail to many (Precedence: ${precedence})`;
    }
    if (headerValue(fields, "list-id") !== undefined) return "mailing list (List-Id)";
    return undefined;
}

/** The first word in lower case, limited so that a hostile header does not end up in a reason whole. */
function firstWord(value: string | undefined): string | undefined {
    if (value === undefined) return undefined;
    return /^[\w./+-]{1,64}/.exec(value.trim())?.[0]?.toLowerCase();
}
