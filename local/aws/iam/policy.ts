import { AwsError, account } from "../service";
import { type ConditionContext, type Conditions, conditionsHold, unknownOperators, withVariables } from "./conditions";
import { matches } from "./wildcard";

type OneOrMore = string | readonly string[];

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
    for (const statement of statements(policy)) {
        if (!applies(statement, request)) continue;
        if (statement.Effect === "Deny") return "deny";
        decision = "allow";
    }
    return decision;
}

function statements(policy: PolicyDocument): readonly PolicyStatement[] {
    return [policy.Statement].flat() as readonly PolicyStatement[];
}

function applies(statement: PolicyStatement, request: PolicyRequest): boolean {
    const { action, resource, context, principal } = request;
    const lowerAction = action.toLowerCase();
    const hasAction = (patterns: OneOrMore) => list(patterns).some((p) => matches(p.toLowerCase(), lowerAction));
    const hasResource = (patterns: OneOrMore) =>
        list(patterns).some((p) => matches(withVariables(p, context), resource));
    if (statement.Action !== undefined && !hasAction(statement.Action)) return false;
    if (statement.NotAction !== undefined && hasAction(statement.NotAction)) return false;
    if (statement.Resource !== undefined && !hasResource(statement.Resource)) return false;
    if (statement.NotResource !== undefined && hasResource(statement.NotResource)) return false;
    if (principal !== undefined && !principalMatches(statement, principal)) return false;
    return statement.Condition === undefined || conditionsHold(statement.Condition, context);
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
    const found: readonly unknown[] = [policy.Statement].flat();
    found.forEach((statement, index) => {
        problems.push(...statementProblems(statement, kind).map((problem) => `statement ${index + 1} ${problem}`));
    });
    if (problems.length > 0) throw malformed(problems);
    const document = policy as unknown as PolicyDocument;
    const missing = statements(document).flatMap((statement) => unknownOperators(statement.Condition ?? {}));
    if (missing.length > 0) {
        throw new AwsError(
            "NotImplemented",
            `The local twin does not evaluate the IAM condition ${missing.join(", ")}.`,
            501,
        );
    }
    return document;
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
    if (statement.NotPrincipal !== undefined)
        problems.push("uses NotPrincipal, which the local twin does not evaluate");
    if (kind === "identity" && statement.Principal !== undefined)
        problems.push("has a Principal, which identity policies have not");
    if (kind !== "identity" && statement.Principal !== "*" && !isRecord(statement.Principal))
        problems.push("needs a Principal");
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
    return isRecord(value) && Object.values(value).every(isRecord);
}

function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function malformed(problems: readonly string[]): AwsError {
    return new AwsError("MalformedPolicyDocument", `The policy is malformed: ${problems.join("; ")}.`);
}
