import {
    type AsynchronousObject,
    type ExhaustedObject,
    envelopeIn,
    type FailureObject,
    objectOf,
    textOf,
} from "./failure-object";

/** A record that could not be processed, as a failure bucket tells it. */
export interface Failure {
    /** Record id, where the record got as far as having one. */
    readonly id?: string;
    /** Object key of the mail, where the failure names it. */
    readonly key?: string;
    /** Why, for the person who reads it. */
    readonly reason: string;
}

/**
 * What one object of a failure bucket says of the records in it.
 * @returns one without id or key where the object cannot be read.
 */
export function failuresIn(failure: FailureObject, objectKey: string): Failure[] {
    switch (failure.kind) {
        case "unreadable":
            return [{ reason: `the failure bucket's object ${objectKey} is not one of a failure` }];
        case "rejected": {
            const stage = failure.stage === undefined ? "" : `${failure.stage}: `;
            return [{ ...identityOf(failure.record), reason: `${stage}${failure.reason}` }];
        }
        case "exhausted": {
            const reason = `${failure.functionName ?? "the function"}: ${exhaustion(failure)}`;
            return failure.records.map(({ kinesis }) => ({ ...identityOf(envelopeIn(kinesis.data)), reason }));
        }
        case "asynchronous": {
            const reason = `${failure.functionName ?? "the function"}: ${exhaustion(failure)}`;
            const records: readonly unknown[] = Array.isArray(failure.event.Records) ? failure.event.Records : [];
            return records.map((record) => {
                const key = textOf(objectOf(objectOf(objectOf(record)?.s3)?.object)?.key) ?? "";
                return { key: decodedName(key.replaceAll("+", " ")), reason };
            });
        }
    }
}

/** Lambda says which condition ended the attempts and which function it was; the error itself is in that function's log. */
export function exhaustion({ condition, attempts }: ExhaustedObject | AsynchronousObject): string {
    const why =
        condition === "RecordAgeExceeded"
            ? "the record became too old while it failed"
            : `it failed ${attempts ?? "too many"} times`;
    return `${why}; see its log`;
}

/** What was percent-encoded; as it is where somebody has written it otherwise. */
export function decodedName(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

function identityOf(envelope: unknown): Pick<Failure, "id" | "key"> {
    const { id, data } = objectOf(envelope) ?? {};
    const key = textOf(objectOf(data)?.key);
    return { ...(typeof id === "string" ? { id } : {}), ...(key === undefined ? {} : { key }) };
}
