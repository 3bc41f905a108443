import { AwsError, account } from "../service";
import { isEvaluatedKey } from "./condition-keys";
import { type ConditionContext, type Conditions, conditionsHold, unknownConditions } from "./conditions";
import { patternWithVariables, variableKeys } from "./variables";
import { matches } from "./wildcard";

type OneOrMore = string | readonly string[];

/** The version of the policy language with variables, and the one before, which a policy without a version has. */
const currentVersion = "2012-10-17";
const firstVersion = "2008-10-17";

/** Nobody comes to the twin from an identity provider: such a principal is known, and never the caller. */
const principalTypes = ["AWS", "Service", "Federated"];

export interface PolicyDocument {
    readonly Version?: string;
    readonly Id?: string;
    readonly Statement: PolicyStatement | readonly PolicyStatement[];
}

export interface PolicyStatement {
    readonly Sid?: string;
    readonly Effect: "Allow" | "Deny";
    /** In resource policies: `"*"`, or `{ AWS: … }`, `{ Service: … }`. */
    readonly Principal?: "*" | Readonly<Record<string, OneOrMore>>;
    readonly Action?: OneOrMore;
    readonly NotAction?: OneOrMore;
    readonly Resource?: OneOrMore;
    readonly NotResource?: OneOrMore;
    readonly Condition?: Conditions;
}

export interface PolicyRequest {
    readonly action: string;
    readonly resource: string;
    readonly context: ConditionContext;
    /** Who asks; for resource policies only. */
    readonly principal?: Principal;
}

/** A role's session, or a service such as `s3.amazonaws.com`. */
export type Principal =
    | { readonly kind: "role"; readonly roleArn: string; readonly sessionArn: string }
    | { readonly kind: "service"; readonly service: string };

export type Decision = "deny" | "allow" | "none";

/** What a policy says about a request: an explicit denial wins over any permission. */
export function decide(policy: PolicyDocument, request: PolicyRequest): Decision {
    let decision: Decision = "none";
    const variables = policy.Version === currentVersion;
    for (const statement of statements(policy)) {
        if (!applies(statement, request, variables)) continue;
        if (statement.Effect === "Deny") return "deny";
        decision = "allow";
    }
    return decision;
}

function statements(policy: PolicyDocument): readonly PolicyStatement[] {
    return [policy.Statement].flat() as readonly PolicyStatement[];
}

function applies(statement: PolicyStatement, request: PolicyRequest, variables: boolean): boolean {
    const { action, resource, context, principal } = request;
    const lowerAction = action.toLowerCase();
    const hasAction = (patterns: OneOrMore) => list(patterns).some((p) => matches(p.toLowerCase(), lowerAction));
    const hasResource = (patterns: OneOrMore) =>
        list(patterns).some((p) => matches(variables ? patternWithVariables(p, context) : p, resource));
    if (statement.Action !== undefined && !hasAction(statement.Action)) return false;
    if (statement.NotAction !== undefined && hasAction(statement.NotAction)) return false;
    if (statement.Resource !== undefined && !hasResource(statement.Resource)) return false;
    if (statement.NotResource !== undefined && hasResource(statement.NotResource)) return false;
    if (principal !== undefined && !principalMatches(statement, principal)) return false;
    return statement.Condition === undefined || conditionsHold(statement.Condition, context, variables);
}

function principalMatches({ Principal: wanted, Effect }: PolicyStatement, principal: Principal): boolean {
    if (wanted === undefined) return false;
    if (wanted === "*") return true;
    if (principal.kind === "service") return list(wanted.Service ?? []).includes(principal.service);
    return list(wanted.AWS ?? []).some((name) => {
        if (name === "*" || name === principal.roleArn || name === principal.sessionArn) return true;
        // The account as principal lets its own policies decide, so it permits nothing by itself.
        return Effect === "Deny" && (name === account || name === `arn:aws:iam::${account}:root`);
    });
}

function list(value: OneOrMore): readonly string[] {
    return typeof value === "string" ? [value] : value;
}

/**
 * Reads a policy. `kind` says what it must have: an identity policy resources, a resource or trust policy principals.
 * @throws AwsError MalformedPolicyDocument, with everything that is wrong; NotImplemented for what the twin lacks.
 */
