// The engine's end of the connection to a provider.

import { randomBytes } from "node:crypto";
import { type ClientReadableStream, credentials, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
    CheckRequest,
    type CheckResponse,
    ConfigureRequest,
    type ConfigureResponse,
    CreateRequest,
    type CreateResponse,
    DeleteRequest,
    DiffRequest,
    DiffResponse,
    InvokeRequest,
    type InvokeResponse,
    type ListRequest,
    ProviderHandshakeRequest,
    type ProviderHandshakeResponse,
    ReadRequest,
    type ReadResponse,
    UpdateRequest,
    type UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { fromStruct, toStruct } from "../../../local/pulumi/requests";
import { parseUrn, typeOf } from "../../../local/pulumi/urn";
import type { Properties } from "../../../local/pulumi/values";
import type { Twin } from "../../../local/twin";

export interface Known {
    readonly inputs: Properties;
    readonly outputs: Properties;
}

export type Found = Known & { readonly id: string };

export interface ProviderClient {
    /** Types that the provider wants to be read before they are updated. */
    readonly refreshedBeforeUpdate: ReadonlySet<string>;
    /** What an engine says before anything else. */
    begin(): Promise<void>;
    /** @throws Error with all failures, as `property: reason`. */
    check(urn: string, news: Properties, olds: Properties): Promise<Properties>;
    diff(
        urn: string,
        id: string,
        old: Known,
        news: Properties,
    ): Promise<{
        changed: boolean;
        changes: readonly string[];
        replaces: readonly string[];
        deleteBeforeReplace: boolean;
    }>;
    create(urn: string, inputs: Properties, preview?: boolean): Promise<{ id: string; outputs: Properties }>;
    update(urn: string, id: string, old: Known, news: Properties, preview?: boolean): Promise<Properties>;
    delete(urn: string, id: string, old: Known): Promise<void>;
    /** `known` is what the stack has; without it, it is an import. */
    read(urn: string, id: string, known?: Known): Promise<Found | undefined>;
    invoke(token: string, args: Properties, preview?: boolean): Promise<Properties>;
    list(request: ListRequest): ClientReadableStream<unknown>;
    /** Any other method by its name. */
    call<Response>(method: string, request: unknown): Promise<Response>;
    /** Cancels, as every engine does at its end, and lets go of the provider. */
    end(): Promise<void>;
}

/** Makes an engine known to the twin, as the plugin does. @returns the port for it, and how to end it. */
export async function openPort(twin: Twin, operation: { engine: string; folder: string }) {
    const ending = new AbortController();
    const response = await fetch(`${twin.file.address}/_sortline/provider`, {
        method: "POST",
        headers: { authorization: `Bearer ${twin.file.token}` },
        body: JSON.stringify(operation),
        signal: ending.signal,
    });
    const reader = response.body?.getReader();
    const first = new TextDecoder().decode((await reader?.read())?.value);
    if (response.status !== 200) throw new Error(JSON.parse(first).message);
    const ended = (async () => {
        try {
            while (!(await reader?.read())?.done);
        } catch {
            // It was cut off from here.
        }
    })();
    return { port: Number(JSON.parse(first).port), ended, end: () => ending.abort() };
}

/** @param engine address by which the twin knows the engine. */
export function providerClient(port: number, engine: string): ProviderClient {
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
    const refreshedBeforeUpdate = new Set<string>();

    const call = <Response>(method: string, request: unknown) =>
        new Promise<Response>((resolve, reject) => {
            const methods = client as unknown as Record<
                string,
                (request: unknown, callback: (error: ServiceError | null, response: Response) => void) => void
            >;
            methods[method]?.call(client, request, (error, response) => (error ? reject(error) : resolve(response)));
        });

    return {
        refreshedBeforeUpdate,
        call,
        async begin() {
            const handshake = new ProviderHandshakeRequest();
            handshake.setEngineAddress(engine);
            const { acceptSecrets } = (await call<ProviderHandshakeResponse>("handshake", handshake)).toObject();
            if (acceptSecrets) throw new Error("The stand-in does not send secrets.");
            await call("getPluginInfo", new Empty());
            const config = new CheckRequest();
            config.setUrn("urn:pulumi:dev::project::pulumi:providers:aws::default");
            config.setNews(toStruct({ region: "eu-central-1" }));
            const inputs = (await call<CheckResponse>("checkConfig", config)).getInputs();
            const configuration = new ConfigureRequest();
            configuration.setArgs(inputs);
            configuration.setAcceptsecrets(true);
            await call<ConfigureResponse>("configure", configuration);
        },
        async check(urn, news, olds) {
            const request = new CheckRequest();
            request.setUrn(urn);
            request.setName(parseUrn(urn).name);
            request.setType(typeOf(urn));
            request.setNews(toStruct(news));
            request.setOlds(toStruct(olds));
            request.setRandomseed(randomBytes(32));
            const response = await call<CheckResponse>("check", request);
            const failures = response.getFailuresList().map((each) => `${each.getProperty()}: ${each.getReason()}`);
            if (failures.length > 0) throw new Error(failures.join("\n"));
            return fromStruct(response.getInputs());
        },
        async diff(urn, id, old, news) {
            const request = new DiffRequest();
            request.setUrn(urn);
            request.setId(id);
            request.setOldInputs(toStruct(old.inputs));
            request.setOlds(toStruct(old.outputs));
            request.setNews(toStruct(news));
            const response = await call<DiffResponse>("diff", request);
            return {
                changed: response.getChanges() === DiffResponse.DiffChanges.DIFF_SOME,
                changes: response.getDiffsList(),
                replaces: response.getReplacesList(),
                deleteBeforeReplace: response.getDeletebeforereplace(),
            };
        },
        async create(urn, inputs, preview = false) {
            const request = new CreateRequest();
            request.setUrn(urn);
            request.setProperties(toStruct(inputs));
            request.setPreview(preview);
            const response = await call<CreateResponse>("create", request);
            if (response.getRefreshBeforeUpdate()) refreshedBeforeUpdate.add(typeOf(urn));
            return { id: response.getId(), outputs: fromStruct(response.getProperties()) };
        },
        async update(urn, id, old, news, preview = false) {
            const request = new UpdateRequest();
            request.setUrn(urn);
            request.setId(id);
            request.setOldInputs(toStruct(old.inputs));
            request.setOlds(toStruct(old.outputs));
            request.setNews(toStruct(news));
            request.setPreview(preview);
            return fromStruct((await call<UpdateResponse>("update", request)).getProperties());
        },
        async delete(urn, id, old) {
            const request = new DeleteRequest();
            request.setUrn(urn);
            request.setId(id);
            request.setOldInputs(toStruct(old.inputs));
            request.setProperties(toStruct(old.outputs));
            await call<Empty>("delete", request);
        },
        async read(urn, id, known) {
            const request = new ReadRequest();
            request.setUrn(urn);
            request.setId(id);
            if (known !== undefined) {
                request.setInputs(toStruct(known.inputs));
                request.setProperties(toStruct(known.outputs));
            }
            const response = await call<ReadResponse>("read", request);
            if (response.getId() === "") return undefined;
            return {
                id: response.getId(),
                inputs: fromStruct(response.getInputs()),
                outputs: fromStruct(response.getProperties()),
            };
        },
        list: (request) => client.list(request),
        async invoke(token, args, preview = false) {
            const request = new InvokeRequest();
            request.setTok(token);
            request.setArgs(toStruct(args));
            request.setPreview(preview);
            return fromStruct((await call<InvokeResponse>("invoke", request)).getReturn());
        },
        async end() {
            await call("cancel", new Empty());
            client.close();
        },
    };
}
