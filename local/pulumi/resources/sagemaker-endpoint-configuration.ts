import type { CreateEndpointConfigCommandInput, ProductionVariant } from "@aws-sdk/client-sagemaker";
import { root } from "../../aws/service";
import { resourceType } from "../provider/resource-type";
import {
    type ArgumentsOf,
    assuming,
    chosen,
    flag,
    listOf,
    mapOf,
    number,
    object,
    recordedOnly,
    required,
    text,
} from "../provider/shape";
import { arn } from "./arn";
import { createOnceInSageMaker, foundInSageMaker, unlessMissingInSageMaker } from "./sagemaker-outcome";
import { retagInSageMaker, sagemakerTags } from "./sagemaker-tags";
import { tagList } from "./tags";

const variantArguments = {
    variantName: chosen(text),
    modelName: text,
    instanceType: text,
    initialInstanceCount: number,
    initialVariantWeight: assuming(number, 1),
    serverlessConfig: object({
        memorySizeInMb: required(number),
        maxConcurrency: required(number),
        provisionedConcurrency: number,
    }),
    containerStartupHealthCheckTimeoutInSeconds: number,
    modelDataDownloadTimeoutInSeconds: number,
    volumeSizeInGb: recordedOnly(number, "endpoints use this machine's disk"),
};

const configurationArguments = {
    name: text,
    namePrefix: text,
    productionVariants: required(listOf(object(variantArguments))),
    kmsKeyArn: recordedOnly(text, "the twin's store is not encrypted"),
    executionRoleArn: text,
    dataCaptureConfig: recordedOnly(
        object({
            destinationS3Uri: required(text),
            initialSamplingPercentage: required(number),
            captureOptions: required(listOf(object({ captureMode: required(text) }))),
            enableCapture: flag,
            kmsKeyId: text,
            captureContentTypeHeader: object({ csvContentTypes: listOf(text), jsonContentTypes: listOf(text) }),
        }),
        "the twin captures no requests",
    ),
    tags: mapOf(text),
};

export const endpointConfiguration = resourceType({
    type: "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
    arguments: configurationArguments,
    replacedBy: ["productionVariants", "kmsKeyArn", "executionRoleArn", "dataCaptureConfig"],
    naming: { property: "name", prefixProperty: "namePrefix", maximum: 63 },

    async create(inputs, { services: { sagemaker } }, resumed) {
        const EndpointConfigName = String(inputs.name);
        await createOnceInSageMaker(resumed, () =>
            sagemaker.operations.CreateEndpointConfig(configurationInput(inputs), root),
        );
        const made = arn("sagemaker", `endpoint-config/${EndpointConfigName.toLowerCase()}`);
        return { id: EndpointConfigName, outputs: { arn: made } };
    },

    async read(id, { services: { sagemaker } }) {
        const found = await foundInSageMaker(() =>
            sagemaker.operations.DescribeEndpointConfig({ EndpointConfigName: id }, root),
        );
        if (found === undefined) return undefined;
        return {
            name: id,
            productionVariants: found.ProductionVariants?.map(variantOf),
            executionRoleArn: found.ExecutionRoleArn,
            tags: await sagemakerTags(sagemaker, found.EndpointConfigArn),
            arn: found.EndpointConfigArn,
        };
    },

    async update({ outputs, inputs: earlier }, inputs, { services: { sagemaker } }) {
        await retagInSageMaker(sagemaker, outputs.arn, earlier.tags, inputs.tags);
        return {};
    },

    async delete({ id }, { services: { sagemaker } }) {
        await unlessMissingInSageMaker(() =>
            sagemaker.operations.DeleteEndpointConfig({ EndpointConfigName: id }, root),
        );
    },
});

function configurationInput(inputs: ArgumentsOf<typeof configurationArguments>): CreateEndpointConfigCommandInput {
    return {
        EndpointConfigName: inputs.name,
        ProductionVariants: inputs.productionVariants.map(variant),
        ExecutionRoleArn: inputs.executionRoleArn,
        Tags: tagList(inputs.tags),
    };
}

function variant(inputs: ArgumentsOf<typeof variantArguments>, position: number): ProductionVariant {
    const { serverlessConfig: serverless } = inputs;
    return {
        VariantName: inputs.variantName ?? `variant-${position + 1}`,
        ModelName: inputs.modelName,
        InstanceType: inputs.instanceType as ProductionVariant["InstanceType"],
        InitialInstanceCount: inputs.initialInstanceCount,
        InitialVariantWeight: inputs.initialVariantWeight,
        ContainerStartupHealthCheckTimeoutInSeconds: inputs.containerStartupHealthCheckTimeoutInSeconds,
        ModelDataDownloadTimeoutInSeconds: inputs.modelDataDownloadTimeoutInSeconds,
        ...(serverless === undefined
            ? {}
            : {
                  ServerlessConfig: {
                      MemorySizeInMB: serverless.memorySizeInMb,
                      MaxConcurrency: serverless.maxConcurrency,
                      ProvisionedConcurrency: serverless.provisionedConcurrency,
                  },
              }),
    };
}

function variantOf(found: ProductionVariant) {
    const { ServerlessConfig: serverless } = found;
    return {
        variantName: found.VariantName,
        modelName: found.ModelName,
        instanceType: found.InstanceType,
        initialInstanceCount: found.InitialInstanceCount,
        initialVariantWeight: found.InitialVariantWeight,
        containerStartupHealthCheckTimeoutInSeconds: found.ContainerStartupHealthCheckTimeoutInSeconds,
        modelDataDownloadTimeoutInSeconds: found.ModelDataDownloadTimeoutInSeconds,
        serverlessConfig: serverless && {
            memorySizeInMb: serverless.MemorySizeInMB,
            maxConcurrency: serverless.MaxConcurrency,
            provisionedConcurrency: serverless.ProvisionedConcurrency,
        },
    };
}
