// Modules that exist only inside an artefact: a stage's schemas, compiled at deployment.

interface CompiledValidator {
    (data: unknown): boolean;
    errors?: readonly { instancePath: string; message?: string }[] | null;
}

declare module "sortline:input-schema" {
    export const validate: CompiledValidator;
}

declare module "sortline:output-schema" {
    /** Undefined for a stage that writes to no stream. */
    export const validate: CompiledValidator | undefined;
}
