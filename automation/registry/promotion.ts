import { DescribeEndpointCommand } from "@aws-sdk/client-sagemaker";
import type { ConfigValue } from "../../local/stack-config";
import type { DeploymentEvent, TwinConnection } from "../connection";
import { onlyComponent, resourcesOf } from "../deployment";
import { badInput, jobFailed } from "../exit";
import { type Pipeline, sortlineCommand } from "../next-command";
import { printable } from "../terminal";
import { approveModel, argumentsFor, findModel, listModels, type RegisteredModel } from "./models";
import { pinKey, pinOf } from "./pin";

export const endpointType = "aws:sagemaker/endpoint:Endpoint";

/**
 * Chooses what to promote where nobody names a model: the newest approved one with the labels of the live model.
 * A model with other labels would send mail to other places, and that is for a person to decide by naming it.
 * @param pipeline that they are of, for what to do.
 * @throws CommandError exit code 2 when there is none; the message says what to do.
 */
export function promotable(models: readonly RegisteredModel[], pipeline: Pipeline): RegisteredModel {
    const next = (command: string) => sortlineCommand(pipeline, command);
    const live = models.find((model) => model.live);
    const approved = models.filter(
        ({ approval, registry }) => approval === "Approved" && (live === undefined || registry === live.registry),
    );
    const registries = [...new Set(approved.map(({ registry }) => registry))];
    if (registries.length > 1) {
        throw badInput(
            `Models of several registries (${registries.join(", ")}) are approved. Choose one: --registry NAME`,
        );
    }
    const found = approved.find((model) => live === undefined || model.labelsDigest === live.labelsDigest);
    if (found !== undefined) return found;
    if (approved.length > 0) {
        const names = approved.map((model) => model.version).join(", ");
        throw badInput(
            `The approved models (${names}) have other labels than the one in service. Name the model to promote it all the same: ${next("promote MODEL")}`,
        );
    }
    throw badInput(
        models.length === 0
            ? `No model is registered yet: run ${next("train --data labels.csv")}`
            : `No model is approved. List them with ${next("models")}, then: ${next("promote MODEL")}`,
    );
}

/**
 * The model that is to come into service.
 * @param name version, ARN, job or artefact of a model; undefined for {@link promotable}.
 * @param pipeline that they are of, for what to do.
 * @throws CommandError exit code 2 for an unknown model, and for one that was rejected: that decision has a reason,
 * which whoever promotes may not know.
 */
export function modelToPromote(
    models: readonly RegisteredModel[],
    name: string | undefined,
    pipeline: Pipeline,
): RegisteredModel {
    const model = name === undefined ? promotable(models, pipeline) : findModel(models, name);
    if (model.approval !== "Rejected") return model;
    const reason = model.note === undefined ? "." : `: ${printable(model.note)}`;
    throw badInput(
        `Model ${model.version} was rejected${reason}\nTo bring it into service all the same, approve it first: ${sortlineCommand(pipeline, `approve ${argumentsFor(model)} --reason TEXT`)}`,
    );
}

/**
 * Approves a model, pins it, deploys, and watches that the endpoint really serves it: SageMaker rolls a failed update
 * back in silence. If it did, the earlier pin is restored and deployed.
 * @param name version, ARN, job or artefact of a model; undefined for {@link promotable}.
 * @param registry the program's registry that it is of. @default any
 * @throws CommandError exit code 2 for an unknown model or one that was rejected, 4 when the model did not come into service.
 */
export async function promote(
    connection: TwinConnection,
    name: string | undefined,
    onEvent: (event: DeploymentEvent) => void,
    registry?: string,
): Promise<RegisteredModel> {
    const models = await listModels(connection, { registry });
    const model = modelToPromote(models, name, connection);
    if (model.approval !== "Approved") await approveModel(connection, model, "approved by `sortline promote`");

    const earlier = (await connection.config())[pinKey];
    await connection.setConfig(pinKey, { ...pinOf(model, await instanceCount(connection)) });
    let failure: string | undefined;
    try {
        await connection.up(onEvent);
        failure = await notInService(connection);
    } catch (error) {
        failure = (error as Error).message;
    }
    if (failure === undefined) return model;

    throw jobFailed(
        `Model ${model.version} did not come into service: ${failure}\n${await restored(connection, earlier, onEvent)}`,
    );
}

/** Goes back to the earlier pin. @returns how that went: nothing may hide why it was necessary. */
async function restored(
    connection: TwinConnection,
    earlier: ConfigValue | undefined,
    onEvent: (event: DeploymentEvent) => void,
): Promise<string> {
    await connection.setConfig(pinKey, earlier);
    try {
        await connection.up(onEvent);
    } catch (error) {
        return `The earlier pin is restored, and could not be deployed: ${(error as Error).message}\nWhen that is mended, run: ${sortlineCommand(connection, "up")}`;
    }
    return earlier === undefined
        ? "The pin is removed again; mail goes to people."
        : "The earlier model is pinned again and in service.";
}

/** Today's instance count of the endpoint; undefined where it is serverless or there is none yet. */
async function instanceCount(connection: TwinConnection): Promise<number | undefined> {
    const [endpoint] = resourcesOf(await connection.exportStack(), endpointType);
    if (endpoint === undefined) return undefined;
    const described = await connection.clients.sagemaker.send(
        new DescribeEndpointCommand({ EndpointName: endpoint.id }),
    );
    const variant = described.ProductionVariants?.[0];
    return variant?.CurrentServerlessConfig === undefined ? variant?.CurrentInstanceCount : undefined;
}

/** Why the endpoint does not serve what was deployed, or undefined if it does. */
async function notInService(connection: TwinConnection): Promise<string | undefined> {
    const stack = await connection.exportStack();
    const { outputs } = onlyComponent(stack, "ModelEndpoint");
    const live = await connection.clients.sagemaker.send(
        new DescribeEndpointCommand({ EndpointName: outputs.endpointName }),
    );
    if (live.EndpointStatus !== "InService")
        return `the endpoint is ${live.EndpointStatus}. ${live.FailureReason ?? ""}`;
    const deployed = resourcesOf(stack, endpointType).map((resource) => resource.inputs.endpointConfigName);
    return deployed.includes(live.EndpointConfigName)
        ? undefined
        : `the endpoint went back to ${live.EndpointConfigName}. ${live.FailureReason ?? ""}`;
}
