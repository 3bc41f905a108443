import { randomBytes } from "node:crypto";

/** version "-" trace-id "-" parent-id "-" flags; later versions may add fields behind. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** As Lambda writes it: `Root=1-<8 hex digits>-<24 hex digits>;Parent=…;Sampled=1`. */
const XRAY_ROOT = /(?:^|;)Root=1-([0-9a-f]{8})-([0-9a-f]{24})(?:;|$)/i;
const SAMPLED = 1;

interface Trace {
    /** 32 hex digits. */
    readonly id: string;
    readonly sampled: boolean;
}

/**
 * The W3C `traceparent` of what is made from a record: the record's trace with a span of its own. A record without a
 * valid one is given a trace: the invocation's in X-Ray where there is one, so that both can be found together.
 */
export function continueTrace(traceparent: unknown): string {
    return nextSpan(parsed(traceparent) ?? ofInvocation());
}

/** The `traceparent` with which a trace begins, at the front door. */
export function beginTrace(): string {
    return nextSpan(ofInvocation());
}

function nextSpan({ id, sampled }: Trace): string {
    return `00-${id}-${randomDigits(8)}-${sampled ? "01" : "00"}`;
}

function parsed(traceparent: unknown): Trace | undefined {
    if (typeof traceparent !== "string") return undefined;
    const [, version = "", id = "", parent = "", flags = "", more] = TRACEPARENT.exec(traceparent) ?? [];
    if (id === "" || version === "ff" || (version === "00" && more !== undefined)) return undefined;
    if (isZero(id) || isZero(parent)) return undefined;
    return { id, sampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED };
}

function ofInvocation(): Trace {
    // The runtime changes it with every invocation.
    const header = process.env._X_AMZN_TRACE_ID ?? "";
    const [, seconds = "", random = ""] = XRAY_ROOT.exec(header) ?? [];
    const id = `${seconds}${random}`.toLowerCase();
    if (id === "" || isZero(id)) return { id: randomDigits(16), sampled: true };
    return { id, sampled: /(?:^|;)Sampled=1(?:;|$)/.test(header) };
}

/** The specification makes all zeroes invalid. */
function isZero(digits: string): boolean {
    return /^0+$/.test(digits);
}

function randomDigits(bytes: number): string {
    return randomBytes(bytes).toString("hex");
}
