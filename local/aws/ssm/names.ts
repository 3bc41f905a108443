import { AwsError, account, region } from "../service";
import { invalid } from "./validation";

const arnPrefix = `arn:aws:ssm:${region}:${account}:parameter`;

/** Characters of a name together with the ARN before it. */
const longest = 1011;
const deepest = 15;

/** A parameter as a request names it. */
export interface Reference {
    readonly name: string;
    /** The version after the colon; undefined for the newest one. */
    readonly version: number | undefined;
    /** What stood after the name, with its colon, as answers repeat it. */
    readonly selector: string | undefined;
}

/** The ARN of a parameter. The slash that a path begins with is the one after `parameter`. */
export function parameterArn(name: string): string {
    return `${arnPrefix}${name.startsWith("/") ? "" : "/"}${name}`;
}

/** What a request for that name is authorised on. AWS has no ARN for what cannot be a name. */
export function authorizedArn(name: string): string {
    return isName(name) ? parameterArn(name) : `arn:aws:ssm:${region}:${account}:*`;
}

/**
 * Reads a name or ARN, with a version or without.
 * @param has Is there a parameter of that name? An ARN does not tell `/name` from `name`.
 * @throws AwsError ValidationException, or NotImplemented for a label.
 */
export function readReference(given: string, has: (name: string) => boolean): Reference {
    let rest = given.trim();
    if (rest.startsWith("arn:")) {
        if (!rest.startsWith(`${arnPrefix}/`)) {
            throw invalid(`The parameter ${given} is another account's or region's; here they are ${arnPrefix}/NAME.`);
        }
        rest = rest.slice(arnPrefix.length);
        const path = rest.replace(/:.*$/, "");
        if (!has(path) && !path.slice(1).includes("/")) rest = rest.slice(1);
    }
    const [name = "", selector, ...more] = rest.split(":");
    if (selector === undefined) return { name, version: undefined, selector: undefined };
    if (more.length === 0 && /^[1-9]\d{0,9}$/.test(selector)) {
        return { name, version: Number(selector), selector: `:${selector}` };
    }
    throw new AwsError(
        "NotImplemented",
        `The local twin has no labels of parameters: '${given}' must be a name, or a name and a version such as name:3.`,
        501,
    );
}

/** @throws AwsError when no parameter can have this name. */
export function checkName(name: string): void {
    const levels = name.split("/").length - 1;
    if (levels > deepest) {
        throw new AwsError(
            "HierarchyLevelLimitExceededException",
            `Parameter name must have at most ${deepest} levels: ${name} has ${levels}.`,
        );
    }
    if (/^\/?(aws|ssm)/i.test(name)) {
        throw invalid('Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).');
    }
    if (parameterArn(name).length > longest) {
        throw invalid(`Parameter name must be at most ${longest} characters long, the ARN before it included.`);
    }
    if (name.includes("/") && !name.startsWith("/")) throw invalid("Parameter name must be a fully qualified name.");
    if (!isName(name)) {
        throw invalid(
            "Parameter name: can be formed as a mix of letters, numbers and the following 3 symbols .-_ " +
                "If formed as a path, it can consist of sub-paths divided by slash symbol.",
        );
    }
}

function isName(name: string): boolean {
    return /^([\w.-]+|(\/[\w.-]+)+)$/.test(name);
}
