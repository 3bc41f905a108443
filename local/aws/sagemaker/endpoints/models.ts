import type {
    ContainerDefinition,
    CreateModelInput,
    CreateModelOutput,
    DeleteModelInput,
    DescribeModelInput,
    DescribeModelOutput,
    ListModelsInput,
    ListModelsOutput,
} from "@aws-sdk/client-sagemaker";
import type { TwinContext } from "../../context";
import type { Operation } from "../../service";
import { asRole, authorize, passRole } from "../access";
import { documentsOf } from "../documents";
import { type Image, imageOf } from "../images";
import { page } from "../listing";
import { arnOf } from "../names";
import type { Registry } from "../registry";
import { parseS3Uri, s3FilesOf } from "../s3-files";
import type { Tags } from "../tags";
import { Problems, validationError } from "../validation";

export interface ModelOperations {
    CreateModel: Operation<CreateModelInput, CreateModelOutput>;
    DescribeModel: Operation<DescribeModelInput, DescribeModelOutput>;
    ListModels: Operation<ListModelsInput, ListModelsOutput>;
    DeleteModel: Operation<DeleteModelInput, object>;
}

type Model = Omit<DescribeModelOutput, "$metadata">;

/** What a model's container is made of, with its model package looked up. */
export interface ModelContainer {
    readonly image: Image;
    /** S3 address of a `model.tar.gz`. */
    readonly modelData: string;
    readonly environment: Readonly<Record<string, string>>;
    readonly roleArn: string;
}

export interface Models {
    readonly operations: ModelOperations;
    /** @throws AwsError ValidationException when there is no such model or its package is gone. */
    container(modelName: string): ModelContainer;
    /** @throws AwsError ValidationException when there is no such model. */
    require(modelName: string): void;
}

export function createModels(context: TwinContext, tags: Tags, registry: Registry): Models {
    const models = documentsOf<Model>(context.store, "model");

    function existing(name: string | undefined): Model {
        const model = models.get(name ?? "");
        if (model === undefined) throw validationError(`Could not find model "${arnOf("model", name ?? "")}".`);
        return model;
    }

    function resolve(definition: ContainerDefinition, roleArn: string): ModelContainer {
        if (definition.ModelPackageName === undefined) {
            return {
                image: imageOf(definition.Image ?? ""),
                modelData: definition.ModelDataUrl ?? "",
                environment: definition.Environment ?? {},
                roleArn,
            };
        }
        const modelPackage = registry.require(definition.ModelPackageName);
        const [container] = modelPackage.InferenceSpecification?.Containers ?? [];
        if (container === undefined) {
            throw validationError(`Model package ${modelPackage.ModelPackageArn} has no InferenceSpecification.`);
        }
        return {
            image: imageOf(container.Image ?? ""),
            modelData: container.ModelDataUrl ?? "",
            environment: { ...container.Environment, ...definition.Environment },
            roleArn,
        };
    }

    async function checkModelData({ modelData, roleArn }: ModelContainer): Promise<void> {
        if (parseS3Uri(modelData) !== undefined && (await s3FilesOf(context, asRole(roleArn)).exists(modelData)))
            return;
        throw validationError(
            `Could not access model data at ${modelData}. Please ensure that the object exists and that the role "${roleArn}" may read it (s3:GetObject).`,
        );
    }

    return {
        container(modelName) {
            const model = existing(modelName);
            return resolve(model.PrimaryContainer ?? {}, model.ExecutionRoleArn ?? "");
        },
        require: (modelName) => void existing(modelName),
        operations: {
            async CreateModel(input, caller) {
                const definition = checkModel(input);
                const name = input.ModelName ?? "";
                const roleArn = input.ExecutionRoleArn ?? "";
                authorize(context, caller, "CreateModel", ["model", name]);
                passRole(context, caller, roleArn);
                const ModelArn = arnOf("model", name);
                const container = resolve(definition, roleArn);
                checkApproval(registry, definition);
                await checkModelData(container);
                if (models.get(name) !== undefined) {
                    throw validationError(`Cannot create already existing model "${ModelArn}".`);
                }
                const { Tags: modelTags, Containers: _, ...described } = input;
                context.store.transaction(() => {
                    models.put(name, {
                        ...described,
                        ModelName: name,
                        PrimaryContainer: definition,
                        CreationTime: new Date(),
                        ModelArn,
                        EnableNetworkIsolation: input.EnableNetworkIsolation ?? false,
                    });
                    tags.set(ModelArn, modelTags);
                });
                return { ModelArn };
            },
            async DescribeModel(input, caller) {
                authorize(context, caller, "DescribeModel", ["model", input.ModelName ?? ""]);
                return existing(input.ModelName);
            },
            async ListModels(input, caller) {
                authorize(context, caller, "ListModels", "*");
                const { items, NextToken } = page(input, models.list(), (model) => ({
                    name: model.ModelName ?? "",
                    created: model.CreationTime ?? new Date(0),
                    modified: model.CreationTime ?? new Date(0),
                }));
                const Models = items.map(({ ModelName, ModelArn, CreationTime }) => ({
                    ModelName,
                    ModelArn,
                    CreationTime,
                }));
                return { Models, NextToken };
            },
            async DeleteModel(input, caller) {
                authorize(context, caller, "DeleteModel", ["model", input.ModelName ?? ""]);
                const { ModelName: name = "", ModelArn: arn = "" } = existing(input.ModelName);
                context.store.transaction(() => {
                    models.remove(name);
                    tags.forget(arn);
                });
                return {};
            },
        },
    };
}

function checkModel(input: CreateModelInput): ContainerDefinition {
    const problems = new Problems();
    problems.name(input.ModelName, "modelName");
    problems.required(input.ExecutionRoleArn, "executionRoleArn");
    const definitions = [
        ...(input.PrimaryContainer === undefined ? [] : [input.PrimaryContainer]),
        ...(input.Containers ?? []),
    ];
    const [definition = {}, ...others] = definitions;
    if (definitions.length === 0) problems.required(undefined, "primaryContainer");
    if (others.length > 0) problems.unsupported(true, "containers", "more than one container");
    problems.unsupported(
        definition.ModelDataSource,
        "primaryContainer.modelDataSource",
        "give modelDataUrl, the address of a model.tar.gz",
    );
    problems.unsupported(definition.MultiModelConfig, "primaryContainer.multiModelConfig");
    if (definition.Mode === "MultiModel") problems.unsupported(true, "primaryContainer.mode", "'MultiModel'");
    if (definitions.length > 0 && definition.ModelPackageName === undefined) {
        problems.required(definition.Image, "primaryContainer.image");
        problems.required(definition.ModelDataUrl, "primaryContainer.modelDataUrl");
    }
    problems.throwIfAny();
    return definition;
}

function checkApproval(registry: Registry, { ModelPackageName: name }: ContainerDefinition): void {
    if (name === undefined) return;
    const { ModelPackageArn: arn, ModelApprovalStatus: status } = registry.require(name);
    if (status === "Approved") return;
    throw validationError(
        `Cannot create a model from model package ${arn}: its approval status is ${status}, and it must be Approved.`,
    );
}
