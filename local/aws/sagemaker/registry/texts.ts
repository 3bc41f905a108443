import type { CreateModelPackageInput, UpdateModelPackageInput } from "@aws-sdk/client-sagemaker";
import type { Problems } from "../validation";

/** What SageMaker takes of a text: its length, and the pattern of the whole of it, as its API reference has them. */
interface TextRule {
    readonly from: number;
    readonly to: number;
    readonly form: RegExp;
    /** The pattern in SageMaker's words. */
    readonly pattern: string;
}

const PROPERTY = { form: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u, pattern: "([\\p{L}\\p{Z}\\p{N}_.:\\/=+\\-@]*)" };
const PROPERTY_NAME: TextRule = { ...PROPERTY, from: 1, to: 128 };
const PROPERTY_VALUE: TextRule = { ...PROPERTY, from: 1, to: 256 };
/** Java's dot takes no end of a line, of which it knows one more than JavaScript. */
const APPROVAL: TextRule = { from: 0, to: 1024, form: /^[^\n\r\u0085\u2028\u2029]*$/, pattern: ".*" };
const DESCRIPTION: TextRule = {
    from: 0,
    to: 1024,
    form: /^[\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]*$/u,
    pattern: "[\\p{L}\\p{M}\\p{Z}\\p{S}\\p{N}\\p{P}]*",
};
const MOST_PROPERTIES = 50;

/** Texts of a model package in which SageMaker does not take everything. */
type PackageTexts = Pick<CreateModelPackageInput, "CustomerMetadataProperties" | "ModelPackageDescription"> &
    Pick<UpdateModelPackageInput, "ApprovalDescription">;

/** Adds what SageMaker would refuse of a package's texts. */
export function checkTexts(problems: Problems, texts: PackageTexts): void {
    check(problems, texts.ModelPackageDescription, "modelPackageDescription", DESCRIPTION);
    check(problems, texts.ApprovalDescription, "approvalDescription", APPROVAL);
    const properties = Object.entries(texts.CustomerMetadataProperties ?? {});
    problems.atMost(properties.length, MOST_PROPERTIES, "customerMetadataProperties");
    for (const [name, value] of properties) {
        check(problems, name, "customerMetadataProperties", PROPERTY_NAME);
        check(problems, value, `customerMetadataProperties.${name}.member`, PROPERTY_VALUE);
    }
}

function check(problems: Problems, text: string | undefined, member: string, rule: TextRule): void {
    if (text === undefined) return;
    const constraint = `Value '${text}' at '${member}' failed to satisfy constraint: Member must`;
    if (text.length < rule.from) problems.add(`${constraint} have length greater than or equal to ${rule.from}`);
    if (text.length > rule.to) problems.add(`${constraint} have length less than or equal to ${rule.to}`);
    if (!rule.form.test(text)) problems.add(`${constraint} satisfy regular expression pattern: ${rule.pattern}`);
}
