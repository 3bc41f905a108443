import type { Store } from "../aws/store";
import { openState, type ResourceState } from "./state";
import { parseUrn } from "./urn";
import { mapProperties, type Properties, shown } from "./values";

export interface ExportedResource {
    readonly urn: string;
    readonly type: string;
    readonly name: string;
    /** False for components. */
    readonly custom: boolean;
    readonly id?: string;
    readonly parent?: string;
    readonly inputs: Properties;
    readonly outputs: Properties;
    readonly dependencies: readonly string[];
    readonly protect: boolean;
}

/** A stack as it stands, secrets replaced by `[secret]`. */
export interface StackExport {
    readonly resources: readonly ExportedResource[];
    readonly outputs: Properties;
}

/** Reads a stack's resources and outputs from the store. A stack that was never deployed is empty. */
export function exportStack(store: Store, stack: string): StackExport {
    const state = openState(store, stack);
    return {
        resources: state
            .resources()
            .filter(({ replaced }) => !replaced)
            .map(exported),
        outputs: mapProperties(state.outputs(), shown),
    };
}

function exported(resource: ResourceState): ExportedResource {
    const { urn, type, custom, id, parent, inputs, outputs, dependencies, protect } = resource;
    return {
        urn,
        type,
        name: parseUrn(urn).name,
        custom,
        id,
        parent,
        inputs: mapProperties(inputs, shown),
        outputs: mapProperties(outputs, shown),
        dependencies,
        protect,
    };
}
