// Pulumi's protocol of a provider, on the twin's: what the engine of the real command asks for, one operation long.
// Values come without secrets, whose marks the engine keeps by name. Assets come with the engine's digests, and their
// content only where it is needed.

import { status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { version } from "@pulumi/aws/package.json";
import { type PluginAttach, PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
    CheckFailure as CheckFailureMessage,
    type CheckRequest,
    CheckResponse,
    type ConfigureRequest,
    ConfigureResponse,
    type CreateRequest,
    CreateResponse,
    type DeleteRequest,
    type DiffRequest,
    DiffResponse,
    type InvokeRequest,
    InvokeResponse,
    type ProviderHandshakeRequest,
    ProviderHandshakeResponse,
    type ReadRequest,
    ReadResponse,
    type UpdateRequest,
    UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { AwsError, region } from "../../aws/service";
import { locateAssets } from "../assets";
import { reason } from "../failure";
import { implementation, StatusError, unary } from "../grpc-service";
import type { Provider } from "../provider/provider";
import type { CheckFailure } from "../provider/shape";
import { fromStruct, toStruct } from "../requests";
import { parseUrn, typeOf, type UrnParts } from "../urn";
import { equal, mapProperties, type Properties, plainProperties, secret, text } from "../values";

export interface ProviderServiceOptions {
    readonly provider: Provider;
    /** `host:port` of the engine that this operation belongs to. */
    readonly engine: string;
    /** Where relative paths of assets start: the program's working directory. */
    readonly folder: string;
    /** The stack that the twin itself has deployed; undefined where it has deployed none. */
    deployed(): Pick<UrnParts, "stack" | "project"> | undefined;
    /** Says something to the person who deploys. */
    tell(severity: "info" | "warning", message: string): void;
}

export interface ProviderService {
    readonly methods: UntypedServiceImplementation;
    /** Resolves when nothing is under way. */
    idle(): Promise<void>;
}

/** The provider for one engine. Whoever has not shaken hands in its name gets no answer. */
export function providerService(options: ProviderServiceOptions): ProviderService {
    const { provider, engine, folder, deployed, tell } = options;
    const underWay = new Set<Promise<unknown>>();
    let known = false;

    function recognise(address: string): void {
        known ||= address === engine;
        if (address !== engine) throw new StatusError(status.PERMISSION_DENIED, "This port is for another engine.");
    }

    /** An operation for the engine that is known, with errors by which it can tell what state a resource is in. */
    function operation<Request, Response>(work: (request: Request) => Promise<Response>) {
        return unary<Request, Response>(async (request) => {
            if (!known) throw new StatusError(status.PERMISSION_DENIED, "Shake hands first.");
            const running = work(request).catch((error: unknown) => {
                throw asStatus(error);
            });
            underWay.add(running);
            return running.finally(() => underWay.delete(running));
        });
    }

    /** `work` on arguments whose assets can be read; among its outputs they are what they were. */
    async function withAssets(
        type: string,
        inputs: Properties,
        work: (located: Properties) => Promise<Properties>,
    ): Promise<Properties> {
        const located = mapProperties(inputs, (value) => locateAssets(value, folder));
        const outputs = await work(located);
        const given = mapProperties(outputs, (value, name) =>
            value === located[name] ? (inputs[name] ?? value) : value,
        );
        return withSecretOutputs(type, given);
    }

    function withSecretOutputs(type: string, outputs: Properties): Properties {
        const secrets = provider.secretOutputs(type);
        return mapProperties(outputs, (value, name) => (secrets.includes(name) ? secret(value) : value));
    }

    async function handshake(request: ProviderHandshakeRequest): Promise<ProviderHandshakeResponse> {
        recognise(request.getEngineAddress());
        return new ProviderHandshakeResponse();
    }

    async function attach(request: PluginAttach): Promise<Empty> {
        recognise(request.getAddress());
        return new Empty();
    }

    /** The engine asks for the version of the package that the program uses, at least. */
    async function getPluginInfo(): Promise<PluginInfo> {
        const response = new PluginInfo();
        response.setVersion(version);
        return response;
    }

    async function checkConfig(request: CheckRequest): Promise<CheckResponse> {
        const inputs = fromStruct(request.getNews());
        const wanted = text(inputs.region);
        if (wanted !== undefined && wanted !== region) {
            tell("warning", `The region ${wanted} has no effect on this machine, where all is in ${region}.`);
        }
        return checkResponse(inputs, collisions(parseUrn(request.getUrn()), deployed()));
    }

    async function configure(_: ConfigureRequest): Promise<ConfigureResponse> {
        const response = new ConfigureResponse();
        response.setSupportspreview(true);
        return response;
    }

    async function check(request: CheckRequest): Promise<CheckResponse> {
        const given = plainProperties(fromStruct(request.getNews()));
        const olds = fromStruct(request.getOlds());
        const urn = request.getUrn();
        const seed = request.getRandomseed_asU8();
        const { inputs, failures } = provider.check(
            typeOf(urn),
            parseUrn(urn).name,
            given,
            olds,
            seed.length === 0 ? undefined : seed,
        );
        return checkResponse(inputs, [...failures, ...remoteAssets(given, folder)], given);
    }

    async function diff(request: DiffRequest): Promise<DiffResponse> {
        const earlier = plainProperties(fromStruct(request.getOldInputs()));
        const inputs = plainProperties(fromStruct(request.getNews()));
        const { changed, replacing, deleteBeforeReplace } = provider.diff(typeOf(request.getUrn()), earlier, inputs);
        const response = new DiffResponse();
        const { DIFF_NONE, DIFF_SOME } = DiffResponse.DiffChanges;
        response.setChanges(changed.length === 0 ? DIFF_NONE : DIFF_SOME);
        response.setDiffsList([...changed]);
        response.setReplacesList([...replacing]);
        response.setDeletebeforereplace(replacing.length > 0 && deleteBeforeReplace);
        return response;
    }

    async function create(request: CreateRequest): Promise<CreateResponse> {
        const type = typeOf(request.getUrn());
        const inputs = plainProperties(fromStruct(request.getProperties()));
        const response = new CreateResponse();
        response.setRefreshBeforeUpdate(provider.moves(type));
        const outputs = request.getPreview()
            ? withSecretOutputs(type, provider.preview(type, inputs))
            : await withAssets(type, inputs, async (located) => {
                  const made = await provider.create(type, located);
                  response.setId(made.id);
                  return made.outputs;
              });
        response.setProperties(toStruct(outputs));
        return response;
    }

    async function update(request: UpdateRequest): Promise<UpdateResponse> {
        const type = typeOf(request.getUrn());
        const existing = existingOf(request.getId(), request.getOldInputs(), request.getOlds());
        const inputs = plainProperties(fromStruct(request.getNews()));
        const outputs = request.getPreview()
            ? withSecretOutputs(type, provider.preview(type, inputs, existing))
            : await withAssets(type, inputs, (located) => provider.update(type, existing, located));
        const response = new UpdateResponse();
        response.setRefreshBeforeUpdate(provider.moves(type));
        response.setProperties(toStruct(outputs));
        return response;
    }

    /**
     * Of a resource that the stack has come its arguments and outputs; with an import comes neither, and with a look-up
     * by the program what that says, as both.
     */
    async function read(request: ReadRequest): Promise<ReadResponse> {
        const type = typeOf(request.getUrn());
        const id = request.getId();
        const existing = existingOf(id, request.getInputs(), request.getProperties());
        const isKnown = Object.keys(existing.inputs).length > 0 && !equal(existing.inputs, existing.outputs);
        const found = await (isKnown ? provider.readAgain(type, existing) : provider.read(type, id));
        const response = new ReadResponse();
        if (found === undefined) return response;
        response.setId(found.id);
        response.setInputs(toStruct(found.inputs));
        response.setProperties(toStruct(withSecretOutputs(type, found.outputs)));
        response.setRefreshBeforeUpdate(provider.moves(type));
        return response;
    }

    async function remove(request: DeleteRequest): Promise<Empty> {
        const existing = existingOf(request.getId(), request.getOldInputs(), request.getProperties());
        await provider.delete(typeOf(request.getUrn()), existing);
        return new Empty();
    }

    async function invoke(request: InvokeRequest): Promise<InvokeResponse> {
        const response = new InvokeResponse();
        response.setReturn(
            toStruct(await provider.invoke(request.getTok(), plainProperties(fromStruct(request.getArgs())))),
        );
        return response;
    }

    const methods = implementation("The local twin's provider", ResourceProviderService, {
        handshake: unary(handshake),
        attach: unary(attach),
        getPluginInfo: operation<Empty, PluginInfo>(getPluginInfo),
        checkConfig: operation(checkConfig),
        // Settings change nothing, since there is only one machine: nothing has to be made anew because of them.
        diffConfig: operation<DiffRequest, DiffResponse>(async () => {
            const response = new DiffResponse();
            response.setChanges(DiffResponse.DiffChanges.DIFF_NONE);
            return response;
        }),
        configure: operation(configure),
        check: operation(check),
        diff: operation(diff),
        create: operation(create),
        update: operation(update),
        read: operation(read),
        delete: operation(remove),
        invoke: operation(invoke),
        // Comes at the end of each operation of one engine, while the twin goes on for others.
        cancel: operation<Empty, Empty>(async () => new Empty()),
    });
    return {
        methods,
        async idle() {
            await Promise.allSettled(underWay);
        },
    };
}

function existingOf(id: string, inputs: Parameters<typeof fromStruct>[0], outputs: Parameters<typeof fromStruct>[0]) {
    return { id, inputs: plainProperties(fromStruct(inputs)), outputs: plainProperties(fromStruct(outputs)) };
}

function checkResponse(
    inputs: Properties,
    failures: readonly CheckFailure[] = [],
    given: Properties = {},
): CheckResponse {
    const response = new CheckResponse();
    response.setInputs(toStruct(inputs));
    for (const { property, reason } of failures) {
        const failure = new CheckFailureMessage();
        // The engine shows a property with its value, which it finds for an argument only, not for what is within one.
        const isArgument = property in given;
        if (isArgument) failure.setProperty(property);
        failure.setReason(isArgument ? reason : `${property} ${reason}`);
        response.addFailures(failure);
    }
    return response;
}

function remoteAssets(inputs: Properties, folder: string): CheckFailure[] {
    return Object.entries(inputs).flatMap(([property, value]) => {
        try {
            locateAssets(value, folder);
            return [];
        } catch (error) {
            return [{ property, reason: `cannot be used: ${(error as Error).message}` }];
        }
    });
}

/** Names that are chosen from those of project and stack would be the twin's own. The case of letters goes lost in them. */
function collisions(wanted: UrnParts, deployed: Pick<UrnParts, "stack" | "project"> | undefined): CheckFailure[] {
    if (deployed?.project !== wanted.project || deployed.stack !== wanted.stack.toLowerCase()) return [];
    const reason =
        `belongs to the stack ${wanted.stack} of the project ${wanted.project}, and the twin has deployed its own ` +
        `stack ${deployed.stack} of that project: both would choose the same names. Take a stack with another name ` +
        "(pulumi stack init NAME), or give this one another (pulumi stack rename NAME)";
    return [{ property: "The provider", reason }];
}

/** The engine takes an unknown error for a sign that the resource may be there all the same. */
function asStatus(error: unknown): unknown {
    if (!(error instanceof AwsError)) return error;
    return new StatusError(status.FAILED_PRECONDITION, reason(error));
}
