import type { ServiceResources } from "../provider/resource-type";
import { endpoint } from "./sagemaker-endpoint";
import { endpointConfiguration } from "./sagemaker-endpoint-configuration";
import { getPrebuiltEcrImage } from "./sagemaker-image";
import { model, modelPackageGroup } from "./sagemaker-model";

export const sagemaker: ServiceResources = {
    resources: [model, modelPackageGroup, endpointConfiguration, endpoint],
    functions: [getPrebuiltEcrImage],
};
