import { NormalizedSchema } from "@smithy/core/schema";

export interface OperationModel {
    readonly input: NormalizedSchema;
    readonly output: NormalizedSchema;
}

type SchemaReference = Parameters<typeof NormalizedSchema.of>[0];

/** The operations of a service, by name. @param model the module of the SDK's client, which carries them as data */
export function operationModels(model: Readonly<Record<string, unknown>>): ReadonlyMap<string, OperationModel> {
    const models = new Map<string, OperationModel>();
    for (const exported of Object.values(model)) {
        if (!Array.isArray(exported) || exported[0] !== 9) continue;
        const [, , name, , input, output] = exported as [9, string, string, unknown, SchemaReference, SchemaReference];
        models.set(name, { input: NormalizedSchema.of(input), output: NormalizedSchema.of(output) });
    }
    return models;
}
