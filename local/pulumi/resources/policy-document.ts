// The policy document that aws.iam.getPolicyDocument makes of its arguments.

interface Principals {
    readonly type: string;
    readonly identifiers: readonly string[];
}

export interface PolicyArguments {
    readonly policyId?: string;
    readonly version?: string;
    readonly sourcePolicyDocuments?: readonly string[];
    readonly statements?: readonly {
        readonly sid?: string;
        readonly effect?: string;
        readonly actions?: readonly string[];
        readonly notActions?: readonly string[];
        readonly resources?: readonly string[];
        readonly notResources?: readonly string[];
        readonly principals?: readonly Principals[];
        readonly notPrincipals?: readonly Principals[];
        readonly conditions?: readonly {
            readonly test: string;
            readonly variable: string;
            readonly values: readonly string[];
        }[];
    }[];
}

type OneOrMore = string | readonly string[];

export function policyDocument({ policyId, version, statements, sourcePolicyDocuments }: PolicyArguments): object {
    const own = (statements ?? []).map((statement) =>
        defined({
            Sid: statement.sid,
            Effect: statement.effect ?? "Allow",
            Action: oneOrMore(statement.actions),
            NotAction: oneOrMore(statement.notActions),
            Resource: oneOrMore(statement.resources),
            NotResource: oneOrMore(statement.notResources),
            Principal: principalsOf(statement.principals),
            NotPrincipal: principalsOf(statement.notPrincipals),
            Condition: conditionsOf(statement.conditions),
        }),
    );
    const others = (sourcePolicyDocuments ?? []).flatMap((source) => [JSON.parse(source).Statement].flat());
    return defined({ Version: version ?? "2012-10-17", Id: policyId, Statement: [...others, ...own] });
}

function principalsOf(principals: readonly Principals[] | undefined) {
    if (principals === undefined || principals.length === 0) return undefined;
    const byType = new Map<string, string[]>();
    for (const { type, identifiers } of principals) {
        if (type === "*") return "*";
        byType.set(type, [...(byType.get(type) ?? []), ...identifiers]);
    }
    return Object.fromEntries([...byType].map(([type, identifiers]) => [type, oneOrMore(identifiers)]));
}

function conditionsOf(conditions: NonNullable<PolicyArguments["statements"]>[number]["conditions"]) {
    if (conditions === undefined || conditions.length === 0) return undefined;
    const result: Record<string, Record<string, OneOrMore | undefined>> = {};
    for (const { test, variable, values } of conditions) {
        result[test] = { ...result[test], [variable]: oneOrMore(values) };
    }
    return result;
}

function oneOrMore(values: readonly string[] | undefined): OneOrMore | undefined {
    return values?.length === 1 ? values[0] : values;
}

function defined(members: Readonly<Record<string, unknown>>): object {
    return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
