// Between the messages of Pulumi's protocol and plain data.

import type { Alias as AliasMessage } from "@pulumi/pulumi/proto/alias_pb";
import type { ReadResourceRequest, RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Alias, Goal } from "./goal";
import type { Properties } from "./values";

export function fromStruct(struct: Struct | undefined): Properties {
    return (struct?.toJavaScript() ?? {}) as Properties;
}

export function toStruct(properties: Properties): Struct {
    return Struct.fromJavaScript(properties as { [key: string]: JavaScriptValue });
}

export function goalOfRegistration(request: RegisterResourceRequest, beforeUpdate: Goal["beforeUpdate"]): Goal {
    const propertyDependencies: Record<string, readonly string[]> = {};
    request.getPropertydependenciesMap().forEach((dependencies, name) => {
        propertyDependencies[name] = dependencies.getUrnsList();
    });
    return {
        type: request.getType(),
        name: request.getName(),
        custom: request.getCustom(),
        parent: request.getParent() || undefined,
        inputs: fromStruct(request.getObject()),
        dependencies: request.getDependenciesList(),
        propertyDependencies,
        protect: request.getProtect() ?? false,
        retainOnDelete: request.getRetainondelete() ?? false,
        deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
        ignoreChanges: request.getIgnorechangesList(),
        replaceOnChanges: request.getReplaceonchangesList(),
        additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
        aliases: [...request.getAliasurnsList().map((urn) => ({ urn })), ...request.getAliasesList().flatMap(aliasOf)],
        beforeUpdate,
    };
}

export function goalOfRead(request: ReadResourceRequest): Goal {
    return {
        type: request.getType(),
        name: request.getName(),
        custom: true,
        parent: request.getParent() || undefined,
        inputs: fromStruct(request.getProperties()),
        dependencies: request.getDependenciesList(),
        propertyDependencies: {},
        protect: false,
        retainOnDelete: false,
        deleteBeforeReplace: undefined,
        ignoreChanges: [],
        replaceOnChanges: [],
        additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
        aliases: [],
        beforeUpdate: [],
    };
}

function aliasOf(message: AliasMessage): Alias[] {
    if (message.hasUrn()) return [{ urn: message.getUrn() }];
    const spec = message.getSpec();
    if (spec === undefined) return [];
    // In the protocol an empty text means: as today.
    return [
        {
            name: spec.getName() || undefined,
            type: spec.getType() || undefined,
            stack: spec.getStack() || undefined,
            project: spec.getProject() || undefined,
            parent: spec.getParenturn() || undefined,
            noParent: spec.getNoparent(),
        },
    ];
}
