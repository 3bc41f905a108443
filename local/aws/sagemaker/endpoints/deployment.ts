import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { ProductionVariant } from "@aws-sdk/client-sagemaker";
import type { TwinContext } from "../../context";
import { asRole } from "../access";
import { pythonOf } from "../images";
import { s3FilesOf } from "../s3-files";
import type { EndpointConfiguration } from "./configurations";
import { Fleet } from "./fleet";
import { startModelServer, UnhealthyError } from "./model-server";
import type { Models } from "./models";

/** A production variant in service. */
export interface DeployedVariant {
    readonly name: string;
    readonly fleet: Fleet;
    /** Most requests at a time; undefined where instances just queue them. */
    readonly maxConcurrency: number | undefined;
    inFlight: number;
}

/** An endpoint configuration in service: its models unpacked, its servers running. */
export interface Deployment {
    readonly configurationName: string;
    readonly variants: readonly DeployedVariant[];
    /** Lets requests finish, then ends the servers. */
    stop(): Promise<void>;
    /** Ends the servers at once. */
    kill(): Promise<void>;
}

export interface DeploymentOptions {
    /** Milliseconds without a request until a serverless variant has no process. @default 300000 */
    readonly serverlessIdle?: number;
    /** Gives the deployment up while it is under way. */
    readonly signal: AbortSignal;
}

/** More processes than this would only get in each other's way on one machine. */
const mostServers = Math.max(1, Math.min(4, availableParallelism()));
const usualStartupTimeout = 8 * 60;

/**
 * Brings an endpoint configuration into service.
 * @throws Error with the reason, as FailureReason has it; nothing is left running then.
 */
export async function deploy(
    context: TwinContext,
    models: Models,
    endpointName: string,
    configuration: EndpointConfiguration,
    instanceCounts: Readonly<Record<string, number>>,
    options: DeploymentOptions,
): Promise<Deployment> {
    const folder = join(
        context.store.folder,
        "sagemaker",
        "endpoints",
        `${endpointName}-${randomBytes(6).toString("hex")}`,
    );
    const variants: DeployedVariant[] = [];
    const removeFolder = () => rm(folder, { recursive: true, force: true });
    const deployment: Deployment = {
        configurationName: configuration.EndpointConfigName ?? "",
        variants,
        async stop() {
            await Promise.all(variants.map(({ fleet }) => fleet.stop()));
            await removeFolder();
        },
        async kill() {
            await Promise.all(variants.map(({ fleet }) => fleet.kill()));
            await removeFolder();
        },
    };

    async function start(variant: ProductionVariant): Promise<void> {
        const name = variant.VariantName ?? "";
        const container = models.container(variant.ModelName ?? "");
        const python = await pythonOf(context, container.image, options.signal);
        const modelFolder = join(folder, name);
        await s3FilesOf(context, asRole(container.roleArn)).extract(container.modelData, modelFolder);
        options.signal.throwIfAborted();
        const count = instanceCounts[name] ?? variant.InitialInstanceCount ?? 1;
        const wanted = variant.ServerlessConfig?.MaxConcurrency ?? count;
        const largest = Math.min(wanted, mostServers);
        const fleet = new Fleet({
            smallest: variant.ServerlessConfig === undefined ? largest : 0,
            largest,
            idle: options.serverlessIdle ?? 300_000,
            start: () =>
                startModelServer(context, {
                    python,
                    modelFolder,
                    environment: container.environment,
                    roleArn: container.roleArn,
                    endpointName,
                    variantName: name,
                    startupTimeout: (variant.ContainerStartupHealthCheckTimeoutInSeconds ?? usualStartupTimeout) * 1000,
                }),
            onCrash: () =>
                context.report({
                    level: "warning",
                    source: "sagemaker",
                    message: `A model server of endpoint ${endpointName} ended or gave no answer in time; another one takes its place.`,
                }),
        });
        variants.push({ name, fleet, maxConcurrency: variant.ServerlessConfig?.MaxConcurrency, inFlight: 0 });
        try {
            await fleet.start();
        } catch (error) {
            if (!(error instanceof UnhealthyError)) throw error;
            throw new Error(
                `The primary container for production variant ${name} did not pass the ping health check: ${error.message}. ` +
                    `Please check CloudWatch logs for this endpoint.`,
                { cause: error },
            );
        }
    }

    const giveUp = () => void deployment.kill();
    options.signal.addEventListener("abort", giveUp);
    const started = await Promise.allSettled((configuration.ProductionVariants ?? []).map(start));
    options.signal.removeEventListener("abort", giveUp);
    const failed = started.find((outcome) => outcome.status === "rejected");
    if (failed === undefined) return deployment;
    await deployment.kill();
    throw failed.reason;
}

/** How many processes stand for that many instances. */
export function serversFor(instances: number): number {
    return Math.min(instances, mostServers);
}
