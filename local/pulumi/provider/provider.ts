// The provider: resource types and functions behind the operations that Pulumi asks of one, on plain values. It knows
// nothing of the engine.

import { region } from "../../aws/service";
import { byContent } from "../assets";
import { equal, holdsUnknown, isProperties, isUnknown, type Properties, type Value } from "../values";
import { asArguments, asFound } from "./live";
import { defaultsKey, isReplaceable, withName } from "./naming";
import type { Existing, ProviderContext, ResourceType, ServiceResources } from "./resource-type";
import { type CheckFailure, checkMembers, coerce, type Members, text, withoutEffect } from "./shape";

export interface Check {
    readonly inputs: Properties;
    readonly failures: readonly CheckFailure[];
}

export interface Difference {
    /** The arguments that changed. */
    readonly changed: readonly string[];
    /** Those of them that make a new resource. */
    readonly replacing: readonly string[];
    /** The new one cannot exist beside the old one, because it has the same name. */
    readonly deleteBeforeReplace: boolean;
}

export interface CreatedResource {
    readonly id: string;
    readonly outputs: Properties;
}

/** What Pulumi asks of a provider. Values are plain, without secrets. */
export interface Provider {
    has(type: string): boolean;
    /**
     * Validates arguments, of which some may be unknown, and adds defaults such as the name: kept from `earlier`, or
     * chosen by `seed` where that is given.
     */
    check(type: string, resourceName: string, inputs: Properties, earlier?: Properties, seed?: Uint8Array): Check;
    /** Compares arguments, of which some may be unknown. */
    diff(type: string, earlier: Properties, inputs: Properties): Difference;
    /** The outputs that are known before a creation, or before the update of `existing`. */
    preview(type: string, inputs: Properties, existing?: Existing<Properties>): Properties;
    create(type: string, inputs: Properties, options?: { resumed?: boolean }): Promise<CreatedResource>;
    /** Looks up a resource by its id; undefined when there is none. */
    read(type: string, id: string): Promise<Existing<Properties> | undefined>;
    /** Looks up a resource that the stack has, as it is now; undefined when it is gone. */
    readAgain(type: string, existing: Existing<Properties>): Promise<Existing<Properties> | undefined>;
    /** True for types of which the address may move though nothing was changed. */
    moves(type: string): boolean;
    /** The resource as it is to be addressed now. */
    refresh(type: string, existing: Existing<Properties>): Promise<CreatedResource>;
    update(type: string, existing: Existing<Properties>, inputs: Properties): Promise<Properties>;
    delete(type: string, existing: Existing<Properties>): Promise<void>;
    secretOutputs(type: string): readonly string[];
    /** Calls a function. @throws Error naming a function that is not supported, or a wrong argument. */
    invoke(token: string, inputs: Properties): Promise<Properties>;
}

/** Every resource of AWS may name its region since version 7 of the provider. */
const everywhere: Members = { region: text };

