import type { PutParameterRequest } from "@aws-sdk/client-ssm";
import { AwsError } from "../service";
import { defaultKey } from "./access";
import { checkName } from "./names";
import { type Parameter, parameterTypes, type Tier } from "./parameters";
import { invalid, oneOf, required, violated } from "./validation";

/** Characters of a value, by tier. */
const valueLimits: Readonly<Record<Tier, number>> = { Standard: 4096, Advanced: 8192 };
const longestText = 1024;
const mostTags = 50;
const nested = 'Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.';

/**
 * The parameter that a request makes of the one that there is, if any.
 * @throws AwsError in AWS's words for what Parameter Store refuses; NotImplemented for what the twin lacks.
 */
export function newParameter(name: string, input: PutParameterRequest, current: Parameter | undefined): Parameter {
    refuseUnsupported(input);
    if (name.startsWith("arn:")) throw invalid("Parameter name must not be an ARN.");
    checkName(name);
    const type = oneOf(parameterTypes, input.Type, "type") ?? current?.type;
    const value = required(input.Value, "value");
    if (value === "") throw violated("value", "Member must have length greater than or equal to 1", "");
    if (current !== undefined && input.Overwrite !== true) {
        throw new AwsError(
            "ParameterAlreadyExists",
            "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
        );
    }
    if (type === undefined) throw invalid("A parameter type is required when you create a parameter.");
    if (input.Overwrite === true && (input.Tags?.length ?? 0) > 0) {
        throw invalid(
            "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. " +
                "To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
        );
    }
    const description = input.Description ?? current?.description;
    const allowedPattern = input.AllowedPattern ?? current?.allowedPattern;
    for (const [at, text] of [
        ["description", description],
        ["allowedPattern", allowedPattern],
    ] as const) {
        if ((text?.length ?? 0) > longestText) {
            throw violated(at, `Member must have length less than or equal to ${longestText}`);
        }
    }
    if (type !== "SecureString" && input.KeyId !== undefined) {
        throw invalid("KeyId is required for SecureString type parameter only.");
    }
    if (/\{\{.*\}\}/s.test(value)) throw invalid(nested);
    checkPattern(allowedPattern, value);
    const keyId = input.KeyId ?? current?.keyId ?? defaultKey;
    return {
        name,
        tier: tierOf(input, value, current),
        type,
        description,
        allowedPattern: allowedPattern === "" ? undefined : allowedPattern,
        keyId: type === "SecureString" ? keyId : undefined,
        tags: current?.tags ?? tagsOf(input.Tags),
        version: (current?.version ?? 0) + 1,
    };
}

/** Tags as a request gives them. @throws AwsError when there are too many. */
export function tagsOf(
    given: readonly { readonly Key?: string; readonly Value?: string }[] | undefined,
    earlier: Readonly<Record<string, string>> = {},
): Record<string, string> {
    const tags = { ...earlier };
    for (const { Key, Value } of given ?? []) tags[required(Key, "tags.member.key")] = Value ?? "";
    if (Object.keys(tags).length > mostTags) {
        throw new AwsError("TooManyTagsError", `A parameter has at most ${mostTags} tags.`);
    }
    return tags;
}

function refuseUnsupported({ Policies, DataType }: PutParameterRequest): void {
    const what =
        Policies !== undefined && Policies !== ""
            ? "Policies"
            : DataType !== undefined && DataType !== "text"
              ? `DataType ${DataType}; it has text`
              : undefined;
    if (what !== undefined) {
        throw new AwsError("NotImplemented", `The local twin does not implement ssm PutParameter with ${what}.`, 501);
    }
}

function tierOf(input: PutParameterRequest, value: string, current: Parameter | undefined): Tier {
    const given = oneOf(["Standard", "Advanced", "Intelligent-Tiering"] as const, input.Tier, "tier");
    if (given === "Standard" && current?.tier === "Advanced") {
        throw invalid(
            "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier " +
                "to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.",
        );
    }
    const long = value.length > valueLimits.Standard;
    const needed = given === "Intelligent-Tiering" && long ? "Advanced" : "Standard";
    const tier = given === "Advanced" || current?.tier === "Advanced" ? "Advanced" : needed;
    if (value.length <= valueLimits[tier]) return tier;
    if (tier === "Advanced") {
        throw invalid(
            `Advanced tier parameters support a maximum parameter value of ${valueLimits.Advanced} characters.`,
        );
    }
    throw invalid(
        `Standard tier parameters support a maximum parameter value of ${valueLimits.Standard} characters. ` +
            "To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see " +
            "https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html",
    );
}

function checkPattern(pattern: string | undefined, value: string): void {
    if (pattern === undefined || pattern === "") return;
    let expression: RegExp;
    try {
        expression = new RegExp(`^(?:${pattern})$`);
    } catch {
        throw new AwsError(
            "InvalidAllowedPatternException",
            `The allowed pattern ${pattern} is no regular expression.`,
        );
    }
    if (expression.test(value)) return;
    throw new AwsError(
        "ParameterPatternMismatchException",
        `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
    );
}
