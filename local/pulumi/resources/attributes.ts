// Arguments of resources as the attributes of an API that takes texts: queues and topics have those.

/** Argument of the resource -> attribute of the API, with what AWS assumes when it is left out. */
export type Attributes<Arguments> = readonly (readonly [
    argument: keyof Arguments,
    attribute: string,
    assumed: string,
])[];

/** What to set to get from one set of arguments to another. One that was taken away goes back to what AWS assumes. */
export function changedAttributes<Arguments>(
    attributes: Attributes<Arguments>,
    earlier: Partial<Arguments>,
    inputs: Arguments,
): Record<string, string> {
    const changes: Record<string, string> = {};
    for (const [argument, attribute, assumed] of attributes) {
        const value = inputs[argument] === undefined ? assumed : attributeText(inputs[argument]);
        const before = earlier[argument] === undefined ? assumed : attributeText(earlier[argument]);
        if (value !== before) changes[attribute] = value;
    }
    return changes;
}

export function attributeText(value: unknown): string {
    return typeof value === "object" ? JSON.stringify(value) : String(value);
}
