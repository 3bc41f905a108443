import { randomUUID } from "node:crypto";
import { type Envelope, wrap } from "../components/runtime/envelope";
import { beginTrace } from "../components/runtime/trace-context";

/** A test's datum as a stage would write it: with an id, its own where it has one, and a trace of its own. */
export function envelopeOf(datum: unknown, stream: string, now: Date): Envelope {
    const kind = { type: stream, dataschema: `urn:sortline:${stream}` };
    return wrap(datum, { id: randomUUID(), source: "/test", kind, traceparent: beginTrace() }, now);
}
