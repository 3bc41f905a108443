import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { backoff } from "./backoff";
import { EndpointError, faultOf, isModelError } from "./model-error";
import { RejectRecord } from "./reject-record";

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

/**
 * The run-time side of ModelEndpoint.classify.
 * @throws EndpointError while the model fails, after some attempts, or when it was trained with another cleaning;
 * RejectRecord for texts that it refuses.
 */
export function classify({ endpointName, cleaning, maxBodyBytes }: EndpointOutputs) {
    if (endpointName === "") {
        return async (texts: readonly string[]): Promise<readonly undefined[]> => texts.map(() => undefined);
    }
    // The retries are counted here alone.
    const client = new SageMakerRuntimeClient({ maxAttempts: 1 });
    const endpoint = { client, endpointName, cleaning };
    return async (texts: readonly string[]): Promise<readonly Prediction[]> => {
        const predictions: Prediction[] = [];
        for (const body of bodies(texts, cleaning, Number(maxBodyBytes))) {
            predictions.push(...read(await invoke(endpoint, body), body.count, endpointName));
        }
        return predictions;
    };
}

/** A request. */
interface Body {
    readonly text: string;
    /** How many texts it asks about. */
    readonly count: number;
}

/** Splits the texts into request bodies within the limits. A text that is too long for a request is cut. */
export function* bodies(texts: readonly string[], cleaning: string, maxBytes: number): Generator<Body> {
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

interface AskedEndpoint {
    readonly client: SageMakerRuntimeClient;
    readonly endpointName: string;
    readonly cleaning: string;
}

async function invoke(endpoint: AskedEndpoint, body: Body): Promise<string> {
    for (let attempt = 1; ; attempt++) {
        try {
            const answer = await endpoint.client.send(
                new InvokeEndpointCommand({
                    EndpointName: endpoint.endpointName,
                    ContentType: "application/json",
                    Accept: "application/json",
                    Body: body.text,
                }),
            );
            return Buffer.from(answer.Body ?? []).toString("utf8");
        } catch (error) {
            if (attempt === ATTEMPTS || !passes(error)) throw toldBy(error, endpoint, body);
            await backoff(attempt - 1, { base: 100, limit: 5000 });
        }
    }
}

function passes(error: unknown): boolean {
    if (!(error instanceof Error)) return false;
    // Also 0, when the container did not answer in time, and 503 while it starts.
    if (isModelError(error)) return faultOf(error) === "model";
    if (PASSING.has(error.name)) return true;
    const status = statusOf(error);
    return status === 429 || (status !== undefined && status >= 500);
}

function statusOf(error: Error): number | undefined {
    const metadata = "$metadata" in error ? (error.$metadata as { httpStatusCode?: number } | undefined) : undefined;
    return metadata?.httpStatusCode;
}

/** A container's error message may quote the request, so only where to find it is told. */
function toldBy(error: unknown, { endpointName, cleaning }: AskedEndpoint, { count }: Body): unknown {
    if (!isModelError(error)) return error;
    const model = `The model behind the endpoint ${endpointName}`;
    const status = error.OriginalStatusCode ?? "unknown";
    const logs = error.LogStreamArn === undefined ? "" : ` Its log: ${error.LogStreamArn}`;
    switch (faultOf(error)) {
        case "request":
            return new RejectRecord(
                `${model} refuses ${count === 1 ? "the text" : `the ${count} texts`} with status ${status}. If it refuses all texts, promote another model.${logs}`,
            );
        case "cleaning":
            return new EndpointError(
                "CleaningRefused",
                `${model} was trained with another cleaning than version ${cleaning}, which its endpoint is given: promote one that fits.${logs}`,
            );
        case "model":
            return new EndpointError("ModelFailure", `${model} failed with status ${status}.${logs}`);
    }
}

function read(body: string, count: number, endpointName: string): Prediction[] {
    const failed = (what: string) =>
        new EndpointError("ModelFailure", `The endpoint ${endpointName} answered ${what} for ${count} texts.`);
    let answer: unknown;
    try {
        answer = JSON.parse(body);
    } catch {
        throw failed("what is no JSON");
    }
    if (!Array.isArray(answer)) throw failed("no list of predictions");
    if (answer.length !== count) throw failed(`with ${answer.length} predictions`);
    return answer.map((item: Partial<Prediction> | null) => {
        if (typeof item?.label !== "string" || typeof item.probability !== "number") {
            throw failed("a prediction without label or probability");
        }
        return { label: item.label, probability: item.probability, model: item.model ?? "" };
    });
}
