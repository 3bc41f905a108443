// Plays the engine of the real Pulumi command before the twin's provider: runs a program and says over gRPC what the
// engine would say, in its order and with its ways: unknown values in a preview, assets by digest where their content
// does not matter, no secrets, another seed for each check.

import { join } from "node:path";
import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import {
    GetRootResourceResponse,
    type LogRequest,
    LogSeverity,
    type SetRootResourceRequest,
    SetRootResourceResponse,
} from "@pulumi/pulumi/proto/engine_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import {
    type RegisterResourceOutputsRequest,
    type RegisterResourceRequest,
    RegisterResourceResponse,
    type ResourceInvokeRequest,
    ResourceInvokeResponse,
    type SupportsFeatureRequest,
    SupportsFeatureResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { implementation, StatusError, unary } from "../../../local/pulumi/grpc-service";
import { runProgram } from "../../../local/pulumi/program";
import { configure, readProject } from "../../../local/pulumi/project";
import { keepEarlier } from "../../../local/pulumi/provider/ignore-changes";
import { fromStruct, goalOfRegistration, toStruct } from "../../../local/pulumi/requests";
import { createUrn } from "../../../local/pulumi/urn";
import { type Properties, plainProperties } from "../../../local/pulumi/values";
import { cacheFolder } from "../../../local/python/cache";
import type { Twin } from "../../../local/twin";
import { elided, restored, withDigests } from "./engine-assets";
import { openPort, type ProviderClient, providerClient } from "./provider-client";

/** A custom resource in the stand-in's state. */
export interface StandInResource {
    readonly urn: string;
    readonly type: string;
    readonly name: string;
    readonly id: string;
    readonly inputs: Properties;
    readonly outputs: Properties;
}

type Configuration = Readonly<Record<string, string>>;

export interface EngineStandIn {
    /** By URN, in the order of creation. */
    readonly state: Map<string, StandInResource>;
    /** What was done in the latest run, such as `create queue`. */
    readonly steps: string[];
    /** What the provider told the person. */
    readonly told: string[];
    /** Runs a program and leaves all as it is. @returns the stack's outputs. */
    preview(program: string, config?: Configuration): Promise<Properties>;
    up(program: string, config?: Configuration): Promise<Properties>;
    /** Reads all resources. @returns what is different, such as `update queue` and `delete queue`. */
    refresh(): Promise<string[]>;
    destroy(): Promise<void>;
    /** Says something to the provider besides. */
    ask<T>(work: (provider: ProviderClient) => Promise<T>): Promise<T>;
}

