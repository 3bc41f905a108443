import type { NormalizedSchema } from "@smithy/core/schema";
import { XMLParser } from "fast-xml-parser";
import { AwsError } from "../service";

const parser = new XMLParser({
    ignoreAttributes: true,
    parseTagValue: false,
    trimValues: false,
    removeNSPrefix: true,
    // Numeric character references, which the SDK writes for line ends.
    htmlEntities: true,
});

/** Reads a document's root element as a shape of a service's model. @throws AwsError `MalformedXML` */
export function readXml(schema: NormalizedSchema, text: string): unknown {
    const malformed = new AwsError(
        "MalformedXML",
        "The request's body is not the XML document that the operation takes.",
    );
    // What AWS takes has none, and entities declared in one could grow without bound.
    if (text.includes("<!DOCTYPE")) throw malformed;
    let document: Record<string, unknown>;
    try {
        document = parser.parse(text) as Record<string, unknown>;
    } catch {
        throw malformed;
    }
    const root = Object.entries(document).find(([name]) => name !== "?xml" && name !== "#text");
    if (root === undefined) throw malformed;
    return readShape(schema, root[1]);
}

function readShape(schema: NormalizedSchema, value: unknown): unknown {
    if (schema.isStructSchema()) {
        const children = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
        const result: Record<string, unknown> = {};
        for (const [name, member] of schema.structIterator()) {
            const child = children[elementName(name, member)];
            if (child !== undefined && inBody(member)) result[name] = readShape(member, child);
        }
        return result;
    }
    if (schema.isListSchema()) {
        const flattened = schema.getMergedTraits().xmlFlattened !== undefined;
        const items = flattened ? value : (value as Record<string, unknown>)[itemName(schema)];
        const list = items === undefined ? [] : Array.isArray(items) ? items : [items];
        return list.map((item) => readShape(schema.getValueSchema(), item));
    }
    const text = typeof value === "string" ? value : String((value as Record<string, unknown>)["#text"] ?? "");
    return readScalar(schema, text);
}

/** A boolean, number, date or string as it is written in a header, a query or an element. */
export function readScalar(schema: NormalizedSchema, text: string): unknown {
    if (schema.isBooleanSchema()) return text.trim() === "true";
    if (schema.isNumericSchema()) return checked(Number(text), text, "a number");
    if (schema.isTimestampSchema()) {
        const date = new Date(text);
        checked(date.getTime(), text, "a date");
        return date;
    }
    return text;
}

function checked(value: number, text: string, expected: string): number {
    if (text.trim() !== "" && Number.isFinite(value)) return value;
    throw new AwsError("InvalidArgument", `'${text}' is not ${expected}.`);
}

/** Writes a shape of a service's model as an element. Members that belong in headers are left out. */
export function writeXml(schema: NormalizedSchema, value: unknown, name: string, attributes = ""): string {
    if (schema.isStructSchema()) {
        const members = value as Record<string, unknown>;
        let content = "";
        for (const [member, memberSchema] of schema.structIterator()) {
            const child = members[member];
            if (child === undefined || child === null || !inBody(memberSchema)) continue;
            content += writeXml(memberSchema, child, elementName(member, memberSchema));
        }
        return element(name, content, attributes);
    }
    if (schema.isListSchema()) {
        const flattened = schema.getMergedTraits().xmlFlattened !== undefined;
        const item = flattened ? name : itemName(schema);
        const items = (value as unknown[]).map((child) => writeXml(schema.getValueSchema(), child, item)).join("");
        return flattened ? items : element(name, items, attributes);
    }
    if (schema.isMapSchema()) {
        const entries = Object.entries(value as Record<string, unknown>).map(([key, child]) =>
            element("entry", element("key", escaped(key)) + writeXml(schema.getValueSchema(), child, "value")),
        );
        return element(name, entries.join(""), attributes);
    }
    const text = schema.isTimestampSchema() ? new Date(value as string | number | Date).toISOString() : String(value);
    return element(name, escaped(text), attributes);
}

export function element(name: string, content: string, attributes = ""): string {
    return `<${name}${attributes}>${content}</${name}>`;
}

/** Text as XML content. Control characters, which keys of S3 may contain, become references as S3 writes them. */
export function escaped(text: string): string {
    return text.replace(/[&<>"'\p{Cc}\u2028]/gu, (character) => `&#${character.charCodeAt(0)};`);
}

function inBody(member: NormalizedSchema): boolean {
    const { httpHeader, httpQuery, httpPrefixHeaders, httpLabel } = member.getMergedTraits();
    return (httpHeader ?? httpQuery ?? httpPrefixHeaders ?? httpLabel) === undefined;
}

function elementName(member: string, schema: NormalizedSchema): string {
    return schema.getMemberTraits().xmlName ?? member;
}

function itemName(list: NormalizedSchema): string {
    return list.getValueSchema().getMergedTraits().xmlName ?? "member";
}
