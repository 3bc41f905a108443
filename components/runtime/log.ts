/** Fields of a log line: ids, counts and names, never the content of a record. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** A record's id comes from outside: a long one must not fill the log. */
const MAX_FIELD_LENGTH = 1000;

/** Writes a structured line; Lambda's JSON log format adds the time, the level and the request's id. */
export const log = {
    info: (event: string, fields: LogFields) => console.info({ event, ...shortened(fields) }),
    warn: (event: string, fields: LogFields) => console.warn({ event, ...shortened(fields) }),
    error: (event: string, fields: LogFields) => console.error({ event, ...shortened(fields) }),
};

function shortened(fields: LogFields): LogFields {
    return Object.fromEntries(
        Object.entries(fields).map(([name, value]) =>
            typeof value === "string" && value.length > MAX_FIELD_LENGTH
                ? [name, `${value.slice(0, MAX_FIELD_LENGTH)}…`]
                : [name, value],
        ),
    );
}

/**
 * Errors of AWS whose message names resources, actions and limits. Others quote what they were given: a validation
 * error the partition key, a model's error the text.
 */
const NAMES_RESOURCES =
    /^(AccessDenied|ExpiredToken|InternalFailure|InternalServer|InvalidSignature|KMS|LimitExceeded|NoSuchBucket|ProvisionedThroughputExceeded|QueueDoesNotExist|RequestLimitExceeded|ResourceInUse|ResourceNotFound|ServiceUnavailable|Throttling|UnrecognizedClient)/;
const OURS = new Set(["ObjectStoreError", "OutOfTimeError", "WindowError"]);
/** A message may have lines of any kind; a place in the code ends with line and column. */
const FRAME = /^\s+at (?:.*\()?(?:file:\/\/|node:|\/).*:\d+:\d+\)?$/;
const MAX_FRAMES = 8;

/**
 * What may be logged of an error: its name, its code and where it was thrown. Its message may quote the record, except
 * where it is known not to.
 */
export function errorFields(error: unknown): LogFields {
    if (!(error instanceof Error)) return { error: typeof error };
    const tells = "$metadata" in error ? NAMES_RESOURCES.test(error.name) : OURS.has(error.name);
    return {
        error: error.name,
        ...(tells ? { message: error.message } : {}),
        ...("code" in error && typeof error.code === "string" ? { code: error.code } : {}),
        at: frames(error).join("\n"),
    };
}

function frames({ stack = "", message }: Error): string[] {
    const behind = stack.includes(message) ? stack.slice(stack.indexOf(message) + message.length) : stack;
    return behind
        .split("\n")
        .filter((line) => FRAME.test(line))
        .slice(0, MAX_FRAMES);
}
