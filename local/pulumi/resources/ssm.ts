import { root } from "../../aws/service";
import type { Services } from "../../aws/services";
import { foundOrUndefined, unlessMissing } from "../provider/outcome";
import { resourceType, type ServiceResources } from "../provider/resource-type";
import { type ArgumentsOf, type CheckFailure, flag, mapOf, oneOf, required, text } from "../provider/shape";
import { arn } from "./arn";
import { changeTags, tagList, tagMap } from "./tags";

const missing = ["ParameterNotFound"];
const defaultKey = "alias/aws/ssm";

const parameterArguments = {
    name: text,
    type: required(oneOf("String", "StringList", "SecureString")),
    value: text,
    insecureValue: text,
    tier: oneOf("Standard", "Advanced", "Intelligent-Tiering"),
    description: text,
    keyId: text,
    allowedPattern: text,
    dataType: oneOf("text"),
    overwrite: flag,
    tags: mapOf(text),
};

type ParameterArguments = ArgumentsOf<typeof parameterArguments>;

const parameter = resourceType({
    type: "aws:ssm/parameter:Parameter",
    arguments: parameterArguments,
    replacedBy: ["dataType"],
    naming: { property: "name", maximum: 2048 },
    changedByUpdate: ["version", "tier"],
    assumed: { dataType: "text" },
    secretOutputs: ["value"],

    validate({ value, insecureValue, type }) {
        const failures: CheckFailure[] = [];
        if ((value === undefined) === (insecureValue === undefined)) {
            failures.push({ property: "value", reason: "must be given, or else insecureValue, and not both" });
        }
        if (insecureValue !== undefined && type === "SecureString") {
            failures.push({ property: "insecureValue", reason: "cannot be of type SecureString: use value" });
        }
        return failures;
    },

    async create(inputs, { services: { ssm } }, resumed) {
        const Name = String(inputs.name);
        const overwrite = resumed || (inputs.overwrite ?? false);
        const { Tier } = await put(ssm, inputs, overwrite);
        // Tags cannot be put together with a value that overwrites.
        if (overwrite) await retag(ssm, Name, {}, inputs.tags);
        return { id: Name, outputs: { ...(await computed(ssm, inputs)), tier: Tier } };
    },

    async read(id, { services: { ssm } }, inputs) {
        const found = await foundOrUndefined(missing, () =>
            ssm.operations.GetParameter({ Name: id, WithDecryption: true }, root),
        );
        if (found?.Parameter === undefined) return undefined;
        const { Name, Type, Value, Version, ARN } = found.Parameter;
        const argument = inputs?.insecureValue === undefined ? "value" : "insecureValue";
        const { TagList } = await ssm.operations.ListTagsForResource(
            { ResourceType: "Parameter", ResourceId: id },
            root,
        );
        const tags = tagMap(TagList);
        return { name: Name, type: Type, [argument]: Value, tags, version: Version, arn: ARN, dataType: "text" };
    },

    async update({ inputs: earlier, outputs }, inputs, { services: { ssm } }) {
        const valueAndSettings = ({ tags, overwrite, ...rest }: ParameterArguments) =>
            JSON.stringify(Object.entries(rest).sort());
        const isSame = valueAndSettings(earlier) === valueAndSettings(inputs);
        const tier = isSame ? outputs.tier : (await put(ssm, inputs, true)).Tier;
        await retag(ssm, String(inputs.name), earlier.tags, inputs.tags);
        return { ...(await computed(ssm, inputs)), tier };
    },

    async delete({ id }, { services: { ssm } }) {
        await unlessMissing(missing, () => ssm.operations.DeleteParameter({ Name: id }, root));
    },
});

type Ssm = Services["ssm"];

/** What an argument that is left out stands for: an update must put it back. */
function put(ssm: Ssm, inputs: ParameterArguments, Overwrite: boolean) {
    return ssm.operations.PutParameter(
        {
            Name: String(inputs.name),
            Type: inputs.type,
            Value: inputs.value ?? inputs.insecureValue,
            Tier: inputs.tier,
            Description: inputs.description ?? "",
            AllowedPattern: inputs.allowedPattern ?? "",
            KeyId: inputs.type === "SecureString" ? (inputs.keyId ?? defaultKey) : undefined,
            Tags: Overwrite ? undefined : tagList(inputs.tags),
            Overwrite,
        },
        root,
    );
}

async function retag(
    ssm: Ssm,
    ResourceId: string,
    earlier: ParameterArguments["tags"],
    tags: ParameterArguments["tags"],
): Promise<void> {
    const resource = { ResourceType: "Parameter" as const, ResourceId };
    await changeTags(earlier, tags, {
        remove: (TagKeys) => ssm.operations.RemoveTagsFromResource({ ...resource, TagKeys }, root),
        add: (added) => ssm.operations.AddTagsToResource({ ...resource, Tags: tagList(added) }, root),
    });
}

async function computed(ssm: Ssm, inputs: ParameterArguments) {
    const Name = String(inputs.name);
    const { Parameter } = await ssm.operations.GetParameter({ Name }, root);
    return {
        arn: arn("ssm", `parameter${Name.startsWith("/") ? "" : "/"}${Name}`),
        version: Parameter?.Version,
        dataType: "text",
        ...(inputs.type === "SecureString" ? { keyId: inputs.keyId ?? defaultKey } : {}),
    };
}

export const ssm: ServiceResources = { resources: [parameter] };
