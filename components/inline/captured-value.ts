import * as pulumi from "@pulumi/pulumi";
import { isPlainContainer, isPlainData } from "./data";
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
    return holdsDeployed(value, []) ? "mixture" : "other";
}

function holdsDeployed(value: unknown, ancestors: readonly object[]): boolean {
    if (typeof value !== "object" || value === null || ancestors.includes(value)) return false;
    if (pulumi.Output.isInstance(value) || pulumi.Resource.isInstance(value) || hasRunTimeSide(value)) return true;
    return isPlainContainer(value) && Object.values(value).some((each) => holdsDeployed(each, [...ancestors, value]));
}

/** A captured value and the parts of it that handlers use. */
export interface CapturedValue {
    readonly value: unknown;
    readonly kind: ValueKind;
    /** The words by which the program reaches it, such as `queues`, `sales`. */
    readonly words: readonly string[];
    /** Used as it stands, not only by its parts. */
    whole: boolean;
    readonly parts: Map<string, CapturedValue>;
    /** Of a component: the run-time methods used. */
    readonly methods: Set<string>;
}

/** The captured values of one artefact: one entry a value, by whatever name it is reached. */
export class CapturedValues {
    readonly #known = new Map<unknown, CapturedValue>();

    /** The entry for a value, made at its first sight. */
    enter(value: unknown, words: readonly string[]): CapturedValue {
        const kind = kindOf(value);
        // Equal numbers and texts of two variables have nothing to do with each other; one object under two names has.
        const isShared = kind !== "data" || (typeof value === "object" && value !== null);
        const shared = isShared ? this.#known.get(value) : undefined;
        if (shared) return shared;
        const entry: CapturedValue = { value, kind, words, whole: false, parts: new Map(), methods: new Set() };
        if (isShared) this.#known.set(value, entry);
        return entry;
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

/** A value in a few words, for messages. */
export function describeValue(value: unknown): string {
    if (typeof value === "function")
        return /^class\b/.test(Function.prototype.toString.call(value)) ? "a class" : "a function";
    if (typeof value !== "object" || value === null) return `of type ${typeof value}`;
    const name: unknown = value.constructor?.name;
    return typeof name === "string" && name !== "" && name !== "Object" ? `an object of class ${name}` : "an object";
}
