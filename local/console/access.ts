import { randomBytes } from "node:crypto";

/**
 * Who may see the page. The twin's token never gets near a browser: a link carries a code that works once, and the
 * browser that opens it gets a session of its own, in a cookie that no script can read and no other site can send.
 */
export interface ConsoleAccess {
    /** A new code, for one link. */
    newCode(): string;
    /** Trades a code for a new session. Undefined when it is unknown or was used. */
    redeem(code: string): string | undefined;
    isSession(session: string | undefined): boolean;
}

/** Links that nobody opens, and browsers that never come back, must not pile up. */
const mostKept = 50;

export function createConsoleAccess(): ConsoleAccess {
    const codes = new Set<string>();
    const sessions = new Set<string>();

    // Looking up 256 random bits in a set gives nobody a way to guess them by timing.
    function remember(kept: Set<string>): string {
        const secret = randomBytes(32).toString("base64url");
        kept.add(secret);
        for (const oldest of kept) {
            if (kept.size <= mostKept) break;
            kept.delete(oldest);
        }
        return secret;
    }

    return {
        newCode: () => remember(codes),
        redeem: (code) => (codes.delete(code) ? remember(sessions) : undefined),
        isSession: (session) => session !== undefined && sessions.has(session),
    };
}
