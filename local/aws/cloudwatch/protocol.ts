import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import * as model from "@aws-sdk/client-cloudwatch";
import { jsonService } from "../protocol/json";
import { readJson } from "../protocol/json-input";
import { operationModels } from "../protocol/model";
import { queryService } from "../protocol/query";
import { AwsError, type AwsRequest, type AwsService, type Operation } from "../service";
import { queryCode, queryErrorHeader } from "./errors";

const signingNames = ["monitoring"];
const form = "application/x-www-form-urlencoded";
/** What a request may have when it is uncompressed. */
const largestBody = 1 << 20;

/** The protocols of CloudWatch: JSON, which today's SDKs for JavaScript and Python speak, and forms, as older ones do. */
export function cloudWatchProtocol(operations: object): Pick<AwsService, "signingNames" | "handle"> {
    const models = operationModels(model);
    const json = jsonService({
        signingNames,
        targetPrefixes: ["GraniteServiceVersion20100801"],
        contentType: "application/x-amz-json-1.0",
        operations,
        decode: Object.fromEntries([...models].map(([name, { input }]) => [name, (given) => readJson(input, given)])),
        errorHeaders: queryErrorHeader,
    });
    const query = queryService({
        signingNames,
        model,
        namespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
        operations: withQueryCodes(operations),
    });
    return {
        signingNames,
        async handle(request) {
            const plain = { ...request, body: await plainBody(request) };
            return request.headers["content-type"]?.startsWith(form) ? query.handle(plain) : json.handle(plain);
        },
    };
}

/** The same operations, whose errors have the codes of the query protocol. */
function withQueryCodes(operations: object): object {
    const entries = Object.entries(operations as Record<string, Operation<unknown, unknown>>);
    return Object.fromEntries(
        entries.map(([name, operation]): [string, Operation<unknown, unknown>] => [
            name,
            async (input, caller) => {
                try {
                    return await operation(input, caller);
                } catch (error) {
                    if (!(error instanceof AwsError)) throw error;
                    throw new AwsError(queryCode(error), error.message, error.status, error.members);
                }
            },
        ]),
    );
}

/** SDKs compress large requests. @throws AwsError RequestEntityTooLarge, SerializationException */
async function plainBody({ headers, body }: AwsRequest): Promise<Buffer> {
    if (headers["content-encoding"] !== "gzip") return body;
    try {
        return await promisify(gunzip)(body, { maxOutputLength: largestBody });
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
            throw new AwsError(
                "RequestEntityTooLarge",
                `The uncompressed body is larger than ${largestBody} bytes.`,
                413,
            );
        }
        throw new AwsError("SerializationException", "The request's body is not gzip, as its Content-Encoding says.");
    }
}
