import {
    DescribeEndpointCommand,
    DescribeEndpointConfigCommand,
    type DescribeEndpointOutput,
    DescribeModelCommand,
    type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { matches } from "../../local/aws/iam/wildcard";
import type { StackExport } from "../../local/pulumi/index";
import type { TwinConnection } from "../connection";
import { resourcesOf } from "../deployment";
import { badInput, jobFailed } from "../exit";
import { sortlineCommand } from "../next-command";
import { listPermissions } from "../permissions";
import type { Stage } from "../stages";
import { until } from "../until";
import { findModel, listModels, type RegisteredModel } from "./models";
import { type Pin, pinKey } from "./pin";
import { endpointType } from "./promotion";

/** A model that all endpoints serve which a stage may ask, and nothing else. */
export interface ServedModel {
    readonly model: RegisteredModel;
    /** @throws CommandError exit code 4 where an endpoint serves something else by now, or is about to. */
    stillServed(): Promise<void>;
}

/** For how long a model that is pinned may take to come to its endpoint, in milliseconds: a deployment does that first. */
const PATIENCE = 60_000;
/** The actions that ask a model, whose case does not matter. */
const ASKS = ["", "async", "withresponsestream", "withbidirectionalstream"].map(
    (way) => `sagemaker:invokeendpoint${way}`,
);
const CHANGING = new Set(["Creating", "Updating", "SystemUpdating", "RollingBack"]);

/**
 * Sees that whatever model a stage asks is the one that a person named. Waits for a promotion that is under way.
 * @param name version, ARN, job or artefact of a model.
 * @throws CommandError exit code 2 that says what is in service, and how to bring the model into service.
 */
export async function servedModel(
    connection: TwinConnection,
    stage: Stage,
    name: string,
    say: (line: string) => void,
): Promise<ServedModel> {
    const { sagemaker } = connection.clients;
    const models = await listModels(connection);
    const model = findModel(models, name);
    const promotes = sortlineCommand(connection, `promote ${model.version}`);
    const pinned = ((await connection.config())[pinKey] as Pin | undefined)?.package === model.arn;
    let changed = Date.now();
    const look = async () => {
        const stack = await connection.exportStack();
        const endpoints = await Promise.all(endpointsOf(stack, stage).map((each) => served(sagemaker, each)));
        if (endpoints.some(({ status }) => CHANGING.has(status))) {
            changed = Date.now();
            return undefined;
        }
        const asksNone = endpoints.length === 0 && resourcesOf(stack, endpointType).length > 0;
        if (asksNone)
            return { endpoints, problem: `The stage "${stage.name}" asks no model endpoint: leave --model out.` };
        const remedy = pinned
            ? `Model ${model.version} is pinned, and not in service yet: wait for its deployment, or run: ${sortlineCommand(connection, "up")}`
            : `Promote it first: ${promotes}`;
        const problem = problemOf(endpoints, stage, model, models, remedy);
        const mayCome = pinned && Date.now() - changed < PATIENCE;
        return problem !== undefined && mayCome ? undefined : { endpoints, problem };
    };
    const found = await until(`model ${model.version} to be in service`, look, { remind: say });
    if (found.problem !== undefined) throw badInput(found.problem);
    return {
        model,
        async stillServed() {
            for (const { endpointName, configuration } of found.endpoints) {
                const now = await described(sagemaker, endpointName);
                const next = now.PendingDeploymentSummary?.EndpointConfigName ?? configuration;
                if (now.EndpointConfigName === configuration && next === configuration) continue;
                throw jobFailed(
                    `The endpoint ${endpointName} was given another model during the replay, which therefore ends: the records of the last call may have met either. Promote model ${model.version} again (${promotes}) and replay the same time again.`,
                );
            }
        },
    };
}

/** The endpoints that the stage's role lets it ask: it cannot ask others. */
function endpointsOf(stack: StackExport, stage: Stage): string[] {
    const resources = listPermissions(stack)
        .filter(
            ({ stage: name, action }) =>
                name === stage.name && ASKS.some((each) => matches(action.toLowerCase(), each)),
        )
        .map(({ resource }) => resource);
    return [...new Set(resources)].map((resource) => {
        const [, endpointName] = /^arn:[^:]+:sagemaker:[^:]+:\d+:endpoint\/([A-Za-z0-9-]+)$/.exec(resource) ?? [];
        if (endpointName !== undefined) return endpointName;
        throw badInput(
            `The stage "${stage.name}" may ask any endpoint of ${resource}, so it cannot be seen which model it asks. Replay without --model, or permit it single endpoints.`,
        );
    });
}

interface ServedEndpoint {
    readonly endpointName: string;
    readonly status: string;
    readonly configuration: string | undefined;
    /** ARNs of the model packages, one a variant; undefined for a model that came from no registry. */
    readonly packages: readonly (string | undefined)[];
}

async function served(sagemaker: SageMakerClient, endpointName: string): Promise<ServedEndpoint> {
    const { EndpointStatus: status = "", EndpointConfigName: configuration } = await described(sagemaker, endpointName);
    const packages: (string | undefined)[] = [];
    const { ProductionVariants = [] } = await sagemaker.send(
        new DescribeEndpointConfigCommand({ EndpointConfigName: configuration }),
    );
    for (const { ModelName } of ProductionVariants) {
        if (ModelName === undefined) packages.push(undefined);
        else {
            const { PrimaryContainer, Containers } = await sagemaker.send(new DescribeModelCommand({ ModelName }));
            const [container, ...others] = Containers ?? (PrimaryContainer === undefined ? [] : [PrimaryContainer]);
            packages.push(others.length === 0 ? container?.ModelPackageName : undefined);
        }
    }
    return { endpointName, status, configuration, packages };
}

function described(sagemaker: SageMakerClient, EndpointName: string): Promise<DescribeEndpointOutput> {
    return sagemaker.send(new DescribeEndpointCommand({ EndpointName }));
}

function problemOf(
    endpoints: readonly ServedEndpoint[],
    stage: Stage,
    model: RegisteredModel,
    models: readonly RegisteredModel[],
    remedy: string,
): string | undefined {
    if (endpoints.length === 0) {
        return `No model is in service that the stage "${stage.name}" could ask. ${remedy}`;
    }
    for (const { endpointName, status, packages } of endpoints) {
        if (status !== "InService") {
            return `The endpoint ${endpointName}, which the stage "${stage.name}" asks, is ${status} and not in service. ${remedy}`;
        }
        if (packages.length > 0 && packages.every((each) => each === model.arn)) continue;
        const names = [...new Set(packages)].map((arn) => nameOf(arn, models)).join(" and ");
        return `The endpoint ${endpointName}, which the stage "${stage.name}" asks, serves ${names || "nothing"}, not model ${model.version}. ${remedy}`;
    }
    return undefined;
}

function nameOf(arn: string | undefined, models: readonly RegisteredModel[]): string {
    if (arn === undefined) return "a model that is from no registry";
    const model = models.find((each) => each.arn === arn);
    return model === undefined ? arn : `model ${model.version} (${model.job})`;
}
