/** A validator as ajv compiles it. */
export interface Validator {
    (data: unknown): boolean;
    errors?: readonly { readonly instancePath: string; readonly message?: string }[] | null;
}

/** Says what is wrong with a datum, by path and without its content; undefined if it fits the schema. */
export function violation(validate: Validator, data: unknown): string | undefined {
    if (validate(data)) return undefined;
    const problems = (validate.errors ?? []).map(
        ({ instancePath, message }) => `${instancePath === "" ? "the datum" : instancePath} ${message ?? "is invalid"}`,
    );
    return problems.length === 0 ? "it is invalid" : problems.slice(0, 10).join("; ");
}
