import { types } from "node:util";
import * as pulumi from "@pulumi/pulumi";

/** The built-in classes whose objects are data, by the name that `Object.prototype.toString` gives them. */
type BuiltIn = "Map" | "Set" | "Date" | "RegExp" | "URL" | "ArrayBuffer" | "DataView" | "typed array";

// Objects may come from another context (a test runner's), whose classes are not ours: so nothing asks `instanceof`.
function isOfClass(value: object, levels: number): boolean {
    let prototype: unknown = Object.getPrototypeOf(value);
    for (let level = 0; level < levels && prototype !== null; level++) prototype = Object.getPrototypeOf(prototype);
    return prototype === null;
}

function builtInOf(value: object): BuiltIn | undefined {
    if (types.isMap(value)) return "Map";
    if (types.isSet(value)) return "Set";
    if (types.isDate(value)) return "Date";
    if (types.isRegExp(value)) return "RegExp";
    if (types.isTypedArray(value)) return "typed array";
    if (types.isArrayBuffer(value)) return "ArrayBuffer";
    if (types.isDataView(value)) return "DataView";
    return Object.prototype.toString.call(value) === "[object URL]" && "href" in value ? "URL" : undefined;
}

/** True where an object's own properties are those that its class gives it, so that nothing is lost by leaving them out. */
function hasNothingAdded(value: object, builtIn: BuiltIn): boolean {
    const keys = Reflect.ownKeys(value);
    if (builtIn === "RegExp") return keys.every((key) => key === "lastIndex");
    if (builtIn === "typed array") return keys.length === (value as Uint8Array).length;
    return keys.length === 0;
}

/** The built-in class of an object that is data as a whole; undefined for objects of classes derived from these, too. */
export function dataClass(value: object): BuiltIn | undefined {
    const builtIn = types.isProxy(value) ? undefined : builtInOf(value);
    if (builtIn === undefined) return undefined;
    const levels = builtIn !== "typed array" ? 2 : Buffer.isBuffer(value) ? 4 : 3;
    if (!isOfClass(value, levels) || !hasNothingAdded(value, builtIn)) return undefined;
    if (!ArrayBuffer.isView(value) && builtIn !== "ArrayBuffer") return builtIn;
    const memory = ArrayBuffer.isView(value) ? value.buffer : (value as ArrayBuffer);
    const { resizable, detached } = memory as { resizable?: boolean; detached?: boolean };
    return types.isArrayBuffer(memory) && !resizable && !detached ? builtIn : undefined;
}

/** True for an array or an object literal, without symbols, accessors and hidden properties. */
export function isPlainContainer(value: object): boolean {
    if (types.isProxy(value)) return false;
    const prototype: unknown = Object.getPrototypeOf(value);
    const plainPrototype = prototype === null || Object.getPrototypeOf(prototype) === null;
    const plain = Array.isArray(value)
        ? isOfClass(value, 2)
        : plainPrototype && Object.prototype.toString.call(value) === "[object Object]";
    if (!plain || Object.getOwnPropertySymbols(value).length > 0) return false;
    return Object.entries(Object.getOwnPropertyDescriptors(value)).every(
        ([name, each]) => (each.enumerable && "value" in each) || (Array.isArray(value) && name === "length"),
    );
}

const wellKnownSymbols = new Map<symbol, string>(
    Object.getOwnPropertyNames(Symbol).flatMap((name) => {
        const value: unknown = (Symbol as unknown as Record<string, unknown>)[name];
        return typeof value === "symbol" ? [[value, `Symbol.${name}`] as const] : [];
    }),
);

/** A symbol that every program knows, as an expression; undefined for one of this process alone. */
export function symbolExpression(value: symbol): string | undefined {
    const key = Symbol.keyFor(value);
    return key === undefined ? wellKnownSymbols.get(value) : `Symbol.for(${JSON.stringify(key)})`;
}

/** The values that an object of data holds, keys of maps included. */
export function dataWithin(value: object): readonly unknown[] {
    switch (dataClass(value)) {
        case undefined:
            return Object.values(value);
        case "Map":
            return [...(value as ReadonlyMap<unknown, unknown>)].flat(1);
        case "Set":
            return [...(value as ReadonlySet<unknown>)];
        default:
            return [];
    }
}

/** Goes once through each value that data holds, itself first; stops when `visit` returns false, and returns that. */
export function everyValue(value: unknown, visit: (each: unknown) => boolean): boolean {
    const seen = new Set<unknown>();
    const waiting: unknown[] = [value];
    while (waiting.length > 0) {
        const each = waiting.pop();
        if (typeof each === "object" && each !== null) {
            if (seen.has(each)) continue;
            seen.add(each);
        }
        if (!visit(each)) return false;
        if (typeof each === "object" && each !== null) for (const inner of dataWithin(each)) waiting.push(inner);
    }
    return true;
}

/**
 * True for data that can be written down: JSON's types, undefined, bigint, NaN and the infinities, symbols that every
 * program knows, Map, Set, Date, RegExp, URL, Buffer and binary arrays, in plain objects and arrays, in cycles too.
 */
export function isPlainData(value: unknown): boolean {
    return everyValue(value, (each) => {
        if (typeof each === "symbol") return symbolExpression(each) !== undefined;
        if (typeof each !== "object" || each === null) return typeof each !== "function";
        return !pulumi.Output.isInstance(each) && (dataClass(each) !== undefined || isPlainContainer(each));
    });
}
