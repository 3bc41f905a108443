import { region } from "../../aws/service";
import { providerFunction } from "../provider/resource-type";
import { required, text } from "../provider/shape";

/** AWS's registries in the twin's region, by the account that owns them. */
const registries: Readonly<Record<string, readonly string[]>> = {
    "492215442770": ["sagemaker-scikit-learn", "sagemaker-xgboost", "sagemaker-sparkml-serving"],
    "763104351884": [
        "huggingface-pytorch-inference",
        "huggingface-pytorch-training",
        "huggingface-pytorch-tgi-inference",
        "pytorch-inference",
        "pytorch-training",
        "tensorflow-inference",
        "tensorflow-training",
    ],
};

export const getPrebuiltEcrImage = providerFunction({
    token: "aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage",
    arguments: { repositoryName: required(text), dnsSuffix: text, imageTag: text },
    async invoke({ repositoryName, dnsSuffix = "amazonaws.com", imageTag = "1" }) {
        const registryId = Object.keys(registries).find((id) => registries[id]?.includes(repositoryName));
        if (registryId === undefined) {
            const known = Object.values(registries).flat().sort().join(", ");
            throw new Error(`No image repository "${repositoryName}" is known for ${region}. Known: ${known}.`);
        }
        const registryPath = `${registryId}.dkr.ecr.${region}.${dnsSuffix}/${repositoryName}:${imageTag}`;
        return { id: registryId, registryId, registryPath, repositoryName, imageTag, dnsSuffix, region };
    },
});