export function engineStandIn(twin: Twin): EngineStandIn {
    const state = new Map<string, StandInResource>();
    const steps: string[] = [];
    const told: string[] = [];

    /** One operation: an engine with an address, and a provider that knows it. */
    async function operation<T>(
        folder: string,
        work: (provider: ProviderClient, engine: { server: Server; address: string }) => Promise<T>,
    ): Promise<T> {
        const server = new Server();
        server.addService(
            EngineService,
            engineMethods((message) => told.push(message)),
        );
        const port = await new Promise<number>((resolve, reject) =>
            server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
                error ? reject(error) : resolve(bound),
            ),
        );
        const address = `127.0.0.1:${port}`;
        const opened = await openPort(twin, { engine: address, folder });
        const provider = providerClient(opened.port, address);
        try {
            await provider.begin();
            return await work(provider, { server, address });
        } finally {
            await provider.end();
            opened.end();
            server.forceShutdown();
        }
    }

    async function run(program: string, config: Configuration, preview: boolean): Promise<Properties> {
        steps.length = 0;
        const project = readProject(program);
        return operation(project.programFolder, async (provider, { server, address }) => {
            const registered = new Set<string>();
            const replaced: StandInResource[] = [];
            const failures: string[] = [];
            let stackOutputs: Properties = {};

            async function registerResource(request: RegisterResourceRequest): Promise<RegisterResourceResponse> {
                const goal = goalOfRegistration(request, []);
                const urn = createUrn({ ...goal, stack: "dev", project: project.name });
                const response = new RegisterResourceResponse();
                response.setUrn(urn);
                response.setObject(request.getObject());
                if (!goal.custom || goal.type.startsWith("pulumi:")) return response;
                registered.add(urn);
                const old = state.get(urn);
                const given = plainProperties(withDigests(goal.inputs));
                const news = old === undefined ? given : keepEarlier(given, old.inputs, goal.ignoreChanges);
                const { resource, superseded } = await bring(provider, { ...goal, urn, news, old, preview });
                if (superseded !== undefined) replaced.push(superseded);
                if (!preview) state.set(urn, resource);
                response.setId(resource.id);
                response.setObject(toStruct(resource.outputs));
                return response;
            }

            async function invoke(request: ResourceInvokeRequest): Promise<ResourceInvokeResponse> {
                const response = new ResourceInvokeResponse();
                const args = plainProperties(fromStruct(request.getArgs()));
                response.setReturn(toStruct(await provider.invoke(request.getTok(), args, preview)));
                return response;
            }

            async function registerResourceOutputs(request: RegisterResourceOutputsRequest): Promise<Empty> {
                if (request.getUrn().includes("::pulumi:pulumi:Stack::")) {
                    stackOutputs = plainProperties(fromStruct(request.getOutputs()));
                }
                return new Empty();
            }

            /** The program stops quietly when its monitor is gone. */
            const orStop = <Request, Response>(method: (request: Request) => Promise<Response>) =>
                unary<Request, Response>((request) =>
                    method(request).catch((error: Error) => {
                        failures.push(error.message);
                        throw new StatusError(status.UNAVAILABLE, "The stand-in stops.");
                    }),
                );
            server.addService(
                ResourceMonitorService,
                implementation("The stand-in", ResourceMonitorService, {
                    registerResource: orStop(registerResource),
                    invoke: orStop(invoke),
                    registerResourceOutputs: unary(registerResourceOutputs),
                    supportsFeature: unary(supportsFeature),
                    // Hooks are between engine and program: the provider hears nothing of them.
                    registerResourceHook: unary(async () => new Empty()),
                    signalAndWaitForShutdown: unary(async () => new Empty()),
                }),
            );
            const { exitCode, errorOutput } = await runProgram({
                project,
                stack: "dev",
                configuration: configure(project, config, { "aws:region": "eu-central-1" }),
                monitor: address,
                environment: preview ? { PULUMI_NODEJS_DRY_RUN: "true" } : {},
                compileCache: join(cacheFolder(), "node"),
                onLine: () => {},
            });
            if (failures.length > 0) throw new Error(failures.join("\n"));
            if (exitCode !== 0) throw new Error([`exit code ${exitCode}`, ...told, ...errorOutput].join("\n"));
            if (preview) return stackOutputs;
            for (const resource of replaced.reverse()) await remove(provider, resource);
            const vanished = [...state.values()].filter(({ urn }) => !registered.has(urn));
            for (const resource of vanished.reverse()) {
                await remove(provider, resource);
                state.delete(resource.urn);
            }
            return stackOutputs;
        });
    }

    /** What the engine does about one registration. */
    async function bring(
        provider: ProviderClient,
        wanted: Pick<StandInResource, "urn" | "type" | "name"> & {
            news: Properties;
            old: StandInResource | undefined;
            preview: boolean;
        },
    ): Promise<{ resource: StandInResource; superseded?: StandInResource }> {
        const { urn, type, name, news, preview } = wanted;
        const as = (id: string, inputs: Properties, outputs: Properties) => ({ urn, type, name, id, inputs, outputs });
        const read = wanted.old !== undefined && provider.refreshedBeforeUpdate.has(type);
        const old = read && wanted.old ? await refreshed(provider, wanted.old) : wanted.old;
        const inputs = await provider.check(urn, news, old?.inputs ?? {});
        if (old === undefined) {
            steps.push(`create ${name}`);
            const { id, outputs } = await provider.create(urn, inputs, preview);
            return { resource: as(id, inputs, outputs) };
        }
        const known = { inputs: elided(old.inputs), outputs: elided(old.outputs) };
        const { changed, replaces, deleteBeforeReplace } = await provider.diff(urn, old.id, known, elided(inputs));
        if (!changed) return { resource: as(old.id, inputs, old.outputs) };
        if (replaces.length === 0) {
            steps.push(`update ${name}`);
            return { resource: as(old.id, inputs, await provider.update(urn, old.id, known, inputs, preview)) };
        }
        const anew = await provider.check(urn, news, {});
        if (deleteBeforeReplace && !preview) await remove(provider, old);
        steps.push(`replace ${name}`);
        const { id, outputs } = await provider.create(urn, anew, preview);
        return { resource: as(id, anew, outputs), superseded: deleteBeforeReplace ? undefined : old };
    }

    async function refreshed(
        provider: ProviderClient,
        resource: StandInResource,
    ): Promise<StandInResource | undefined> {
        const known = { inputs: elided(resource.inputs), outputs: elided(resource.outputs) };
        const found = await provider.read(resource.urn, resource.id, known);
        if (found === undefined) return undefined;
        const { id, inputs, outputs } = found;
        return {
            ...resource,
            id,
            inputs: restored(inputs, resource.inputs),
            outputs: restored(outputs, resource.inputs),
        };
    }

    async function remove(provider: ProviderClient, resource: StandInResource): Promise<void> {
        steps.push(`delete ${resource.name}`);
        const known = { inputs: elided(resource.inputs), outputs: elided(resource.outputs) };
        await provider.delete(resource.urn, resource.id, known);
    }

    return {
        state,
        steps,
        told,
        preview: (program, config = {}) => run(program, config, true),
        up: (program, config = {}) => run(program, config, false),
        refresh: () =>
            operation("/", async (provider) => {
                const changes: string[] = [];
                for (const resource of [...state.values()]) {
                    const found = await refreshed(provider, resource);
                    if (found === undefined) {
                        changes.push(`delete ${resource.name}`);
                        state.delete(resource.urn);
                        continue;
                    }
                    const { changed } = await provider.diff(resource.urn, found.id, found, elided(resource.inputs));
                    if (changed) changes.push(`update ${resource.name}`);
                    state.set(resource.urn, found);
                }
                return changes;
            }),
        destroy: () =>
            operation("/", async (provider) => {
                for (const resource of [...state.values()].reverse()) {
                    await remove(provider, resource);
                    state.delete(resource.urn);
                }
            }),
        ask: (work) => operation("/", work),
    };
}

function engineMethods(tell: (message: string) => void) {
    let root = "";
    return implementation("The stand-in", EngineService, {
        log: unary(async (request: LogRequest) => {
            if (request.getSeverity() !== LogSeverity.DEBUG) tell(request.getMessage());
            return new Empty();
        }),
        setRootResource: unary(async (request: SetRootResourceRequest) => {
            root = request.getUrn();
            return new SetRootResourceResponse();
        }),
        getRootResource: unary(async () => {
            const response = new GetRootResourceResponse();
            response.setUrn(root);
            return response;
        }),
    });
}

async function supportsFeature(request: SupportsFeatureRequest): Promise<SupportsFeatureResponse> {
    const response = new SupportsFeatureResponse();
    response.setHassupport(["secrets", "resourceReferences", "aliasSpecs", "resourceHooks"].includes(request.getId()));
    return response;
}
