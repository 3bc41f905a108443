import { createHash } from "node:crypto";
import type { RecordKind } from "./runtime/envelope";

/** Twelve hex digits that change whenever the schema does. */
export function schemaDigest(schema: Readonly<Record<string, unknown>>): string {
    return createHash("sha256").update(JSON.stringify(schema)).digest("hex").slice(0, 12);
}

export function isSchemaDigest(value: unknown): boolean {
    return typeof value === "string" && /^[0-9a-f]{12}$/.test(value);
}

/** What a stream of this name says about each record on it. */
export function recordKind(stream: string, schema: Readonly<Record<string, unknown>>): RecordKind {
    return { type: stream, dataschema: `urn:sortline:${stream}:${schemaDigest(schema)}` };
}
