import type { TwinContext } from "../../context";
import type { Registry } from "../registry";
import type { Tags } from "../tags";
import { type ConfigurationOperations, createConfigurations } from "./configurations";
import type { DeploymentOptions } from "./deployment";
import { type EndpointOperations, endpointOperations, removeUnpackedModels } from "./endpoints";
import { type InvokeOptions, type RuntimeOperations, runtimeOperations } from "./invoke";
import { createLiveEndpoints } from "./live-endpoints";
import { createModels, type ModelOperations } from "./models";

export type ServingOperations = ModelOperations & ConfigurationOperations & EndpointOperations & RuntimeOperations;

export type ServingOptions = Omit<DeploymentOptions, "signal"> & InvokeOptions;

export interface Serving {
    readonly operations: ServingOperations;
    /** Brings back what was in service. To be called once all services are there. */
    start(): void;
    close(): Promise<void>;
}

/** Models, endpoint configurations and endpoints, and the requests to them. */
export function createServing(context: TwinContext, tags: Tags, registry: Registry, options: ServingOptions): Serving {
    const models = createModels(context, tags, registry);
    const configurations = createConfigurations(context, tags, models);
    const live = createLiveEndpoints(context, configurations, models, options);
    return {
        operations: {
            ...models.operations,
            ...configurations.operations,
            ...endpointOperations(context, tags, configurations, live),
            ...runtimeOperations(context, live, options),
        },
        start() {
            removeUnpackedModels(context);
            live.resume();
        },
        close: () => live.close(),
    };
}
