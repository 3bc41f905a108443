// Property values as they travel between a program and the engine: JSON, in which an object with a signature key
// stands for a secret, an asset, an archive, a resource or an output.

/** A property value: JSON, or an object that carries one of the {@link signatures}. */
export type Value = null | boolean | number | string | readonly Value[] | Properties;

/** Property values by name. */
export interface Properties {
    readonly [name: string]: Value;
}

const signatureKey = "4dabf18193072939515e22adb298388d";

/** What an object with a signature stands for. The digests are Pulumi's. */
const signatures = {
    asset: "c44067f5952c0a294b673a41bacd8c17",
    archive: "0def7320c3a5731c473e5ecbe6d01bc7",
    secret: "1b47061264138c4ac30d75fd1eb44270",
    resource: "5cf8f73096256a8f31e491e813e4eb8e",
    output: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
} as const;

export type Signature = keyof typeof signatures;

/** What stands for a value that is not known before the deployment, by its kind. Programs in Node send the first. */
const unknownValues: ReadonlySet<Value | undefined> = new Set([
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** A text that is not known before the deployment, as Pulumi writes it. */
export const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** True for a value that a preview does not know yet. */
export function isUnknown(value: Value | undefined): boolean {
    return unknownValues.has(value);
}

/** True when the value is, or holds, one that is not known yet. */
export function holdsUnknown(value: Value): boolean {
    if (isList(value)) return value.some(holdsUnknown);
    return isProperties(value) ? Object.values(value).some(holdsUnknown) : isUnknown(value);
}

export function isProperties(value: Value | undefined): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isList(value: Value | undefined): value is readonly Value[] {
    return Array.isArray(value);
}

/** Says what an object stands for, or undefined for plain data. */
export function signatureOf(value: Value | undefined): Signature | undefined {
    if (!isProperties(value)) return undefined;
    const digest = value[signatureKey];
    if (digest === undefined) return undefined;
    return (Object.keys(signatures) as Signature[]).find((name) => signatures[name] === digest);
}

export function signed(signature: Signature, members: Properties): Properties {
    return { [signatureKey]: signatures[signature], ...members };
}

/** Marks a value as secret, once. */
export function secret(value: Value): Value {
    return signatureOf(value) === "secret" ? value : signed("secret", { value });
}

export function text(value: Value | undefined): string | undefined {
    return typeof value === "string" ? value : undefined;
}

/** Applies `change` to every value from the innermost out; what it returns takes the value's place. */
export function transformed(value: Value, change: (value: Value) => Value): Value {
    if (isList(value)) return change(value.map((item) => transformed(item, change)));
    if (!isProperties(value)) return change(value);
    return change(mapProperties(value, (member) => transformed(member, change)));
}

export function mapProperties(properties: Properties, change: (value: Value, name: string) => Value): Properties {
    return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, change(value, name)]));
}

/** True when the value is, or holds, a secret. */
export function holdsSecret(value: Value): boolean {
    if (isList(value)) return value.some(holdsSecret);
    if (!isProperties(value)) return false;
    if (signatureOf(value) === "secret") return true;
    const output = signatureOf(value) === "output" && value.secret === true;
    return output || Object.values(value).some(holdsSecret);
}

/**
 * What a provider sees: secrets opened, outputs and resources replaced by their value and id. Assets and archives stay
 * signed objects.
 */
export function plain(value: Value): Value {
    return transformed(value, (inner) => {
        if (!isProperties(inner)) return inner;
        switch (signatureOf(inner)) {
            case "secret":
            case "output":
                return inner.value ?? null;
            case "resource":
                return text(inner.id) ?? text(inner.urn) ?? null;
            default:
                return inner;
        }
    });
}

export function plainProperties(properties: Properties): Properties {
    return mapProperties(properties, plain);
}

/** What a person sees: every secret replaced by `[secret]`. */
export function shown(value: Value): Value {
    if (signatureOf(value) === "secret") return "[secret]";
    if (isList(value)) return value.map(shown);
    if (!isProperties(value)) return value;
    if (signatureOf(value) === "output") return value.secret === true ? "[secret]" : shown(value.value ?? null);
    if (signatureOf(value) === "resource") return text(value.id) ?? text(value.urn) ?? null;
    return mapProperties(value, shown);
}

export function equal(left: Value | undefined, right: Value | undefined): boolean {
    if (left === right) return true;
    if (isList(left)) {
        return (
            isList(right) &&
            left.length === right.length &&
            left.every((item, position) => equal(item, right[position]))
        );
    }
    if (!isProperties(left) || !isProperties(right)) return false;
    const names = Object.keys(left);
    return names.length === Object.keys(right).length && names.every((name) => equal(left[name], right[name]));
}
