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
const OURS = /^(Endpoint|ObjectStore|OutOfTime|Result|Window)Error$/;
/** A message may have lines of any kind; a place in the code ends with line and column. */
const FRAME = /^\s+at (?:.*\()?(?:file:\/\/|node:|\/).*:\d+:\d+\)?$/;
const MAX_FRAMES = 8;
/** Names and codes of errors look like this. A handler may set them to any text. */
const IDENTIFIER = /^[A-Za-z_$][\w.$]{0,63}$/;

/** What may be logged of an error. */
export interface ErrorFields extends LogFields {
    /** Its name; the type of what is no error. */
    readonly error: string;
    readonly message?: string | undefined;
    readonly code?: string | undefined;
    /** Where it was thrown. */
    readonly at?: string;
}

/**
 * What may be logged of an error: its name, its code and where it was thrown. Its message may quote the record, except
 * where it is known not to.
 */
export function errorFields(error: unknown): ErrorFields {
    if (!(error instanceof Error)) return { error: typeof error };
    const { name, message, code } = error as Error & { readonly code?: unknown };
    const tells = "$metadata" in error ? NAMES_RESOURCES.test(name) : OURS.test(name);
    return {
        error: isIdentifier(name) ? name : "Error",
        message: tells ? message : undefined,
        code: isIdentifier(code) ? code : undefined,
        at: frames(error).join("\n"),
    };
}

function isIdentifier(value: unknown): value is string {
    return typeof value === "string" && IDENTIFIER.test(value);
}

function frames({ stack = "", message }: Error): string[] {
    const behind = stack.includes(message) ? stack.slice(stack.indexOf(message) + message.length) : stack;
    return behind
        .split("\n")
        .filter((line) => FRAME.test(line))
        .slice(0, MAX_FRAMES);
}
