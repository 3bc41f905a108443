/** A value as text, so that answers of two processes compare exactly: JSON would lose undefined, NaN, -0 and most classes. */
export function encode(value: unknown): string {
    if (typeof value === "string") return JSON.stringify(value);
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value === "symbol") return `Symbol(${JSON.stringify(value.description)})`;
    // Names of functions and classes are not kept by a minifier.
    if (typeof value === "function") return "function";
    if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : String(value);
    if (Array.isArray(value)) {
        return `[${Array.from(value, (each, index) => (index in value ? encode(each) : "hole")).join(", ")}]`;
    }
    if (value instanceof Date) return `Date(${value.getTime()})`;
    if (value instanceof RegExp) return `RegExp(${value})`;
    if (value instanceof URL) return `URL(${value})`;
    if (value instanceof Error) return encodeError(value);
    if (value instanceof Map) return `Map(${encode([...value])})`;
    if (value instanceof Set) return `Set(${encode([...value])})`;
    if (ArrayBuffer.isView(value)) {
        const { buffer, byteOffset, byteLength } = value;
        return `bytes(${Buffer.from(buffer, byteOffset, byteLength).toString("hex")})`;
    }
    const prototype = Object.getPrototypeOf(value) === null ? "null " : "";
    return `${prototype}{${Object.entries(value)
        .map(([name, each]) => `${JSON.stringify(name)}: ${encode(each)}`)
        .join(", ")}}`;
}

/** What was thrown. The engine's own errors tell of a mistake in the program, and come with their place. */
export function encodeError(error: unknown): string {
    if (!(error instanceof Error)) return encode(error);
    return isMistake(error) ? `mistake ${error.stack}` : `${error.name}(${JSON.stringify(error.message)})`;
}

/** True for errors that tell of a mistake in the program: a generated one makes none. */
export function isMistake(error: unknown): boolean {
    return error instanceof TypeError || error instanceof ReferenceError || error instanceof SyntaxError;
}

/** What a call answers or throws, as text. */
export async function outcome(call: () => unknown): Promise<string> {
    try {
        return encode(await call());
    } catch (error) {
        return `throws ${encodeError(error)}`;
    }
}
