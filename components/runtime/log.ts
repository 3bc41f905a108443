/** Fields of a log line: ids, counts and names, never the content of a record. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes a structured line; Lambda's JSON log format adds the time, the level and the request's id. */
export const log = {
    info: (event: string, fields: LogFields) => console.info({ event, ...fields }),
    warn: (event: string, fields: LogFields) => console.warn({ event, ...fields }),
    error: (event: string, fields: LogFields) => console.error({ event, ...fields }),
};

/**
 * What may be logged of an error: its name and where it was thrown. Its message may quote the record, except where AWS
 * wrote it.
 */
export function errorFields(error: unknown): LogFields {
    if (!(error instanceof Error)) return { error: typeof error };
    const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
    return {
        error: error.name,
        ...("$metadata" in error ? { message: error.message } : {}),
        ...("code" in error && typeof error.code === "string" ? { code: error.code } : {}),
        at: frames.slice(0, 8).join("\n"),
    };
}
