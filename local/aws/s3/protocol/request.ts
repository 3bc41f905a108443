import { readScalar, readXml } from "../../protocol/xml";
import type { AwsRequest } from "../../service";
import type { S3Address } from "./address";
import type { OperationModel } from "./model";

/** Makes the SDK's input of a request: each member from where S3's model says that it travels. */
export function readInput(operation: OperationModel, address: S3Address, request: AwsRequest): Record<string, unknown> {
    const input: Record<string, unknown> = {};
    if (!operation.input.isStructSchema()) return input;
    for (const [name, member] of operation.input.structIterator()) {
        const { httpLabel, httpQuery, httpHeader, httpPrefixHeaders, httpPayload } = member.getMergedTraits();
        let value: unknown;
        if (name === "Bucket") {
            value = address.bucket;
        } else if (httpLabel !== undefined) {
            value = address.key;
        } else if (httpQuery !== undefined) {
            const text = request.query.get(httpQuery);
            if (text !== null) value = readScalar(member, text);
        } else if (httpHeader !== undefined) {
            const text = request.headers[httpHeader.toLowerCase()];
            if (text === undefined) continue;
            value = member.isListSchema() ? text.split(",").map((item) => item.trim()) : readScalar(member, text);
        } else if (httpPrefixHeaders !== undefined) {
            value = prefixed(request, httpPrefixHeaders);
        } else if (httpPayload !== undefined) {
            if (member.isBlobSchema()) value = request.body;
            else if (member.isStructSchema()) {
                if (request.body.length > 0) value = readXml(member, request.body.toString("utf8"));
            } else value = request.body.toString("utf8");
        }
        if (value !== undefined) input[name] = value;
    }
    return input;
}

function prefixed({ headers }: AwsRequest, prefix: string): Record<string, string> {
    const result: Record<string, string> = {};
    for (const [name, value] of Object.entries(headers)) {
        if (name.startsWith(prefix) && value !== undefined) result[name.slice(prefix.length)] = value;
    }
    return result;
}
