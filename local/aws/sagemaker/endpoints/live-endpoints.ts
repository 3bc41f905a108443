import type { TwinContext } from "../../context";
import { documentsOf } from "../documents";
import { arnOf } from "../names";
import { validationError } from "../validation";
import type { Configurations } from "./configurations";
import { type Deployment, type DeploymentOptions, deploy, serversFor } from "./deployment";
import { type EndpointDocument, instanceCounts, variantSummaries } from "./endpoint";
import type { Models } from "./models";

/** The stored endpoints, and what of them runs. */
export interface LiveEndpoints {
    get(name: string): EndpointDocument | undefined;
    /** @throws AwsError ValidationException when there is no such endpoint. */
    require(name: string): EndpointDocument;
    list(): EndpointDocument[];
    save(endpoint: EndpointDocument): void;
    /** Deploys a stored endpoint that is Creating or Updating, in the background, and records how it went. */
    bringUp(name: string): void;
    /** Brings an endpoint's processes to its desired counts, in the background. */
    resize(name: string): void;
    /** Forgets an endpoint and ends its processes. */
    remove(name: string): void;
    /** What serves an endpoint; waits while it starts after the twin did. @throws Error with the reason it cannot. */
    deployment(name: string): Promise<Deployment | undefined>;
    /** Starts again what was in service when the twin ended. */
    resume(): void;
    close(): Promise<void>;
}

