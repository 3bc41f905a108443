// From a goal to what the provider gets and what the state keeps.

import { readAssets } from "./assets";
import { ResourceFailure } from "./failure";
import type { Goal } from "./goal";
import { keepEarlier } from "./provider/ignore-changes";
import type { Difference, Provider } from "./provider/provider";
import type { Existing } from "./provider/resource-type";
import type { ResourceState } from "./state";
import { holdsSecret, isProperties, mapProperties, type Properties, plainProperties, secret, shown } from "./values";

export function goalState(
    goal: Goal,
    urn: string,
    made: { readonly id?: string; readonly inputs: Properties; readonly outputs: Properties },
): ResourceState {
    return {
        urn,
        type: goal.type,
        custom: goal.custom,
        external: false,
        id: made.id,
        parent: goal.parent,
        inputs: made.inputs,
        outputs: made.outputs,
        dependencies: [...new Set([...goal.dependencies, ...Object.values(goal.propertyDependencies).flat()])],
        propertyDependencies: goal.propertyDependencies,
        protect: goal.protect,
        retainOnDelete: goal.retainOnDelete,
    };
}

/** Validates a goal's arguments and completes them with the provider's defaults; secrets stay or become secrets. */
export async function checkedInputs(
    goal: Goal,
    urn: string,
    options: {
        readonly provider: Provider;
        /** Where relative paths of assets start. */
        readonly folder: string;
        /** Arguments of the earlier run, whose values stay where changes are ignored. */
        readonly earlier?: Properties;
        /** Arguments from which a name that the provider chose is kept. @default those of the earlier run */
        readonly named?: Properties;
    },
): Promise<Properties> {
    const { provider, folder, earlier, named = earlier } = options;
    try {
        const given = await readAssets(goal.inputs, folder);
        if (!isProperties(given)) throw new TypeError("arguments must be an object");
        const wanted = earlier === undefined ? given : keepEarlier(given, earlier, goal.ignoreChanges);
        const result = provider.check(goal.type, goal.name, plainProperties(wanted), named && plainProperties(named));
        if (result.failures.length > 0) throw ResourceFailure.ofArguments(urn, result.failures);
        const secretNames = provider.secretOutputs(goal.type);
        return mapProperties(result.inputs, (value, name) => {
            const original = wanted[name];
            if (original !== undefined && holdsSecret(original)) return original;
            return secretNames.includes(name) ? secret(value) : value;
        });
    } catch (error) {
        throw error instanceof ResourceFailure ? error : new ResourceFailure(urn, "check", error);
    }
}

/** Marks as secret what the program, the type, or a secret argument of the same name makes secret. */
export function withSecrets(
    outputs: Properties,
    inputs: Properties,
    options: { readonly goal: Pick<Goal, "type" | "additionalSecretOutputs">; readonly provider: Provider },
): Properties {
    const { goal, provider } = options;
    const names = new Set([...goal.additionalSecretOutputs, ...provider.secretOutputs(goal.type)]);
    return mapProperties(outputs, (value, name) => {
        const input = inputs[name];
        return names.has(name) || (input !== undefined && holdsSecret(input)) ? secret(value) : value;
    });
}

/** Calls what the program wants to do before an update, in order. */
export async function beforeUpdate(goal: Goal, earlier: ResourceState, newInputs: Properties): Promise<void> {
    const { urn, id, inputs: oldInputs, outputs: oldOutputs } = earlier;
    const { name, type } = goal;
    for (const hook of goal.beforeUpdate) await hook({ urn, id, name, type, newInputs, oldInputs, oldOutputs });
}

/** What the provider sees of a resource that exists. */
export function existingResource({ id, inputs, outputs }: ResourceState): Existing<Properties> {
    return { id: id ?? "", inputs: plainProperties(inputs), outputs: plainProperties(outputs) };
}

/** What changes, with the program's own demands for replacement. */
export function difference(provider: Provider, goal: Goal, earlier: Properties, inputs: Properties): Difference {
    const found = provider.diff(goal.type, plainProperties(earlier), plainProperties(inputs));
    const demanded = found.changed.filter((name) =>
        goal.replaceOnChanges.some(
            (path) => path === "*" || path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`),
        ),
    );
    return { ...found, replacing: [...new Set([...found.replacing, ...demanded])] };
}

/** The new values of what changed, for a person. */
export function changedInputs(inputs: Properties, { changed }: Difference): Properties {
    return Object.fromEntries(changed.map((name) => [name, shown(inputs[name] ?? null)]));
}
