import { types } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { dataClass, isPlainContainer, isPlainData } from "./data";
import type { Location } from "./inline-error";
import { hasRunTimeSide } from "./run-time-side";

/**
 * What a captured value is to an artefact: `data` is written down, an `output` is read from the environment, a
 * `component` is built again from its run-time side, a `mixture` is a plain object or array with any of these inside, a
 * `resource` or anything `other` can only be asked for its properties.
 */
export type ValueKind = "data" | "output" | "component" | "resource" | "mixture" | "other";

/** Tells what a captured value is. */
export function kindOf(value: unknown): ValueKind {
    if (pulumi.Output.isInstance(value)) return "output";
    if (hasRunTimeSide(value)) return "component";
    if (pulumi.Resource.isInstance(value)) return "resource";
    if (isPlainData(value)) return "data";
    return holdsDeployed(value) ? "mixture" : "other";
}

/** True for a plain object or array that has an output, a resource or a component somewhere inside. */
function holdsDeployed(value: unknown): boolean {
    const waiting: unknown[] = [value];
    const seen = new Set<unknown>();
    while (waiting.length > 0) {
        const each = waiting.pop();
        if (typeof each !== "object" || each === null || seen.has(each)) continue;
        seen.add(each);
        if (pulumi.Output.isInstance(each) || pulumi.Resource.isInstance(each) || hasRunTimeSide(each)) return true;
        if (isPlainContainer(each)) waiting.push(...Object.values(each));
    }
    return false;
}

/** A captured value and the parts of it that handlers use. */
export interface CapturedValue {
    readonly value: unknown;
    readonly kind: ValueKind;
    /** The words by which the program reaches it, such as `queues`, `sales`. */
    readonly words: readonly string[];
    /** Used as it stands, not only by its parts. */
    whole: boolean;
    /** Of an output: where handlers read it. */
    readonly reads: Location[];
    readonly parts: Map<string, CapturedValue>;
    /** Of a component: the run-time methods used, and where. */
    readonly methods: Map<string, Location[]>;
}

function entryOf(value: unknown, kind: ValueKind, words: readonly string[]): CapturedValue {
    return { value, kind, words, whole: false, reads: [], parts: new Map(), methods: new Map() };
}

/** The captured values of one artefact: one entry a value, by whatever name it is reached. */
export class CapturedValues {
    readonly #known = new Map<unknown, CapturedValue>();
    readonly #exports = new Map<string, CapturedValue>();

    /** The entry for a value, made at its first sight. */
    enter(value: unknown, words: readonly string[]): CapturedValue {
        const kind = kindOf(value);
        // Equal numbers and texts of two variables have nothing to do with each other; one object under two names has.
        const isShared = kind !== "data" || (typeof value === "object" && value !== null);
        const shared = isShared ? this.#known.get(value) : undefined;
        if (shared) return shared;
        const entry = entryOf(value, kind, words);
        if (isShared) this.#known.set(value, entry);
        return entry;
    }

    /** The entry that stands for the `exports` of a CommonJS file: its parts are added as they are used. */
    enterExports(file: string): CapturedValue {
        const known = this.#exports.get(file) ?? entryOf({}, "other", ["exports"]);
        this.#exports.set(file, known);
        return known;
    }

    /** The entry for a property of a captured value. */
    part(of: CapturedValue, name: string): CapturedValue {
        let part = of.parts.get(name);
        if (!part) {
            part = this.enter((of.value as Readonly<Record<string, unknown>>)[name], [...of.words, name]);
            of.parts.set(name, part);
        }
        return part;
    }
}

/** True where data is taken along, as a whole or as a part. */
export function holdsData(captured: CapturedValue): boolean {
    if (captured.kind === "data") return captured.whole;
    return captured.kind !== "output" && [...captured.parts.values()].some(holdsData);
}

/** A value in a few words, for messages. */
export function describeValue(value: unknown): string {
    if (typeof value === "function")
        return /^class\b/.test(Function.prototype.toString.call(value)) ? "a class" : "a function";
    if (typeof value !== "object" || value === null) return `of type ${typeof value}`;
    if (Array.isArray(value)) return "a list";
    const name: unknown = value.constructor?.name;
    return typeof name === "string" && name !== "" && name !== "Object" ? `an object of class ${name}` : "an object";
}

/** The first thing within an object, seen from the outside in, that is no data; undefined for the object itself. */
export function obstacle(value: unknown): { readonly words: readonly string[]; readonly value: unknown } | undefined {
    const waiting: { readonly words: readonly string[]; readonly value: unknown }[] = [{ words: [], value }];
    const seen = new Set<unknown>();
    for (let each = waiting.shift(); each; each = waiting.shift()) {
        const inner = each.value;
        if (seen.has(inner) || isPlainData(inner)) continue;
        seen.add(inner);
        if (typeof inner !== "object" || inner === null) return each;
        const isMap = dataClass(inner) === "Map";
        if (dataClass(inner) === undefined && !isPlainContainer(inner))
            return each.words.length === 0 ? undefined : each;
        const entries = isMap ? [...(inner as ReadonlyMap<unknown, unknown>)] : Object.entries(inner);
        const { words } = each;
        for (const [name, part] of entries) waiting.push({ words: [...words, String(name)], value: part });
    }
    return undefined;
}

/** What to write in the place of a value that cannot be taken along. */
export function remedyFor(value: unknown): string {
    if (types.isPromise(value)) return "Wait for it before the stage, and capture the data that it gives";
    if (typeof value === "symbol") return "Make it with Symbol.for(name): the same everywhere";
    if (typeof value === "object" && value !== null && !isPlainContainer(value) && dataClass(value) === undefined)
        return "Capture the plain data it holds, and make the object in the handler, or at module level from code that does not deploy";
    return "Capture plain data, an output or a component; make other things at module level, from code that does not deploy";
}
