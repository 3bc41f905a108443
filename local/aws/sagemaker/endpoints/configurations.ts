import type {
    CreateEndpointConfigInput,
    CreateEndpointConfigOutput,
    DeleteEndpointConfigInput,
    DescribeEndpointConfigInput,
    DescribeEndpointConfigOutput,
    ListEndpointConfigsInput,
    ListEndpointConfigsOutput,
} from "@aws-sdk/client-sagemaker";
import type { TwinContext } from "../../context";
import type { Operation } from "../../service";
import { authorize } from "../access";
import { documentsOf } from "../documents";
import { page } from "../listing";
import { arnOf } from "../names";
import type { Tags } from "../tags";
import { Problems, validationError } from "../validation";
import type { Models } from "./models";

export interface ConfigurationOperations {
    CreateEndpointConfig: Operation<CreateEndpointConfigInput, CreateEndpointConfigOutput>;
    DescribeEndpointConfig: Operation<DescribeEndpointConfigInput, DescribeEndpointConfigOutput>;
    ListEndpointConfigs: Operation<ListEndpointConfigsInput, ListEndpointConfigsOutput>;
    DeleteEndpointConfig: Operation<DeleteEndpointConfigInput, object>;
}

export type EndpointConfiguration = Omit<DescribeEndpointConfigOutput, "$metadata">;

export interface Configurations {
    readonly operations: ConfigurationOperations;
    /** @throws AwsError ValidationException when there is no such configuration. */
    require(name: string): EndpointConfiguration;
}

export function createConfigurations(context: TwinContext, tags: Tags, models: Models): Configurations {
    const configurations = documentsOf<EndpointConfiguration>(context.store, "endpoint-config");

    function require(name: string | undefined): EndpointConfiguration {
        const found = configurations.get(name ?? "");
        if (found !== undefined) return found;
        throw validationError(`Could not find endpoint configuration "${arnOf("endpoint-config", name ?? "")}".`);
    }

    return {
        require,
        operations: {
            async CreateEndpointConfig(input, caller) {
                checkConfiguration(input);
                const name = input.EndpointConfigName ?? "";
                authorize(context, caller, "CreateEndpointConfig", ["endpoint-config", name]);
                for (const { ModelName } of input.ProductionVariants ?? []) models.require(ModelName ?? "");
                const EndpointConfigArn = arnOf("endpoint-config", name);
                if (configurations.get(name) !== undefined) {
                    throw validationError(
                        `Cannot create already existing endpoint configuration "${EndpointConfigArn}".`,
                    );
                }
                const { Tags: configurationTags, ...described } = input;
                context.store.transaction(() => {
                    configurations.put(name, {
                        ...described,
                        EndpointConfigName: name,
                        EndpointConfigArn,
                        ProductionVariants: input.ProductionVariants?.map((variant) => ({
                            InitialVariantWeight: 1,
                            ...variant,
                        })),
                        CreationTime: new Date(),
                    });
                    tags.set(EndpointConfigArn, configurationTags);
                });
                return { EndpointConfigArn };
            },
            async DescribeEndpointConfig(input, caller) {
                authorize(context, caller, "DescribeEndpointConfig", [
                    "endpoint-config",
                    input.EndpointConfigName ?? "",
                ]);
                return require(input.EndpointConfigName);
            },
            async ListEndpointConfigs(input, caller) {
                authorize(context, caller, "ListEndpointConfigs", "*");
                const { items, NextToken } = page(input, configurations.list(), (each) => ({
                    name: each.EndpointConfigName ?? "",
                    created: each.CreationTime ?? new Date(0),
                    modified: each.CreationTime ?? new Date(0),
                }));
                const EndpointConfigs = items.map(({ EndpointConfigName, EndpointConfigArn, CreationTime }) => ({
                    EndpointConfigName,
                    EndpointConfigArn,
                    CreationTime,
                }));
                return { EndpointConfigs, NextToken };
            },
            async DeleteEndpointConfig(input, caller) {
                authorize(context, caller, "DeleteEndpointConfig", ["endpoint-config", input.EndpointConfigName ?? ""]);
                const { EndpointConfigName: name = "", EndpointConfigArn: arn = "" } = require(
                    input.EndpointConfigName,
                );
                context.store.transaction(() => {
                    configurations.remove(name);
                    tags.forget(arn);
                });
                return {};
            },
        },
    };
}

function checkConfiguration(input: CreateEndpointConfigInput): void {
    const problems = new Problems();
    problems.name(input.EndpointConfigName, "endpointConfigName");
    problems.unsupported(input.AsyncInferenceConfig, "asyncInferenceConfig");
    problems.unsupported(input.ShadowProductionVariants, "shadowProductionVariants");
    problems.unsupported(input.ExplainerConfig, "explainerConfig");
    if (input.DataCaptureConfig?.EnableCapture === true) problems.unsupported(true, "dataCaptureConfig");
    const variants = input.ProductionVariants ?? [];
    if (variants.length === 0) problems.required(undefined, "productionVariants");
    problems.atMost(variants.length, 10, "productionVariants");
    const names = new Set<string>();
    for (const [index, variant] of variants.entries()) {
        const member = `productionVariants.${index + 1}.member`;
        const name = variant.VariantName ?? "";
        problems.name(name, `${member}.variantName`);
        if (names.has(name)) problems.add(`Variant names must be unique; '${name}' at '${member}.variantName' is not`);
        names.add(name);
        problems.required(variant.ModelName, `${member}.modelName`);
        problems.within(variant.InitialVariantWeight, [0, Number.MAX_VALUE], `${member}.initialVariantWeight`);
        problems.within(
            variant.ContainerStartupHealthCheckTimeoutInSeconds,
            [60, 3600],
            `${member}.containerStartupHealthCheckTimeoutInSeconds`,
        );
        if (variant.ServerlessConfig === undefined) {
            problems.required(variant.InstanceType, `${member}.instanceType`);
            problems.within(variant.InitialInstanceCount ?? 0, [1, 10_000], `${member}.initialInstanceCount`);
        } else {
            if (variant.InstanceType !== undefined) {
                problems.add(`Value at '${member}' must have either serverlessConfig or instanceType, not both`);
            }
            const { MemorySizeInMB: memory, MaxConcurrency: concurrency } = variant.ServerlessConfig;
            problems.oneOf(
                String(memory),
                ["1024", "2048", "3072", "4096", "5120", "6144"],
                `${member}.serverlessConfig.memorySizeInMB`,
            );
            problems.within(concurrency ?? 0, [1, 200], `${member}.serverlessConfig.maxConcurrency`);
        }
    }
    problems.throwIfAny();
}
