import { randomBytes } from "node:crypto";
import type { NormalizedSchema } from "@smithy/core/schema";
import { element, escaped, writeXml } from "../../protocol/xml";
import type { AwsError, AwsRequest, AwsResponse } from "../../service";
import { S3Error } from "../errors";
import type { OperationModel } from "./model";

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/";
const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
const xmlHeaders = { "content-type": "application/xml" };

/** Writes the SDK's output as a response: each member where S3's model says that it travels. */
export function writeOutput(operation: OperationModel, output: Record<string, unknown>): AwsResponse {
    const headers: Record<string, string> = {};
    const { output: schema } = operation;
    if (!schema.isStructSchema()) return { status: operation.status, headers, body: "" };
    let payload: { schema: NormalizedSchema; name: string } | undefined;
    let hasDocument = false;
    for (const [name, member] of schema.structIterator()) {
        const { httpHeader, httpPrefixHeaders, httpPayload } = member.getMergedTraits();
        const value = output[name];
        if (httpPayload !== undefined) payload = { schema: member, name };
        else if (httpPrefixHeaders !== undefined) {
            for (const [key, text] of Object.entries((value ?? {}) as Record<string, string>)) {
                headers[`${httpPrefixHeaders}${key}`] = text;
            }
        } else if (httpHeader === undefined) hasDocument = true;
        else if (value !== undefined) headers[httpHeader.toLowerCase()] = headerText(member, value);
    }
    const { status } = operation;
    if (payload !== undefined) {
        const value = output[payload.name];
        if (value === undefined) return { status, headers, body: "" };
        if (!payload.schema.isStructSchema()) return { status, headers, body: value as AwsResponse["body"] };
        const root = payload.schema.getMergedTraits().xmlName ?? payload.schema.getName() ?? payload.name;
        return { status, headers: { ...headers, ...xmlHeaders }, body: document(payload.schema, value, root) };
    }
    if (!hasDocument) return { status, headers, body: "" };
    const root = schema.getMergedTraits().xmlName ?? schema.getName() ?? operation.name;
    return { status, headers: { ...headers, ...xmlHeaders }, body: document(schema, output, root) };
}

/** The bucket's location is the one document whose root has text instead of elements. */
export function writeLocation(location: string): AwsResponse {
    const body = `${declaration}${element("LocationConstraint", escaped(location), ` xmlns="${namespace}"`)}`;
    return { status: 200, headers: xmlHeaders, body };
}

/** What S3 calls the machine that answered. */
const hostId = randomBytes(48).toString("base64");

/** By which support finds a request. */
export function identification({ requestId }: Pick<AwsRequest, "requestId">): Record<string, string> {
    return { "x-amz-request-id": requestId, "x-amz-id-2": hostId };
}

export function writeError(error: AwsError, request: AwsRequest): AwsResponse {
    const headers = error instanceof S3Error ? error.headers : {};
    if (request.method === "HEAD" || error.status === 304) return { status: error.status, headers, body: "" };
    const members = { Code: error.code, Message: error.message, ...error.members, RequestId: request.requestId };
    const content = Object.entries({ ...members, HostId: hostId })
        .map(([name, value]) => element(name, escaped(String(value))))
        .join("");
    return {
        status: error.status,
        headers: { ...headers, ...xmlHeaders },
        body: `${declaration}${element("Error", content)}`,
    };
}

function document(schema: NormalizedSchema, value: unknown, root: string): string {
    return `${declaration}${writeXml(schema, value, root, ` xmlns="${namespace}"`)}`;
}

function headerText(schema: NormalizedSchema, value: unknown): string {
    return schema.isTimestampSchema() ? new Date(value as Date).toUTCString() : String(value);
}
