import type { ContainerDefinition } from "@aws-sdk/client-sagemaker";
import { root } from "../../aws/service";
import { resourceType } from "../provider/resource-type";
import {
    type ArgumentsOf,
    assuming,
    flag,
    listOf,
    mapOf,
    object,
    oneOf,
    recordedOnly,
    required,
    text,
} from "../provider/shape";
import { arn } from "./arn";
import { createOnceInSageMaker, foundInSageMaker, unlessMissingInSageMaker } from "./sagemaker-outcome";
import { retagInSageMaker, sagemakerTags } from "./sagemaker-tags";
import { tagList } from "./tags";

const containerArguments = {
    image: text,
    modelDataUrl: text,
    modelPackageName: text,
    mode: assuming(oneOf("SingleModel"), "SingleModel"),
    containerHostname: text,
    environment: mapOf(text),
    modelDataSource: object({
        s3DataSource: object({
            s3Uri: required(text),
            s3DataType: required(text),
            compressionType: required(oneOf("None", "Gzip")),
        }),
    }),
};

function container(inputs: ArgumentsOf<typeof containerArguments>) {
    const source = inputs.modelDataSource?.s3DataSource;
    return {
        Image: inputs.image,
        ModelDataUrl: inputs.modelDataUrl,
        ModelPackageName: inputs.modelPackageName,
        Mode: inputs.mode,
        ContainerHostname: inputs.containerHostname,
        Environment: inputs.environment === undefined ? undefined : { ...inputs.environment },
        ...(source === undefined
            ? {}
            : {
                  ModelDataSource: {
                      S3DataSource: {
                          S3Uri: source.s3Uri,
                          S3DataType: source.s3DataType as "S3Prefix" | "S3Object",
                          CompressionType: source.compressionType,
                      },
                  },
              }),
    };
}

function containerOf(found: ContainerDefinition) {
    const source = found.ModelDataSource?.S3DataSource;
    return {
        image: found.Image,
        modelDataUrl: found.ModelDataUrl,
        modelPackageName: found.ModelPackageName,
        mode: found.Mode,
        containerHostname: found.ContainerHostname,
        environment: found.Environment,
        modelDataSource: source && {
            s3DataSource: {
                s3Uri: source.S3Uri,
                s3DataType: source.S3DataType,
                compressionType: source.CompressionType,
            },
        },
    };
}

export const model = resourceType({
    type: "aws:sagemaker/model:Model",
    arguments: {
        name: text,
        executionRoleArn: required(text),
        primaryContainer: object(containerArguments),
        containers: listOf(object(containerArguments)),
        enableNetworkIsolation: flag,
        vpcConfig: recordedOnly(
            object({ subnets: required(listOf(text)), securityGroupIds: required(listOf(text)) }),
            "models are served on this machine's network",
        ),
        tags: mapOf(text),
    },
    replacedBy: ["executionRoleArn", "primaryContainer", "containers", "enableNetworkIsolation", "vpcConfig"],
    naming: { property: "name", maximum: 63 },
    assumed: { enableNetworkIsolation: false },

    async create(inputs, { services: { sagemaker } }, resumed) {
        const ModelName = String(inputs.name);
        const { primaryContainer, containers } = inputs;
        await createOnceInSageMaker(resumed, () =>
            sagemaker.operations.CreateModel(
                {
                    ModelName,
                    ExecutionRoleArn: inputs.executionRoleArn,
                    PrimaryContainer: primaryContainer === undefined ? undefined : container(primaryContainer),
                    Containers: containers?.map(container),
                    EnableNetworkIsolation: inputs.enableNetworkIsolation,
                    Tags: tagList(inputs.tags),
                },
                root,
            ),
        );
        return { id: ModelName, outputs: { arn: arn("sagemaker", `model/${ModelName.toLowerCase()}`) } };
    },

    async read(id, { services: { sagemaker } }) {
        const found = await foundInSageMaker(() => sagemaker.operations.DescribeModel({ ModelName: id }, root));
        if (found === undefined) return undefined;
        return {
            name: id,
            executionRoleArn: found.ExecutionRoleArn,
            primaryContainer: found.PrimaryContainer && containerOf(found.PrimaryContainer),
            containers: found.Containers?.map(containerOf),
            enableNetworkIsolation: found.EnableNetworkIsolation,
            tags: await sagemakerTags(sagemaker, found.ModelArn),
            arn: found.ModelArn,
        };
    },

    async update({ outputs, inputs: earlier }, inputs, { services: { sagemaker } }) {
        await retagInSageMaker(sagemaker, outputs.arn, earlier.tags, inputs.tags);
        return {};
    },

    async delete({ id }, { services: { sagemaker } }) {
        await unlessMissingInSageMaker(() => sagemaker.operations.DeleteModel({ ModelName: id }, root));
    },
});

export const modelPackageGroup = resourceType({
    type: "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
    arguments: { modelPackageGroupName: required(text), modelPackageGroupDescription: text, tags: mapOf(text) },
    replacedBy: ["modelPackageGroupName", "modelPackageGroupDescription"],
    identity: ["modelPackageGroupName"],

    async create(inputs, { services: { sagemaker } }, resumed) {
        const ModelPackageGroupName = inputs.modelPackageGroupName;
        await createOnceInSageMaker(resumed, () =>
            sagemaker.operations.CreateModelPackageGroup(
                {
                    ModelPackageGroupName,
                    ModelPackageGroupDescription: inputs.modelPackageGroupDescription,
                    Tags: tagList(inputs.tags),
                },
                root,
            ),
        );
        return {
            id: ModelPackageGroupName,
            outputs: { arn: arn("sagemaker", `model-package-group/${ModelPackageGroupName}`) },
        };
    },

    async read(id, { services: { sagemaker } }) {
        const found = await foundInSageMaker(() =>
            sagemaker.operations.DescribeModelPackageGroup({ ModelPackageGroupName: id }, root),
        );
        if (found === undefined) return undefined;
        return {
            modelPackageGroupName: id,
            modelPackageGroupDescription: found.ModelPackageGroupDescription,
            tags: await sagemakerTags(sagemaker, found.ModelPackageGroupArn),
            arn: found.ModelPackageGroupArn,
        };
    },

    async update({ outputs, inputs: earlier }, inputs, { services: { sagemaker } }) {
        await retagInSageMaker(sagemaker, outputs.arn, earlier.tags, inputs.tags);
        return {};
    },

    async delete({ id }, { services: { sagemaker } }) {
        await unlessMissingInSageMaker(() =>
            sagemaker.operations.DeleteModelPackageGroup({ ModelPackageGroupName: id }, root),
        );
    },
});
