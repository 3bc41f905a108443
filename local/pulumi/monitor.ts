// The gRPC services that a Pulumi program talks to: ResourceMonitor and Engine.

import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import {
    GetRootResourceResponse,
    type LogRequest,
    LogSeverity,
    RequirePulumiVersionResponse,
    type SetRootResourceRequest,
    SetRootResourceResponse,
} from "@pulumi/pulumi/proto/engine_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import {
    DeploymentInfo,
    ResourceMonitorFeature as Feature,
    type ReadResourceRequest,
    ReadResourceResponse,
    type RegisterResourceHookRequest,
    type RegisterResourceOutputsRequest,
    type RegisterResourceRequest,
    RegisterResourceResponse,
    type ResourceInvokeRequest,
    ResourceInvokeResponse,
    type SupportsFeatureRequest,
    SupportsFeatureResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { createCallbacks } from "./callbacks";
import type { Deployment } from "./deployment";
import type { EngineEvent } from "./events";
import { implementation, unary } from "./grpc-service";
import { createHalting } from "./halting";
import type { Provider } from "./provider/provider";
import { fromStruct, goalOfRead, goalOfRegistration, toStruct } from "./requests";
import { createResourceHooks } from "./resource-hooks";
import { readableError } from "./stack-trace";
import { stackType } from "./urn";
import { holdsSecret, mapProperties, type Properties, plainProperties, secret, text } from "./values";

export interface MonitorOptions {
    readonly deployment: Deployment;
    readonly provider: Provider;
    onEvent(event: EngineEvent): void;
    /** Called when a resource has failed and the program has been told to end. */
    onStop(): void;
}

export interface Monitor {
    /** `host:port` for the program. */
    readonly address: string;
    /** What went wrong so far: with resources, and what the program reported as an error. */
    readonly failures: readonly string[];
    /** Resolves when no operation is under way. */
    idle(): Promise<void>;
    close(): void;
}

/** What this engine can do, by the name in the old protocol and the number in the new one. */
const features: Readonly<Record<string, Feature>> = {
    secrets: Feature.RESOURCE_MONITOR_FEATURE_SECRETS,
    resourceReferences: Feature.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    aliasSpecs: Feature.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    transforms: Feature.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    resourceHooks: Feature.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
};

