import type { PolicyStatement } from "../../../../local/aws/iam";

export const account = "000000000000";
export const roleArn = `arn:aws:iam::${account}:role/reader`;
export const sessionArn = `arn:aws:sts::${account}:assumed-role/reader/parse`;
export const stream = `arn:aws:kinesis:eu-central-1:${account}:stream/mail`;
export const object = "arn:aws:s3:::mail/in/2026/11/26/a";

export type Outcome = "allowed" | "denied" | "denied by its policy" | "denied by the resource";

/** A request of the role `reader`, and what IAM decides. */
export interface Case {
    /** What comes after "IAM decides that a role may do what it asks". */
    readonly does: string;
    readonly is: Outcome;
    /** Statements by inline policy. */
    readonly policies: readonly (readonly PolicyStatement[])[];
    readonly resourcePolicy?: readonly PolicyStatement[];
    readonly request: readonly [action: string, resource: string];
    /** Values of condition keys that the service gives. */
    readonly context?: Readonly<Record<string, string | readonly string[]>>;
    readonly version: "2012-10-17" | "2008-10-17";
}

type More = Partial<Omit<Case, "does" | "is" | "policies">>;
/** Statements of one policy; without a request to get an object. */
export type Row = readonly [does: string, is: Outcome, statements: readonly PolicyStatement[], more?: More];

export function toCase([does, is, statements, more]: Row): Case {
    return { does, is, policies: [statements], request: ["s3:GetObject", object], version: "2012-10-17", ...more };
}

export function allow(
    Action: string | string[],
    Resource: string | string[] = "*",
    Condition?: PolicyStatement["Condition"],
): PolicyStatement {
    return { Effect: "Allow", Action, Resource, ...(Condition === undefined ? {} : { Condition }) };
}

export function deny(...statement: Parameters<typeof allow>): PolicyStatement {
    return { ...allow(...statement), Effect: "Deny" };
}

/** A statement of a resource's policy, about everything unless `more` says otherwise. */
export function of(
    Effect: "Allow" | "Deny",
    Principal: PolicyStatement["Principal"],
    more: Partial<PolicyStatement> = {},
): PolicyStatement {
    return { Effect, Principal, Action: "*", Resource: "*", ...more };
}
