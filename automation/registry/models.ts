import {
    DescribeModelPackageCommand,
    type DescribeModelPackageOutput,
    paginateListModelPackages,
    UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import { oneLine } from "../../components/runtime/one-line";
import type { StackExport } from "../../local/pulumi/index";
import type { Connection } from "../connection";
import { resourcesOf } from "../deployment";
import { badInput } from "../exit";
import { shellWord } from "../shell-word";
import { chosenRegistries, registriesOf } from "./registries";

/** A version in the model registry. */
export interface RegisteredModel {
    readonly version: number;
    /** Name of its registry in the program; undefined where the program has one only. */
    readonly registry: string | undefined;
    /** ARN of the model package. */
    readonly arn: string;
    readonly approval: "Approved" | "PendingManualApproval" | "Rejected";
    /** How far the policy is: `pending`, then `approve`, `reject` or `leave`; undefined where there was none. */
    readonly decision: string | undefined;
    /** Who or what decided, and why. */
    readonly note: string | undefined;
    /** S3 address of its `model.tar.gz`. */
    readonly artefact: string;
    /** S3 address of its `evaluation.json`, where it was evaluated. */
    readonly evaluation: string | undefined;
    /** Training job that made it. */
    readonly job: string;
    /** 0 to 1; not a number where the registry holds none. */
    readonly accuracy: number;
    readonly macroF1: number;
    /** How many labels it tells apart. */
    readonly labels: number;
    /** Two models with the same digest have the same labels. */
    readonly labelsDigest: string;
    readonly createdAt: Date;
    /** Whether the endpoint serves it now. */
    readonly live: boolean;
}

/** Which models are meant. */
export interface WantedModels {
    /** Those of one registry of the program, by its name. @default of all */
    readonly registry?: string;
    /** Those of one group, by its name or ARN. @default of all */
    readonly group?: string;
    /** Those that were registered after this. @default whenever it was */
    readonly after?: Date;
}

/**
 * The registered models, newest first, registry by registry in the program's order.
 * @throws CommandError exit code 2 for a registry that the program does not have.
 */
export async function listModels(connection: Connection, wanted: WantedModels = {}): Promise<RegisteredModel[]> {
    const stack = await connection.exportStack();
    const all = registriesOf(stack);
    const live = livePackages(stack);
    const models: RegisteredModel[] = [];
    for (const { name, group } of chosenRegistries(all, wanted.registry)) {
        if (wanted.group !== undefined && wanted.group !== group) continue;
        const found: RegisteredModel[] = [];
        const pages = paginateListModelPackages(
            { client: connection.clients.sagemaker },
            {
                ModelPackageGroupName: group,
                SortBy: "CreationTime",
                SortOrder: "Descending",
                CreationTimeAfter: wanted.after,
            },
        );
        for await (const page of pages) {
            for (const { ModelPackageArn: arn } of page.ModelPackageSummaryList ?? []) {
                if (arn === undefined) continue;
                const described = await connection.clients.sagemaker.send(
                    new DescribeModelPackageCommand({ ModelPackageName: arn }),
                );
                found.push(modelFrom(arn, described, all.length > 1 ? name : undefined, live.includes(arn)));
            }
        }
        models.push(...found.sort((a, b) => b.version - a.version));
    }
    return models;
}

/** What a command is given to mean a model, whichever others there are. */
export function argumentsFor({ version, registry }: RegisteredModel): string {
    return registry === undefined ? String(version) : `${version} --registry ${shellWord(registry)}`;
}

/**
 * ARNs of the packages in service, by the models that are deployed: a deployment that was refused leaves these alone,
 * while the endpoint component may already have registered what the refused program wanted.
 */
function livePackages(stack: StackExport): unknown[] {
    return resourcesOf(stack, "aws:sagemaker/model:Model").map(({ inputs: { primaryContainer } }) =>
        typeof primaryContainer === "object" && primaryContainer !== null && "modelPackageName" in primaryContainer
            ? primaryContainer.modelPackageName
            : undefined,
    );
}

function modelFrom(
    arn: string,
    described: Partial<DescribeModelPackageOutput>,
    registry: string | undefined,
    live: boolean,
): RegisteredModel {
    const metadata = described.CustomerMetadataProperties ?? {};
    return {
        version: described.ModelPackageVersion ?? 0,
        registry,
        arn,
        approval: described.ModelApprovalStatus ?? "PendingManualApproval",
        decision: metadata.decision,
        note: described.ApprovalDescription,
        artefact: described.InferenceSpecification?.Containers?.[0]?.ModelDataUrl ?? "",
        evaluation: described.ModelMetrics?.ModelQuality?.Statistics?.S3Uri,
        job: metadata.trainingJob ?? "",
        accuracy: Number(metadata.accuracy ?? Number.NaN),
        macroF1: Number(metadata.macroF1 ?? Number.NaN),
        labels: Number(metadata.labels ?? 0),
        labelsDigest: metadata.labelsDigest ?? "",
        createdAt: described.CreationTime ?? new Date(0),
        live,
    };
}

/**
 * Finds a model by what a person may call it: its version number, its ARN, its training job or its artefact's address.
 * @throws CommandError exit code 2 that lists what there is.
 */
export function findModel(models: readonly RegisteredModel[], name: string): RegisteredModel {
    const [found, ...others] = models.filter((model) =>
        [String(model.version), `v${model.version}`, model.arn, model.job, model.artefact].includes(name),
    );
    if (found === undefined) {
        const known = models.map((model) => `${model.version} (${model.job})`).join(", ");
        throw badInput(
            `There is no model "${name}". ${known === "" ? "None is registered yet: sortline train makes one." : `Registered: ${known}`}`,
        );
    }
    if (others.length > 0) {
        const those = [found, ...others].map((model) => `${model.version} of ${model.registry} (${model.job})`);
        throw badInput(
            `"${name}" may be ${those.join(" or ")}. Name its training job, or choose a registry: --registry NAME`,
        );
    }
    return found;
}

/** Whether a policy is still to decide, and no person has done so. */
export function isUndecided({ approval, decision }: RegisteredModel): boolean {
    return approval === "PendingManualApproval" && decision === "pending";
}

/** Longest note that the registry keeps with a decision. */
const LONGEST_NOTE = 1024;

/** Sets a model's approval to Approved in the registry; nothing else changes. */
export function approveModel(connection: Connection, model: RegisteredModel, note: string): Promise<void> {
    return decide(connection, model, "Approved", note);
}

/** Sets a model's approval to Rejected in the registry; nothing else changes. */
export function rejectModel(connection: Connection, model: RegisteredModel, reason: string): Promise<void> {
    return decide(connection, model, "Rejected", reason);
}

async function decide(
    connection: Connection,
    model: RegisteredModel,
    approval: "Approved" | "Rejected",
    note: string,
): Promise<void> {
    await connection.clients.sagemaker.send(
        new UpdateModelPackageCommand({
            ModelPackageArn: model.arn,
            ModelApprovalStatus: approval,
            ApprovalDescription: oneLine(note, LONGEST_NOTE),
        }),
    );
}
