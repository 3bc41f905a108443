import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { backoff } from "./backoff";

/** What a model says about one text. */
export interface Prediction {
    readonly label: string;
    /** Calibrated, 0 to 1. */
    readonly probability: number;
    /** The model that said it. */
    readonly model: string;
}

interface EndpointOutputs {
    /** Empty where no model is pinned. */
    readonly endpointName: string;
    readonly cleaning: string;
    /** Largest request body, in bytes. */
    readonly maxBodyBytes: string;
}

/** What the serving code takes in one request, and of one text, in characters. */
const MAX_TEXTS = 1000;
const MAX_TEXT = 100_000;
const ATTEMPTS = 6;
/** These pass: throttling, a serverless endpoint that wakes up, a container that is being replaced. */
const PASSING = new Set([
    "ThrottlingException",
    "ModelNotReadyException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "InternalFailure",
    "InternalDependencyException",
    "TimeoutError",
]);

/** The run-time side of ModelEndpoint.classify. */
export function classify({ endpointName, cleaning, maxBodyBytes }: EndpointOutputs) {
    if (endpointName === "") {
        return async (texts: readonly string[]): Promise<readonly undefined[]> => texts.map(() => undefined);
    }
    // The retries are counted here alone.
    const client = new SageMakerRuntimeClient({ maxAttempts: 1 });
    return async (texts: readonly string[]): Promise<readonly Prediction[]> => {
        const predictions: Prediction[] = [];
        for (const body of bodies(texts, cleaning, Number(maxBodyBytes))) {
            const answer = JSON.parse(await invoke(client, endpointName, body.text)) as unknown;
            predictions.push(...read(answer, body.count, endpointName));
        }
        return predictions;
    };
}

/** Splits the texts into request bodies within the limits. A text that is too long for a request is cut. */
export function* bodies(
    texts: readonly string[],
    cleaning: string,
    maxBytes: number,
): Generator<{ readonly text: string; readonly count: number }> {
    const end = `],"parameters":${JSON.stringify({ cleaning })}}`;
    const room = maxBytes - Buffer.byteLength(end) - '{"inputs":['.length;
    let inputs: string[] = [];
    let bytes = 0;
    for (const text of texts) {
        const input = fitting(text, room);
        const size = Buffer.byteLength(input) + 1;
        if (inputs.length === MAX_TEXTS || (inputs.length > 0 && bytes + size > room)) {
            yield { text: `{"inputs":[${inputs.join(",")}${end}`, count: inputs.length };
            inputs = [];
            bytes = 0;
        }
        inputs.push(input);
        bytes += size;
    }
    if (inputs.length > 0) yield { text: `{"inputs":[${inputs.join(",")}${end}`, count: inputs.length };
}

/** The text, cut if need be, as JSON of at most so many bytes. No character takes more than six in JSON. */
function fitting(text: string, bytes: number): string {
    const whole = JSON.stringify(beginning(text, MAX_TEXT));
    if (Buffer.byteLength(whole) <= bytes) return whole;
    return JSON.stringify(beginning(text, Math.floor((bytes - 2) / 6)));
}

/** The text's first characters, never half of one. */
function beginning(text: string, length: number): string {
    return text.length <= length ? text : text.slice(0, length).replace(/[\uD800-\uDBFF]$/, "");
}

async function invoke(client: SageMakerRuntimeClient, endpointName: string, body: string): Promise<string> {
    for (let attempt = 1; ; attempt++) {
        try {
            const answer = await client.send(
                new InvokeEndpointCommand({
                    EndpointName: endpointName,
                    ContentType: "application/json",
                    Accept: "application/json",
                    Body: body,
                }),
            );
            return Buffer.from(answer.Body ?? []).toString("utf8");
        } catch (error) {
            if (attempt === ATTEMPTS || !passes(error)) throw withoutBody(error, endpointName);
            await backoff(attempt - 1, { base: 100, limit: 5000 });
        }
    }
}

function passes(error: unknown): boolean {
    if (!(error instanceof Error)) return false;
    if (PASSING.has(error.name)) return true;
    const status = statusOf(error);
    if (status === 429 || (status !== undefined && status >= 500)) return true;
    // The container's own answer: 503 while it starts, and 0 when it did not answer in time.
    return "OriginalStatusCode" in error && (error.OriginalStatusCode === 503 || error.OriginalStatusCode === 0);
}

function statusOf(error: Error): number | undefined {
    const metadata = "$metadata" in error ? (error.$metadata as { httpStatusCode?: number } | undefined) : undefined;
    return metadata?.httpStatusCode;
}

/** A container's error message may quote the request, so only where to find it is told. */
function withoutBody(error: unknown, endpointName: string): unknown {
    if (!(error instanceof Error) || error.name !== "ModelError") return error;
    const { OriginalStatusCode: status, LogStreamArn: logs } = error as {
        OriginalStatusCode?: number;
        LogStreamArn?: string;
    };
    const hint =
        // Which of the two it is depends on the image's server.
        status === 400 || status === 500
            ? " If it refuses every request, it was trained with another cleaning version: promote one that fits."
            : "";
    return new Error(
        `The model behind the endpoint ${endpointName} answered with status ${status ?? "unknown"}.${hint}` +
            (logs === undefined ? "" : ` Its log: ${logs}`),
    );
}

function read(answer: unknown, count: number, endpointName: string): Prediction[] {
    if (!Array.isArray(answer) || answer.length !== count) {
        const got = Array.isArray(answer) ? `${answer.length} predictions` : "no list of predictions";
        throw new Error(`The endpoint ${endpointName} answered with ${got} for ${count} texts.`);
    }
    return answer.map((item: Partial<Prediction> | null) => {
        if (typeof item?.label !== "string" || typeof item.probability !== "number") {
            throw new Error(`The endpoint ${endpointName} answered a prediction without label or probability.`);
        }
        return { label: item.label, probability: item.probability, model: item.model ?? "" };
    });
}
