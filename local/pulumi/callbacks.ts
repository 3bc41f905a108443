// Calls back into the program: transforms of resources and hooks run there.

import { credentials, type ServiceError } from "@grpc/grpc-js";
import { CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb";
import { type Callback, CallbackInvokeRequest, type CallbackInvokeResponse } from "@pulumi/pulumi/proto/callback_pb";
import {
    type RegisterResourceRequest,
    ResourceHookRequest,
    ResourceHookResponse,
    TransformRequest,
    TransformResourceOptions,
    TransformResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { UpdateInHook } from "./goal";
import { toStruct } from "./requests";

export interface Callbacks {
    /** Has the program's transforms change a registration, in order. */
    transform(request: RegisterResourceRequest, transforms: readonly Callback[]): Promise<void>;
    /** Calls a hook of the program. @throws Error with what the hook said, when it prevents the update. */
    beforeUpdate(hook: Callback, update: UpdateInHook): Promise<void>;
    close(): void;
}

export function createCallbacks(): Callbacks {
    const clients = new Map<string, InstanceType<typeof CallbacksClient>>();

    async function call(callback: Callback, payload: Uint8Array): Promise<Uint8Array> {
        const target = callback.getTarget();
        const client = clients.get(target) ?? new CallbacksClient(target, credentials.createInsecure());
        clients.set(target, client);
        const request = new CallbackInvokeRequest();
        request.setToken(callback.getToken());
        request.setRequest(payload);
        return new Promise((resolve, reject) => {
            client.invoke(request, (error: ServiceError | null, response: CallbackInvokeResponse) => {
                if (error) reject(new Error(`A callback of the program failed: ${error.details}`));
                else resolve(response.getResponse_asU8());
            });
        });
    }

    return {
        async transform(request, transforms) {
            for (const callback of transforms) {
                const question = new TransformRequest();
                question.setType(request.getType());
                question.setName(request.getName());
                question.setCustom(request.getCustom());
                question.setParent(request.getParent());
                question.setProperties(request.getObject() ?? new Struct());
                question.setOptions(optionsOf(request));
                const answer = TransformResponse.deserializeBinary(await call(callback, question.serializeBinary()));
                request.setObject(answer.getProperties());
                const options = answer.getOptions();
                if (options !== undefined) applyOptions(request, options);
            }
        },
        async beforeUpdate(hook, { urn, id, name, type, newInputs, oldInputs, oldOutputs }) {
            const question = new ResourceHookRequest();
            question.setUrn(urn);
            question.setId(id ?? "");
            question.setName(name);
            question.setType(type);
            question.setNewInputs(toStruct(newInputs));
            question.setOldInputs(toStruct(oldInputs));
            question.setOldOutputs(toStruct(oldOutputs));
            const answer = ResourceHookResponse.deserializeBinary(await call(hook, question.serializeBinary()));
            if (answer.getError() !== "") throw new Error(answer.getError());
        },
        close() {
            for (const client of clients.values()) client.close();
        },
    };
}

function optionsOf(request: RegisterResourceRequest): TransformResourceOptions {
    const options = new TransformResourceOptions();
    options.setDependsOnList(request.getDependenciesList());
    const protect = request.getProtect();
    if (protect !== undefined) options.setProtect(protect);
    const retainOnDelete = request.getRetainondelete();
    if (retainOnDelete !== undefined) options.setRetainOnDelete(retainOnDelete);
    if (request.getDeletebeforereplacedefined()) options.setDeleteBeforeReplace(request.getDeletebeforereplace());
    options.setIgnoreChangesList(request.getIgnorechangesList());
    options.setReplaceOnChangesList(request.getReplaceonchangesList());
    options.setAliasesList(request.getAliasesList());
    options.setProvider(request.getProvider());
    options.setAdditionalSecretOutputsList(request.getAdditionalsecretoutputsList());
    options.setVersion(request.getVersion());
    return options;
}

function applyOptions(request: RegisterResourceRequest, options: TransformResourceOptions): void {
    request.setDependenciesList(options.getDependsOnList());
    const protect = options.getProtect();
    if (protect !== undefined) request.setProtect(protect);
    const retainOnDelete = options.getRetainOnDelete();
    if (retainOnDelete !== undefined) request.setRetainondelete(retainOnDelete);
    const deleteBeforeReplace = options.getDeleteBeforeReplace();
    if (deleteBeforeReplace !== undefined) {
        request.setDeletebeforereplace(deleteBeforeReplace);
        request.setDeletebeforereplacedefined(true);
    }
    request.setIgnorechangesList(options.getIgnoreChangesList());
    request.setReplaceonchangesList(options.getReplaceOnChangesList());
    request.setAliasesList(options.getAliasesList());
    request.setAdditionalsecretoutputsList(options.getAdditionalSecretOutputsList());
}
