import type { UpdateModelPackageInput } from "@aws-sdk/client-sagemaker";
import type { ModelPackage } from "./packages";

/** The package after an update. What is not given stays as it is. */
export function updatedPackage(before: ModelPackage, input: UpdateModelPackageInput, now = new Date()): ModelPackage {
    const properties = { ...before.CustomerMetadataProperties, ...input.CustomerMetadataProperties };
    for (const name of input.CustomerMetadataPropertiesToRemove ?? []) delete properties[name];
    return {
        ...before,
        ModelApprovalStatus: input.ModelApprovalStatus ?? before.ModelApprovalStatus,
        ApprovalDescription: input.ApprovalDescription ?? before.ApprovalDescription,
        InferenceSpecification: input.InferenceSpecification ?? before.InferenceSpecification,
        SourceUri: input.SourceUri ?? before.SourceUri,
        ModelLifeCycle: input.ModelLifeCycle ?? before.ModelLifeCycle,
        CustomerMetadataProperties: Object.keys(properties).length === 0 ? undefined : properties,
        LastModifiedTime: now,
        LastModifiedBy: {},
    };
}
