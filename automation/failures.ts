/** A record that could not be processed, as a failure bucket tells it. */
export interface Failure {
    /** Record id, where the record got as far as having one. */
    readonly id?: string;
    /** Object key of the mail, where the failure names it. */
    readonly key?: string;
    /** Why, for the person who reads it. */
    readonly reason: string;
}

interface Envelope {
    readonly id?: unknown;
    readonly data?: { readonly key?: unknown };
}

/**
 * Reads one object of a failure bucket. There are three kinds: a record that a stage rejected (`rejected/…`), a batch
 * whose attempts ran out (Lambda's layout of an event source mapping) and an asynchronous invocation that failed.
 * @returns the records in it; one without id or key where the object cannot be read.
 */
export function failureFromObject(objectKey: string, text: string): Failure[] {
    let content: Record<string, unknown> | null;
    try {
        content = JSON.parse(text) as Record<string, unknown> | null;
    } catch {
        content = null;
    }
    if (typeof content !== "object" || content === null) {
        return [{ reason: `the failure bucket's object ${objectKey} is not a JSON object` }];
    }
    if (typeof content.reason === "string") {
        const stage = typeof content.stage === "string" ? `${content.stage}: ` : "";
        return [{ ...identityOf(content.record as Envelope | undefined), reason: `${stage}${content.reason}` }];
    }
    if (content.KinesisBatchInfo !== undefined) {
        const records = (content.payload as { Records?: { kinesis?: { data?: string } }[] } | undefined)?.Records ?? [];
        const reason = reasonOf(content);
        return records.map((record) => ({ ...identityOf(decoded(record.kinesis?.data)), reason }));
    }
    const events =
        (content.requestPayload as { Records?: { s3?: { object?: { key?: string } } }[] } | undefined)?.Records ?? [];
    const reason = reasonOf(content);
    return events.map((event) => ({
        key: decodedName((event.s3?.object?.key ?? "").replaceAll("+", " ")),
        reason,
    }));
}

/** What was percent-encoded; as it is where somebody has written it otherwise. */
export function decodedName(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

function identityOf(envelope: Envelope | undefined): Pick<Failure, "id" | "key"> {
    const { id, data } = envelope ?? {};
    return {
        ...(typeof id === "string" ? { id } : {}),
        ...(typeof data?.key === "string" ? { key: data.key } : {}),
    };
}

function decoded(data: string | undefined): Envelope | undefined {
    try {
        return JSON.parse(Buffer.from(data ?? "", "base64").toString("utf8")) as Envelope;
    } catch {
        return undefined;
    }
}

/** Lambda says which condition ended the attempts and which function it was; the error itself is in that function's log. */
function reasonOf(content: Record<string, unknown>): string {
    const { condition, functionArn, approximateInvokeCount } = (content.requestContext ?? {}) as Record<
        string,
        unknown
    >;
    const name =
        String(functionArn ?? "")
            .split(":function:")[1]
            ?.split(":")[0] ?? "the function";
    const why =
        condition === "RecordAgeExceeded"
            ? "the record became too old while it failed"
            : `it failed ${approximateInvokeCount ?? "too many"} times`;
    return `${name}: ${why}; see its log`;
}
