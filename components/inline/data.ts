import * as pulumi from "@pulumi/pulumi";

/** Beyond this a table belongs in a file or a bucket, not in a function's code. */
const largestLiteral = 1024 * 1024;

/** True for data that can be written down: JSON's types, undefined, bigint, NaN and the infinities, in plain objects and arrays. */
export function isPlainData(value: unknown, ancestors: readonly object[] = []): boolean {
    if (typeof value !== "object" || value === null) return typeof value !== "function" && typeof value !== "symbol";
    if (ancestors.includes(value) || pulumi.Output.isInstance(value)) return false;
    return isPlainContainer(value) && Object.values(value).every((each) => isPlainData(each, [...ancestors, value]));
}

/** True for an array or an object literal, without symbols, accessors and hidden properties. */
export function isPlainContainer(value: object): boolean {
    const prototype: unknown = Object.getPrototypeOf(value);
    // Objects may come from another context (a test runner's), whose Object.prototype is not ours.
    const plainPrototype = prototype === null || Object.getPrototypeOf(prototype) === null;
    if (!Array.isArray(value) && !(plainPrototype && Object.prototype.toString.call(value) === "[object Object]"))
        return false;
    if (Object.getOwnPropertySymbols(value).length > 0) return false;
    return Object.entries(Object.getOwnPropertyDescriptors(value)).every(
        ([name, each]) => (each.enumerable && "value" in each) || (Array.isArray(value) && name === "length"),
    );
}

/** A property's name in an object literal: `__proto__` would set the prototype if it were not computed. */
export function literalKey(name: string): string {
    return name === "__proto__" ? '["__proto__"]' : JSON.stringify(name);
}

function write(value: unknown): string {
    if (typeof value === "bigint") return `${value}n`;
    if (value === undefined) return "undefined";
    if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
    if (Array.isArray(value)) {
        return `[${Array.from(value, (each, index) => (index in value ? write(each) : "")).join(",")}${
            value.length > 0 && !(value.length - 1 in value) ? "," : ""
        }]`;
    }
    if (typeof value === "object" && value !== null) {
        const body = Object.entries(value).map(([name, each]) => `${literalKey(name)}:${write(each)}`);
        return `{${body.join(",")}}`;
    }
    return JSON.stringify(value);
}

function strings(value: unknown): string[] {
    if (typeof value === "string") return [value];
    return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
}

/** The stack's secret settings as they stand in the program's memory. */
function secretSettings(): { readonly key: string; readonly value: string }[] {
    // Pulumi exports it, but leaves it out of its declarations.
    const { isConfigSecret } = pulumi.runtime as { isConfigSecret?: (key: string) => boolean };
    return Object.entries(pulumi.runtime.allConfig()).flatMap(([key, value]) =>
        typeof value === "string" && isConfigSecret?.(key) ? [{ key, value }] : [],
    );
}

/** The setting whose secret value would be written into the artefact with this data. */
function secretWithin(value: unknown): string | undefined {
    const texts = strings(value);
    // A short secret occurs in innocent text by chance: only the whole text counts then.
    return secretSettings().find(({ value: secret }) =>
        texts.some((text) => text === secret || (secret.length >= 8 && text.includes(secret))),
    )?.key;
}

/** Data as an expression of JavaScript. */
export function literal(value: unknown): string {
    return write(value);
}

/** Why data must not be written into an artefact; undefined when it may. */
export function dataProblem(value: unknown): { readonly what: string; readonly remedy: string } | undefined {
    const secret = secretWithin(value);
    if (secret !== undefined) {
        return {
            what: `holds the secret setting "${secret}", which would stand in the function's code`,
            remedy: "Store the secret in AWS Secrets Manager and read it in the handler by its ARN",
        };
    }
    const { length } = write(value);
    if (length <= largestLiteral) return undefined;
    return {
        what: `is ${length} characters long when written down, and at most ${largestLiteral} are taken along`,
        remedy: "Put it into a file that the handler imports, or into a bucket",
    };
}