/** Serves a program until closed. Once a resource has failed nothing new is begun; what is under way ends first. */
export async function startMonitor({ deployment, provider, onEvent, onStop }: MonitorOptions): Promise<Monitor> {
    const failures: string[] = [];
    const callbacks = createCallbacks();
    const hooks = createResourceHooks(callbacks, onEvent);
    const halting = createHalting(failures, onStop);
    const stackTransforms: Callback[] = [];
    const ancestry = new Map<string, { parent: string; transforms: readonly Callback[] }>();
    let rootUrn = "";

    /** The transforms that concern a resource: its own, those of its parents from the inside out, and the stack's. */
    function transformsFor(request: RegisterResourceRequest): Callback[] {
        const transforms = [...request.getTransformsList()];
        for (let urn = request.getParent(); urn !== ""; ) {
            const parent = ancestry.get(urn);
            transforms.push(...(parent?.transforms ?? []));
            urn = parent?.parent ?? "";
        }
        return request.getType() === stackType ? transforms : [...transforms, ...stackTransforms];
    }

    async function registerResource(request: RegisterResourceRequest): Promise<RegisterResourceResponse> {
        refuseUnsupported(request);
        await callbacks.transform(request, transformsFor(request));
        const goal = goalOfRegistration(request, hooks.of(request));
        const { urn, id, outputs } = await halting.operate(
            () => deployment.register(goal),
            () => deployment.check(goal),
        );
        ancestry.set(urn, { parent: request.getParent(), transforms: request.getTransformsList() });
        const response = new RegisterResourceResponse();
        response.setUrn(urn);
        response.setId(id ?? "");
        response.setObject(toStruct(outputs));
        return response;
    }

    async function readResource(request: ReadResourceRequest): Promise<ReadResourceResponse> {
        const goal = goalOfRead(request);
        const { urn, outputs } = await halting.operate(
            () => deployment.read(goal, request.getId()),
            async () => {},
        );
        const response = new ReadResourceResponse();
        response.setUrn(urn);
        response.setProperties(toStruct(outputs));
        return response;
    }

    async function registerResourceOutputs(request: RegisterResourceOutputsRequest): Promise<Empty> {
        const work = () => deployment.registerOutputs(request.getUrn(), fromStruct(request.getOutputs()));
        await halting.operate(work, async () => {});
        return new Empty();
    }

    async function invoke(request: ResourceInvokeRequest): Promise<ResourceInvokeResponse> {
        const inputs = fromStruct(request.getArgs());
        const token = request.getTok();
        const result =
            token === "pulumi:pulumi:getResource"
                ? resourceByUrn(deployment, text(inputs.urn) ?? "")
                : await provider.invoke(token, plainProperties(inputs));
        const secretive = Object.values(inputs).some(holdsSecret);
        const response = new ResourceInvokeResponse();
        response.setReturn(toStruct(secretive ? mapProperties(result, secret) : result));
        return response;
    }

    async function supportsFeature(request: SupportsFeatureRequest): Promise<SupportsFeatureResponse> {
        const response = new SupportsFeatureResponse();
        response.setHassupport(features[request.getId()] !== undefined);
        return response;
    }

    async function getDeploymentInfo(): Promise<DeploymentInfo> {
        const info = new DeploymentInfo();
        info.setSupportedfeaturesList(Object.values(features));
        return info;
    }

    async function log(request: LogRequest): Promise<Empty> {
        const severity = request.getSeverity();
        const message = readableError(request.getMessage());
        if (severity === LogSeverity.ERROR) {
            // What the program says because it was told to stop is no failure of its own.
            if (!halting.halted) failures.push(message);
        } else if (severity !== LogSeverity.DEBUG && !request.getEphemeral()) {
            const urn = request.getUrn() || undefined;
            onEvent({ kind: "log", severity: severity === LogSeverity.WARNING ? "warning" : "info", message, urn });
        }
        return new Empty();
    }

    const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
    server.addService(
        ResourceMonitorService,
        implementation("The local engine", ResourceMonitorService, {
            registerResource: unary(registerResource),
            registerResourceOutputs: unary(registerResourceOutputs),
            registerResourceHook: unary(async (request: RegisterResourceHookRequest) => {
                hooks.register(request);
                return new Empty();
            }),
            readResource: unary(readResource),
            invoke: unary(invoke),
            supportsFeature: unary(supportsFeature),
            getDeploymentInfo: unary(getDeploymentInfo),
            registerStackTransform: unary(async (callback: Callback) => {
                stackTransforms.push(callback);
                return new Empty();
            }),
            signalAndWaitForShutdown: unary(async () => new Empty()),
        }),
    );
    server.addService(
        EngineService,
        implementation("The local engine", EngineService, {
            log: unary(log),
            getRootResource: unary(async () => {
                const response = new GetRootResourceResponse();
                response.setUrn(rootUrn);
                return response;
            }),
            setRootResource: unary(async (request: SetRootResourceRequest) => {
                rootUrn = request.getUrn();
                return new SetRootResourceResponse();
            }),
            requirePulumiVersion: unary(async () => new RequirePulumiVersionResponse()),
        }),
    );
    const port = await new Promise<number>((resolve, reject) => {
        server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
            if (error) reject(error);
            else resolve(bound);
        });
    });

    return {
        address: `127.0.0.1:${port}`,
        failures,
        idle: halting.idle,
        close() {
            halting.close();
            callbacks.close();
            server.forceShutdown();
        },
    };
}

function refuseUnsupported(request: RegisterResourceRequest): void {
    const subject = `${request.getType()} "${request.getName()}"`;
    if (request.getRemote()) {
        throw new Error(`${subject}: components of other languages are not supported on this machine.`);
    }
    if (request.getImportid() !== "") {
        throw new Error(`${subject}: the option "import" is not supported on this machine.`);
    }
}

function resourceByUrn(deployment: Deployment, urn: string): Properties {
    const resource = deployment.find(urn);
    if (resource === undefined) throw new Error(`There is no resource ${urn} in this deployment.`);
    return { urn, id: resource.id ?? "", state: resource.outputs };
}
