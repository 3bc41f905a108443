// What one side answered to a scenario, with what differs between any two runs (ids, dates, addresses) replaced.

/** What a service answered to one call. */
export interface Answer {
    readonly status?: number;
    readonly headers: Readonly<Record<string, unknown>>;
    /** The SDK's output, or the error's code, message and members. */
    readonly output?: unknown;
    readonly error?: unknown;
}

/** By the name of the call. */
export type Transcript = ReadonlyMap<string, Answer>;

/** What the SDK's clients resolve with. */
interface Output {
    readonly $metadata: { readonly httpStatusCode?: number; readonly headers?: object };
}

export interface Recorder {
    readonly transcript: Transcript;
    /** Notes the answer under a name. @returns the output; nothing of it when the service answers with an error. */
    call<T extends Output>(name: string, answer: Promise<T>): Promise<Partial<T>>;
    /** Notes something that was learnt from several answers, such as what arrived in a queue. */
    note(name: string, value: unknown): void;
}

export function createRecorder(): Recorder {
    const transcript = new Map<string, Answer>();
    const normalise = createNormaliser();

    function add(name: string, answer: Answer): void {
        if (transcript.has(name)) throw new Error(`Two calls of the scenario have the name '${name}'.`);
        transcript.set(name, answer);
    }

    return {
        transcript,
        async call(name, answer) {
            try {
                const output = await answer;
                const { $metadata, ...members } = output;
                add(name, {
                    status: $metadata.httpStatusCode,
                    headers: comparedHeaders($metadata.headers ?? {}),
                    output: normalise(await withBody(members)),
                });
                return output;
            } catch (error) {
                if (error instanceof Error && "$response" in error && !isServiceError(error)) {
                    add(name, { headers: {}, error: { code: "an answer that the SDK cannot read" } });
                    return {};
                }
                if (!isServiceError(error)) throw error;
                const { name: code, message, $metadata, $response, ...rest } = error;
                // The code and the message stand in several places, by protocol.
                const {
                    $fault,
                    $service,
                    Code,
                    Message,
                    Error: _,
                    Type,
                    __type,
                    ...members
                } = rest as typeof rest & Record<string, unknown>;
                const headers = comparedHeaders($response?.headers ?? {});
                add(name, {
                    status: $metadata.httpStatusCode,
                    headers,
                    error: normalise({ ...members, code, message: error.message }),
                });
                return {};
            }
        },
        note: (name, value) => add(name, { headers: {}, output: normalise(value) }),
    };
}

interface ServiceError extends Error, Output {
    readonly $fault: unknown;
    readonly $service: unknown;
    readonly $response?: { readonly headers: object };
}

function isServiceError(error: unknown): error is ServiceError {
    return error instanceof Error && "$fault" in error && "$metadata" in error;
}

async function withBody(output: object): Promise<object> {
    if (!("Body" in output) || typeof output.Body !== "object" || output.Body === null) return output;
    const { Body } = output;
    if (!("transformToString" in Body) || typeof Body.transformToString !== "function") return output;
    return { ...output, Body: await Body.transformToString() };
}

/** Those that are not members of the output as well. Either name of the request's id counts. */
const compared = /^(content-type|allow|x-amz-delete-marker|x-amz-request-id|x-amzn-requestid|x-amzn-query-error)$/;

function comparedHeaders(headers: object): Record<string, unknown> {
    return Object.fromEntries(
        Object.entries(headers)
            .map(([name, value]) => [name.toLowerCase(), value] as const)
            .filter(([name]) => compared.test(name))
            .map(([name, value]) => (/request-?id/.test(name) ? ["request id", "<id>"] : [name, value])),
    );
}

/** Members that hold an id which each side makes up. The same id gets the same name wherever it stands. */
const ids =
    /^(UploadId|.*VersionId(Marker)?|UploadIdMarker|.*ContinuationToken|NextToken|ReceiptHandle|MessageId|EventId|SequenceNumber|MessageDeduplicationId|TaskHandle)$/;
const times = /^(.*Timestamp|time|.*Date|eventTime)$/;

function createNormaliser(): (value: unknown) => unknown {
    const known = new Map<string, string>();
    const counts = new Map<string, number>();

    function named(member: string, id: string): string {
        const earlier = known.get(id);
        if (earlier !== undefined) return earlier;
        const kind = /VersionId/.test(member) ? "VersionId" : member.replace(/^Next/, "");
        const count = (counts.get(kind) ?? 0) + 1;
        counts.set(kind, count);
        const name = `<${kind} ${count}>`;
        known.set(id, name);
        return name;
    }

    function text(value: string): string {
        let replaced = value;
        for (const [id, name] of known) {
            if (value === id) return name;
            // Messages quote receipts; other ids may occur in texts by chance.
            if (name.startsWith("<ReceiptHandle ") && id.length >= 32) replaced = replaced.replaceAll(id, name);
        }
        return replaced
            .replace(/http:\/\/(127\.0\.0\.1|localhost):\d+/g, "<address>")
            .replace(/\b(000000000000|123456789012)\b/g, "<account>")
            .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<uuid>")
            .replace(/(:secret:.*-)[A-Za-z0-9]{6}$/, "$1<random>");
    }

    function normalise(value: unknown, member = ""): unknown {
        if (value instanceof Date) return "<date>";
        if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
        if (typeof value === "string") {
            if (member === "RequestId" || member === "HostId") return "<id>";
            // What is shorter was sent, such as the number of a part.
            if (ids.test(member) && value !== "null" && value.length >= 4) return named(member, value);
            return times.test(member) ? "<date>" : text(value);
        }
        if (Array.isArray(value)) return value.map((item) => normalise(item, member));
        if (typeof value !== "object" || value === null) return value;
        const entries = Object.entries(value).filter(([, child]) => child !== undefined);
        return Object.fromEntries(entries.map(([name, child]) => [name, normalise(child, name)]));
    }
    return normalise;
}