export function createLiveEndpoints(
    context: TwinContext,
    configurations: Configurations,
    models: Models,
    options: Omit<DeploymentOptions, "signal">,
): LiveEndpoints {
    const documents = documentsOf<EndpointDocument>(context.store, "endpoint");
    const deployments = new Map<string, Promise<Deployment>>();
    const background = new Set<Promise<void>>();
    const closing = new AbortController();

    function require(name: string): EndpointDocument {
        const endpoint = documents.get(name);
        if (endpoint === undefined) throw validationError(`Could not find endpoint "${arnOf("endpoint", name)}".`);
        return endpoint;
    }

    function save(endpoint: EndpointDocument): void {
        const { described } = endpoint;
        context.store.transaction(() => {
            documents.put(described.EndpointName ?? "", endpoint);
            context.services().events.emit({
                source: "aws.sagemaker",
                detailType: "SageMaker Endpoint State Change",
                resources: [described.EndpointArn ?? ""],
                detail: {
                    EndpointName: described.EndpointName,
                    EndpointArn: described.EndpointArn,
                    EndpointConfigName: described.EndpointConfigName,
                    // The event writes the status in this way.
                    EndpointStatus: described.EndpointStatus?.replace(/([a-z])([A-Z])/g, "$1_$2").toUpperCase(),
                    CreationTime: described.CreationTime?.getTime(),
                    LastModifiedTime: described.LastModifiedTime?.getTime(),
                },
            });
        });
    }

    function deployed(name: string, configurationName: string, counts: Readonly<Record<string, number>>) {
        return (async () =>
            deploy(context, models, name, configurations.require(configurationName), counts, {
                ...options,
                signal: closing.signal,
            }))();
    }

    /** Runs on after the answer; `close` waits for it. After it has begun to close, nothing is recorded any more. */
    function inBackground(work: () => Promise<void>): void {
        const running = work()
            .catch((error: unknown) => {
                if (closing.signal.aborted) return;
                context.report({ level: "error", source: "sagemaker", message: reason(error) });
            })
            .finally(() => background.delete(running));
        background.add(running);
    }

    async function create(name: string, { described }: EndpointDocument): Promise<void> {
        const deployment = deployed(name, described.EndpointConfigName ?? "", {});
        deployments.set(name, deployment);
        const failure = await failureOf(deployment);
        if (closing.signal.aborted) return;
        const LastModifiedTime = new Date();
        if (failure === undefined) {
            const ProductionVariants = variantSummaries(configurations.require(described.EndpointConfigName ?? ""));
            save({ described: { ...described, EndpointStatus: "InService", LastModifiedTime, ProductionVariants } });
        } else {
            deployments.delete(name);
            save({ described: { ...described, EndpointStatus: "Failed", LastModifiedTime, FailureReason: failure } });
        }
    }

    /** The old deployment serves until the new one is healthy, and goes on where that fails: a rollback. */
    async function update(name: string, pendingConfiguration: string, endpoint: EndpointDocument): Promise<void> {
        const { described, pendingCounts } = endpoint;
        const configuration = configurations.require(pendingConfiguration);
        const next = deployed(name, pendingConfiguration, pendingCounts ?? {});
        const failure = await failureOf(next);
        if (closing.signal.aborted) {
            await next.then(
                (deployment) => deployment.kill(),
                () => undefined,
            );
            return;
        }
        const LastModifiedTime = new Date();
        if (failure !== undefined) {
            save({
                described: { ...described, EndpointStatus: "InService", LastModifiedTime, FailureReason: failure },
            });
            return;
        }
        const old = deployments.get(name);
        deployments.set(name, next);
        save({
            described: {
                ...described,
                EndpointConfigName: pendingConfiguration,
                EndpointStatus: "InService",
                LastModifiedTime,
                ProductionVariants: variantSummaries(configuration, pendingCounts),
            },
        });
        await old?.then(
            (deployment) => deployment.stop(),
            () => undefined,
        );
    }

    async function resize(name: string): Promise<void> {
        const endpoint = require(name);
        const deployment = await deployments.get(name);
        const counts = instanceCounts(endpoint);
        await Promise.all(
            (deployment?.variants ?? [])
                .filter((variant) => variant.maxConcurrency === undefined)
                .map((variant) => variant.fleet.resize(serversFor(counts[variant.name] ?? 1))),
        );
        if (closing.signal.aborted) return;
        const ProductionVariants = endpoint.described.ProductionVariants?.map((variant) => ({
            ...variant,
            CurrentWeight: variant.DesiredWeight,
            CurrentInstanceCount: variant.DesiredInstanceCount,
        }));
        save({
            described: {
                ...endpoint.described,
                EndpointStatus: "InService",
                LastModifiedTime: new Date(),
                ProductionVariants,
            },
        });
    }

    /** What was in service when the twin ended, started when it is back, or when it is asked after that failed. */
    function revive(name: string, endpoint: EndpointDocument): Promise<Deployment> {
        const revived = deployed(name, endpoint.described.EndpointConfigName ?? "", instanceCounts(endpoint));
        deployments.set(name, revived);
        inBackground(async () => {
            const failure = await failureOf(revived);
            if (failure === undefined) return;
            deployments.delete(name);
            throw new Error(`Endpoint ${name} could not be started again: ${failure}`);
        });
        return revived;
    }

    function bringUp(name: string): void {
        const endpoint = require(name);
        const { pendingConfiguration } = endpoint;
        inBackground(() =>
            pendingConfiguration === undefined ? create(name, endpoint) : update(name, pendingConfiguration, endpoint),
        );
    }

    return {
        get: documents.get,
        require,
        list: documents.list,
        save,
        bringUp,
        resize: (name) => inBackground(() => resize(name)),
        remove(name) {
            documents.remove(name);
            const deployment = deployments.get(name);
            deployments.delete(name);
            if (deployment !== undefined) inBackground(async () => (await deployment).stop());
        },
        async deployment(name) {
            const running = deployments.get(name);
            if (running !== undefined) return running;
            const endpoint = documents.get(name);
            const status = endpoint?.described.EndpointStatus;
            if (endpoint === undefined || (status !== "InService" && status !== "Updating")) return undefined;
            return revive(name, endpoint);
        },
        resume() {
            for (const endpoint of documents.list()) {
                const name = endpoint.described.EndpointName ?? "";
                const status = endpoint.described.EndpointStatus;
                if (status === "InService" || status === "Updating") revive(name, endpoint);
                if (status === "Creating" || endpoint.pendingConfiguration !== undefined) bringUp(name);
                else if (status === "Updating") inBackground(() => resize(name));
            }
        },
        async close() {
            closing.abort(new Error("The twin is stopping."));
            await Promise.all(
                [...deployments.values()].map((deployment) =>
                    deployment.then(
                        (running) => running.kill(),
                        () => undefined,
                    ),
                ),
            );
            await Promise.all(background);
        },
    };
}

async function failureOf(work: Promise<unknown>): Promise<string | undefined> {
    try {
        await work;
        return undefined;
    } catch (error) {
        return reason(error);
    }
}

function reason(error: unknown): string {
    return (error instanceof Error ? error.message : String(error)).slice(0, 1024);
}
