import { printable } from "./terminal";

/** What a POSIX shell takes as it is. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/**
 * A text as one word of a command that a person copies: what is in it, such as the address of a model that another
 * account registered, is not run.
 */
export function shellWord(text: string): string {
    const safe = printable(text);
    return PLAIN.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`;
}