export function createProvider(services: readonly ServiceResources[], context: ProviderContext): Provider {
    const types = new Map(services.flatMap(({ resources }) => resources).map((type) => [type.type, type]));
    const functions = new Map(services.flatMap((service) => service.functions ?? []).map((each) => [each.token, each]));
    const told = new Set<string>();
    const once: ProviderContext = {
        services: context.services,
        tell(severity, message) {
            if (!told.has(message)) context.tell(severity, message);
            told.add(message);
        },
    };

    function find(type: string): ResourceType {
        const found = types.get(type);
        if (found === undefined) throw new Error(unsupportedType(type, [...types.keys()]));
        return found;
    }

    async function lookUp(type: ResourceType, id: string, inputs?: Properties): Promise<Properties | undefined> {
        const found = await type.read(id, once, inputs);
        // A member without a value is one that is not set.
        return found && Object.fromEntries(Object.entries(found).map(([name, value]) => [name, toValue(value)]));
    }

    function tellWithoutEffect(type: ResourceType, inputs: Properties): void {
        for (const { property, reason } of withoutEffect(inputs, type.arguments)) {
            once.tell("info", `${type.type}: ${property} has no effect on this machine: ${reason}.`);
        }
    }

    return {
        has: (type) => types.has(type),

        check(type, resourceName, inputs, earlier, seed) {
            const definition = find(type);
            const given = without(inputs, defaultsKey);
            const members = { ...everywhere, ...definition.arguments };
            const failures = checkMembers(given, members);
            if (given.region !== undefined && given.region !== region && !isUnknown(given.region)) {
                failures.push({
                    property: "region",
                    reason: `must be ${region}: it is the only region on this machine`,
                });
            }
            const coerced = coerce(given, members);
            // A rule may compare several arguments: it is asked when all of them are known.
            if (failures.length === 0 && !holdsUnknown(coerced))
                failures.push(...(definition.validate?.(coerced) ?? []));
            const { naming } = definition;
            const named = naming === undefined ? coerced : withName(naming, resourceName, coerced, earlier, seed);
            return { inputs: named, failures };
        },

        diff(type, earlier, inputs) {
            const { replacedBy, naming, identity } = find(type);
            const names = new Set([...Object.keys(earlier), ...Object.keys(inputs)]);
            names.delete(defaultsKey);
            const changed = [...names]
                .filter((name) => !equal(comparable(earlier[name]), comparable(inputs[name])))
                .sort();
            const nameArguments =
                naming === undefined ? [] : [naming.property, naming.prefixProperty ?? naming.property];
            const replacing = changed.filter(
                (name) =>
                    name === "region" ||
                    replacedBy.some((each) => each === name || each === "*") ||
                    nameArguments.includes(name),
            );
            const telling = identity ?? (naming === undefined ? [] : [naming.property]);
            const same = telling.length > 0 && telling.every((name) => equal(earlier[name], inputs[name]));
            // A name that the provider chose is another one for the new resource.
            const renamed = naming !== undefined && telling.includes(naming.property) && isReplaceable(naming, inputs);
            const deleteBeforeReplace = same && !renamed;
            return { changed, replacing, deleteBeforeReplace };
        },

        preview(type, inputs, existing) {
            const definition = find(type);
            return completed(definition, inputs, existing === undefined ? {} : stable(definition, existing));
        },

        async create(type, inputs, options = {}) {
            const definition = find(type);
            tellWithoutEffect(definition, inputs);
            const { id, outputs } = await definition.create(inputs, once, options.resumed ?? false);
            return { id, outputs: completed(definition, inputs, outputs) };
        },

        async read(type, id) {
            const definition = find(type);
            const found = await lookUp(definition, id);
            if (found === undefined) return undefined;
            const set = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== null));
            return { id, inputs: asArguments(definition, set), outputs: completed(definition, {}, set) };
        },

        async readAgain(type, existing) {
            const definition = find(type);
            const { id } = (await definition.refresh?.(existing, once)) ?? existing;
            const found = await lookUp(definition, id, existing.inputs);
            return found === undefined ? undefined : { id, ...asFound(definition, existing, found) };
        },

        moves: (type) => types.get(type)?.refresh !== undefined,

        async refresh(type, existing) {
            const refreshed = await find(type).refresh?.(existing, once);
            if (refreshed === undefined) return existing;
            return { id: refreshed.id, outputs: { ...existing.outputs, ...toProperties(refreshed.outputs) } };
        },

        async update(type, existing, inputs) {
            const definition = find(type);
            tellWithoutEffect(definition, inputs);
            const outputs = (await definition.update?.(existing, inputs, once)) ?? {};
            return completed(definition, inputs, { ...computed(existing), ...outputs });
        },

        delete: (type, existing) => find(type).delete(existing, once),
        secretOutputs: (type) => types.get(type)?.secretOutputs ?? [],

        async invoke(token, inputs) {
            const found = functions.get(token);
            if (found === undefined) throw new Error(unsupportedFunction(token, [...functions.keys()]));
            const members: Members = { ...everywhere, ...found.arguments };
            const failures = checkMembers(inputs, members);
            if (failures.length > 0) {
                throw new Error(failures.map(({ property, reason }) => `${token}: ${property} ${reason}`).join("\n"));
            }
            return toProperties(await found.invoke(coerce(inputs, members), once));
        },
    };
}

/** What an update leaves as it is, of the outputs that are no arguments. */
function stable({ changedByUpdate = [] }: ResourceType, existing: Existing<Properties>): Properties {
    const entries = Object.entries(computed(existing));
    return Object.fromEntries(entries.filter(([name]) => !changedByUpdate.includes(name)));
}

/** What the resource itself computed, without its arguments of then. */
function computed(existing: Existing<Properties>): Properties {
    return Object.fromEntries(
        Object.entries(existing.outputs).filter(([name]) => !(name in existing.inputs) && name !== "tagsAll"),
    );
}

/** Arguments and computed properties together, as the provider of AWS gives them. */
function completed(type: ResourceType, inputs: Properties, outputs: Readonly<Record<string, unknown>>): Properties {
    const tags: Properties = type.arguments.tags === undefined ? {} : { tagsAll: inputs.tags ?? {} };
    return { region, ...without(inputs, defaultsKey), ...tags, ...toProperties(outputs) };
}

function comparable(value: Value | undefined): Value {
    return value === undefined ? null : byContent(value);
}

function without(properties: Properties, name: string): Properties {
    const { [name]: _, ...rest } = properties;
    return rest;
}

/** Turns what a service answers into property values: dates become text, and what is undefined is left out. */
function toProperties(members: Readonly<Record<string, unknown>>): Properties {
    const value = toValue(members);
    return isProperties(value) ? value : {};
}

function toValue(value: unknown): Value {
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number") return value;
    if (value instanceof Date) return value.toISOString();
    if (Array.isArray(value)) return value.map(toValue);
    if (typeof value !== "object") return value === undefined ? null : String(value);
    const present = Object.entries(value).filter(([, member]) => member !== undefined);
    return Object.fromEntries(present.map(([name, member]) => [name, toValue(member)]));
}

function unsupportedType(type: string, known: readonly string[]): string {
    const family = type.slice(0, type.indexOf("/") + 1);
    const near = known.filter((each) => family !== "" && each.startsWith(family));
    const hint = near.length === 0 ? "" : ` Supported of ${family.slice(0, -1)}: ${near.join(", ")}.`;
    return `The resource type ${type} is not supported on this machine.${hint}`;
}

function unsupportedFunction(token: string, known: readonly string[]): string {
    return `The function ${token} is not supported on this machine. Supported: ${known.join(", ")}.`;
}
