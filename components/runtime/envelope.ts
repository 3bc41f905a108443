import { RejectRecord } from "./reject-record";

/** A record on the wire: a CloudEvents 1.0 event in JSON. */
export interface Envelope {
    readonly specversion: "1.0";
    readonly id: string;
    readonly source: string;
    readonly type: string;
    readonly time: string;
    readonly dataschema: string;
    readonly datacontenttype: "application/json";
    /** W3C trace context, handed on from the front door to the last stage. */
    readonly traceparent?: string;
    /** Where the data are (`s3://bucket/key`) when they are too big for a record. */
    readonly dataref?: string;
    /** There, or `dataref` is; both where a copy is kept. */
    readonly data?: unknown;
}

/** What a stream says about each record on it. */
export interface RecordKind {
    /** The stream's name in the program. */
    readonly type: string;
    /** Names the schema and, by digest, its version. */
    readonly dataschema: string;
}

/** Reads the data of a Kinesis record. Rejects what is no envelope, for nothing can be done with it. */
export function decodeEnvelope(data: Uint8Array): Envelope {
    let value: unknown;
    try {
        value = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("utf8"));
    } catch {
        throw new RejectRecord("The record is not JSON.");
    }
    if (typeof value !== "object" || value === null) throw new RejectRecord("The record is not a JSON object.");
    const { specversion, id, dataref } = value as Partial<Envelope>;
    const hasData = "data" in value || (typeof dataref === "string" && dataref !== "");
    if (specversion !== "1.0" || typeof id !== "string" || id === "" || !hasData) {
        throw new RejectRecord(
            "The record is not a CloudEvents 1.0 envelope: it needs specversion, id and data (or dataref).",
        );
    }
    return value as Envelope;
}

/** Puts a datum into an envelope. Its id is the datum's own where it has one, else the one given. */
export function wrap(
    data: unknown,
    about: { readonly id: string; readonly source: string; readonly kind: RecordKind; readonly traceparent: string },
    now: Date = new Date(),
): Envelope {
    return {
        specversion: "1.0",
        id: ownId(data) ?? about.id,
        source: about.source,
        type: about.kind.type,
        time: now.toISOString(),
        dataschema: about.kind.dataschema,
        datacontenttype: "application/json",
        traceparent: about.traceparent,
        data,
    };
}

function ownId(data: unknown): string | undefined {
    if (typeof data !== "object" || data === null || !("id" in data)) return undefined;
    return typeof data.id === "string" && data.id !== "" ? data.id : undefined;
}
