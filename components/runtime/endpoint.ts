import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { backoff } from "./backoff";
import { EndpointError, faultOf, isModelError, type ModelError } from "./model-error";
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
        for (const inputs of requests(texts, cleaning, Number(maxBodyBytes))) {
            predictions.push(...(await ask(endpoint, inputs)));
        }
        return predictions;
    };
}

/** The texts that one request asks about, each in JSON. */
type Inputs = readonly string[];

function bodyOf(inputs: Inputs, cleaning: string): string {
    return `{"inputs":[${inputs.join(",")}],"parameters":${JSON.stringify({ cleaning })}}`;
}

/** Splits the texts into requests within the limits. A text that is too long for a request is cut. */
export function* requests(texts: readonly string[], cleaning: string, maxBytes: number): Generator<Inputs> {
    const room = maxBytes - Buffer.byteLength(bodyOf([], cleaning));
    let inputs: string[] = [];
    let bytes = 0;
    for (const text of texts) {
        const input = fitting(text, room);
        const size = Buffer.byteLength(input) + 1;
        if (inputs.length === MAX_TEXTS || (inputs.length > 0 && bytes + size > room)) {
            yield inputs;
            inputs = [];
            bytes = 0;
        }
        inputs.push(input);
        bytes += size;
    }
    if (inputs.length > 0) yield inputs;
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

/** In one request, or in two where that is too much for the model: only the model knows how much work a text is. */
async function ask(endpoint: AskedEndpoint, inputs: Inputs): Promise<Prediction[]> {
    try {
        return read(await invoke(endpoint, inputs), inputs.length, endpoint.endpointName);
    } catch (error) {
        if (!isModelError(error)) throw error;
        if (faultOf(error) !== "size" || inputs.length === 1) throw toldBy(error, endpoint, inputs.length);
    }
    const half = Math.ceil(inputs.length / 2);
    return [...(await ask(endpoint, inputs.slice(0, half))), ...(await ask(endpoint, inputs.slice(half)))];
}

async function invoke(endpoint: AskedEndpoint, inputs: Inputs): Promise<string> {
    for (let attempt = 1; ; attempt++) {
        try {
            const answer = await endpoint.client.send(
                new InvokeEndpointCommand({
                    EndpointName: endpoint.endpointName,
                    ContentType: "application/json",
                    Accept: "application/json",
                    Body: bodyOf(inputs, endpoint.cleaning),
                }),
            );
            return Buffer.from(answer.Body ?? []).toString("utf8");
        } catch (error) {
            if (attempt === ATTEMPTS || !passes(error)) throw error;
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
function toldBy(error: ModelError, { endpointName, cleaning }: AskedEndpoint, count: number): Error {
    const model = `The model behind the endpoint ${endpointName}`;
    const status = error.OriginalStatusCode ?? "unknown";
    const logs = error.LogStreamArn === undefined ? "" : ` Its log: ${error.LogStreamArn}`;
    switch (faultOf(error)) {
        case "size":
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