export function parsePolicy(text: string, kind: "identity" | "resource" | "trust"): PolicyDocument {
    let policy: unknown;
    try {
        policy = JSON.parse(text);
    } catch (error) {
        throw malformed([`it is not JSON (${(error as Error).message})`]);
    }
    if (!isRecord(policy) || policy.Statement === undefined) throw malformed(["it has no Statement"]);
    const problems: string[] = [];
    const { Version: version } = policy;
    if (version !== undefined && version !== currentVersion && version !== firstVersion) {
        problems.push(`its Version must be ${currentVersion} or ${firstVersion}`);
    }
    const found: readonly unknown[] = [policy.Statement].flat();
    found.forEach((statement, index) => {
        problems.push(...statementProblems(statement, kind).map((problem) => `statement ${index + 1} ${problem}`));
    });
    if (problems.length > 0) throw malformed(problems);
    const document = policy as unknown as PolicyDocument;
    const missing = statements(document).flatMap((statement) => notEvaluated(statement, kind));
    if (missing.length > 0) {
        throw new AwsError(
            "NotImplemented",
            `The local twin does not evaluate in IAM policies: ${[...new Set(missing)].join(", ")}.`,
            501,
        );
    }
    return document;
}

/** What a statement asks of IAM that the twin does not do. */
function notEvaluated(statement: PolicyStatement, kind: "identity" | "resource" | "trust"): string[] {
    const { Principal: principal = "*", Resource: resource = [], NotResource: notResource = [], Condition } = statement;
    const types = principal === "*" ? [] : Object.keys(principal);
    const variables = [...list(resource), ...list(notResource)].flatMap(variableKeys);
    return [
        ...("NotPrincipal" in statement ? ["NotPrincipal"] : []),
        ...types.filter((type) => !principalTypes.includes(type)).map((type) => `principals of type ${type}`),
        ...variables.filter((key) => !isEvaluatedKey(key)).map((key) => `variable \${${key}}`),
        ...unknownConditions(Condition ?? {}),
        ...(kind === "trust" ? sourceArnKeys(Condition ?? {}) : []),
    ];
}

/** A service that takes on a role says here only for which account it does so. */
function sourceArnKeys(conditions: Conditions): string[] {
    return Object.values(conditions)
        .flatMap((keys) => Object.keys(keys))
        .filter((key) => key.toLowerCase() === "aws:sourcearn")
        .map((key) => `key ${key} in trust policies`);
}

function statementProblems(statement: unknown, kind: "identity" | "resource" | "trust"): string[] {
    if (!isRecord(statement)) return ["is not an object"];
    const problems: string[] = [];
    const exactlyOne = (name: string) => {
        const given = [name, `Not${name}`].filter((key) => statement[key] !== undefined);
        if (given.length !== 1) problems.push(`needs either ${name} or Not${name}`);
        for (const key of given) {
            const values: readonly unknown[] = [statement[key]].flat();
            if (values.length === 0 || values.some((value) => typeof value !== "string" || value === "")) {
                problems.push(`has a ${key} that is not a text or a list of texts`);
            }
        }
    };
    if (statement.Effect !== "Allow" && statement.Effect !== "Deny") problems.push("needs Effect Allow or Deny");
    exactlyOne("Action");
    if (kind !== "trust") exactlyOne("Resource");
    if (kind === "identity" && statement.Principal !== undefined)
        problems.push("has a Principal, which identity policies have not");
    if (kind !== "identity" && statement.NotPrincipal === undefined) {
        if (statement.Principal !== "*" && !isRecord(statement.Principal)) problems.push("needs a Principal");
    }
    if (isRecord(statement.Principal)) {
        for (const name of texts(statement.Principal.AWS)) {
            if (name !== "*" && /[*?]/.test(name))
                problems.push(`has the principal ${name}: no wildcards in principals`);
        }
    }
    for (const action of texts(statement.Action ?? statement.NotAction)) {
        if (action !== "*" && !/^[^:]+:[^:]+$/.test(action)) {
            problems.push(`has the action ${action}, which must be prefaced by a vendor, as in s3:GetObject`);
        }
    }
    for (const resource of texts(statement.Resource ?? statement.NotResource)) {
        if (resource !== "*" && !resource.startsWith("arn:")) {
            problems.push(`has the resource ${resource}, which must be in ARN format or "*"`);
        }
    }
    if (statement.Condition !== undefined && !isCondition(statement.Condition)) {
        problems.push("has a Condition that is not { operator: { key: value } }");
    }
    const known = [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ];
    const unknown = Object.keys(statement).filter((key) => !known.includes(key));
    if (unknown.length > 0) problems.push(`has unknown members ${unknown.join(", ")}`);
    return problems;
}

function isCondition(value: unknown): boolean {
    const isScalar = (given: unknown) => ["string", "number", "boolean"].includes(typeof given);
    return (
        isRecord(value) &&
        Object.values(value).every((keys) => isRecord(keys) && Object.values(keys).flat().every(isScalar))
    );
}

function texts(value: unknown): string[] {
    return [value].flat().filter((each): each is string => typeof each === "string" && each !== "");
}

function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function malformed(problems: readonly string[]): AwsError {
    return new AwsError("MalformedPolicyDocument", `The policy is malformed: ${problems.join("; ")}.`);
}
