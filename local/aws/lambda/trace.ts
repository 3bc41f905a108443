import { randomBytes } from "node:crypto";
import type { Settings } from "./configuration";

/** X-Ray's header: `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`. */
const rootPattern = /^1-[0-9a-f]{8}-[0-9a-f]{24}$/;

/**
 * The header of a trace that an invocation belongs to, to be settled once for all of its attempts: the invoker's, or a
 * new one when that has none. What in it is not X-Ray's is dropped.
 */
export function traceOf(given: string | undefined): string {
    const { Root = "", Parent = "", Sampled = "" } = fields(given ?? "");
    if (!rootPattern.test(Root)) return `Root=${newRoot()}`;
    return header(
        Root,
        /^[0-9a-f]{16}$/.test(Parent) ? Parent : undefined,
        /^[01]$/.test(Sampled) ? Sampled : undefined,
    );
}

/**
 * What the handler sees: with active tracing Lambda adds a segment of its own, which is then the parent, and samples
 * what nobody has decided about. PassThrough gives on what came.
 */
export function handlerTrace(trace: string, mode: Settings["TracingMode"]): string {
    if (mode === "PassThrough") return trace;
    const { Root = "", Sampled = "1" } = fields(trace);
    return header(Root, randomBytes(8).toString("hex"), Sampled);
}

function header(root: string, parent: string | undefined, sampled: string | undefined): string {
    const rest = [parent && `Parent=${parent}`, sampled && `Sampled=${sampled}`].filter((each) => each !== undefined);
    return [`Root=${root}`, ...rest].join(";");
}

function newRoot(): string {
    const seconds = Math.floor(Date.now() / 1000);
    return `1-${seconds.toString(16).padStart(8, "0")}-${randomBytes(12).toString("hex")}`;
}

function fields(header: string): Readonly<Record<string, string>> {
    return Object.fromEntries(
        header.split(";").map((field) => {
            const [name = "", value = ""] = field.split("=");
            return [name.trim(), value.trim()];
        }),
    );
}
