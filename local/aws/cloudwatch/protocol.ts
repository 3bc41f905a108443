import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { jsonService } from "../protocol/json";
import { AwsError, type AwsRequest, type AwsService } from "../service";
import { queryErrorHeader } from "./errors";

type Members = Readonly<Record<string, unknown>>;

/** What a request may have when it is uncompressed. */
const largestBody = 1 << 20;

/**
 * CloudWatch's JSON protocol, which the SDKs for JavaScript and for Python speak. Of its two others, the query protocol and
 * Smithy's RPC in CBOR, nothing that is used with the twin makes use.
 */
export function cloudWatchProtocol(operations: object): Pick<AwsService, "signingNames" | "handle"> {
    const service = jsonService({
        signingNames: ["monitoring"],
        targetPrefixes: ["GraniteServiceVersion20100801"],
        contentType: "application/x-amz-json-1.0",
        operations,
        decode: {
            PutMetricData: (input) => ({
                ...input,
                MetricData: listOf(input.MetricData)?.map((datum) => withDates(datum, "Timestamp")),
            }),
            GetMetricData: (input) => withDates(input, "StartTime", "EndTime"),
            GetMetricStatistics: (input) => withDates(input, "StartTime", "EndTime"),
            DescribeAlarmHistory: (input) => withDates(input, "StartDate", "EndDate"),
        },
        errorHeaders: queryErrorHeader,
    });
    return {
        ...service,
        async handle(request) {
            return service.handle({ ...request, body: await plainBody(request) });
        },
    };
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

function listOf(value: unknown): Members[] | undefined {
    if (value === undefined || value === null) return undefined;
    if (Array.isArray(value) && value.every((each) => typeof each === "object" && each !== null)) return value;
    throw new AwsError("SerializationException", "MetricData is not a list of structures.");
}

/** In JSON, times are seconds since 1970. */
function withDates(input: Members, ...names: readonly string[]): Members {
    const dates = names.flatMap((name): [string, Date][] => {
        const value = input[name];
        if (value === undefined || value === null) return [];
        return [[name, new Date(typeof value === "number" ? value * 1000 : Number.NaN)]];
    });
    return { ...input, ...Object.fromEntries(dates) };
}
