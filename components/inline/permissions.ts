import { types } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import type { Location } from "./inline-error";

/** One statement of an IAM policy, of effect Allow. Resources are ARNs, possibly not known yet. */
export interface PolicyStatement {
    /** IAM actions, for example `s3:GetObject`; each names one action of a service. */
    readonly actions: readonly string[];
    /** ARNs or ARN patterns that the actions are allowed on. */
    readonly resources: readonly pulumi.Input<string>[];
    /** IAM condition block: operator -> key -> values. */
    readonly conditions?: Readonly<Record<string, Readonly<Record<string, pulumi.Input<string> | readonly string[]>>>>;
    /** What it is needed for, in a few words for people. @default nothing is said */
    readonly because?: string;
    /** Every resource is meant. @default false: a resource that matches everything is an error */
    readonly onAll?: boolean;
}

/** A statement, and the code that needs it. */
export interface Grant extends PolicyStatement {
    /** What needs it: in the program's words, such as `queues.sales.send`, or in the component's. */
    readonly because: string;
    /** Where it is needed. */
    readonly at: readonly Location[];
}

/** Actions that IAM cannot limit to a resource: only `*` can stand there. For all others a bare `*` is refused. */
export const actionsWithoutResources: ReadonlySet<string> = new Set([
    "cloudwatch:PutMetricData",
    "ecr:GetAuthorizationToken",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "kinesis:ListStreams",
    "s3:ListAllMyBuckets",
    "secretsmanager:GetRandomPassword",
    "ssm:DescribeParameters",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
]);

/** A pattern that every ARN fits, or nearly. */
const everything = /^\s*(arn:)?[*?:\s]+$/;

const action = /^[a-z0-9-]+:[A-Za-z0-9]+$/;

/**
 * Permits a handler what its code does with outputs that it reads: one of a stage's `permissions`.
 *
 * ```ts
 * mail.stage("archive", { permissions: [allow(["s3:PutObject"], pulumi.interpolate`${archive.arn}/*`)] }, …)
 * ```
 *
 * @param actions IAM actions, each in full: `s3:PutObject`, never `s3:*`. An empty list says that an output is read without
 * any permission being needed, which silences the warning about it.
 * @param resources ARNs or ARN patterns; `*` alone only for actions that IAM cannot limit to a resource.
 * @throws RunError with everything that is too broad or no action.
 */
export function allow(actions: readonly string[], ...resources: readonly pulumi.Input<string>[]): PolicyStatement {
    const statement = { actions, resources };
    const problems = statementProblems(statement);
    if (resources.length === 0) problems.push("it names no resource; give the ARN that the actions are allowed on");
    if (problems.length > 0) throw new pulumi.RunError(`allow(${written(actions)}, …): ${problems.join("; ")}`);
    return statement;
}

/**
 * Permits a handler actions on every resource: for those that AWS cannot limit and that `allow` does not know as such.
 *
 * @param actions IAM actions, each in full.
 * @param reason Why it must be every resource; `sortline permissions` shows it.
 * @throws RunError for what is no single action, and without a reason.
 */
export function allowOnAll(actions: readonly string[], reason: string): PolicyStatement {
    const statement = { actions, resources: ["*"], because: reason, onAll: true };
    const problems = statementProblems(statement);
    if (typeof reason !== "string" || reason.trim() === "")
        problems.push("it has no reason; say why it must be every resource");
    if (problems.length > 0) throw new pulumi.RunError(`allowOnAll(${written(actions)}, …): ${problems.join("; ")}`);
    return statement;
}

/** A value for a message, whatever it is. */
function written(value: unknown): string {
    if (pulumi.Output.isInstance(value)) return "an Output";
    if (typeof value === "function") return "a function";
    try {
        return JSON.stringify(value) ?? String(value);
    } catch {
        return String(value);
    }
}

/** What is too broad in a statement, as far as its resources are known, and what is no action or resource at all. */
export function statementProblems({ actions, resources, onAll = false }: PolicyStatement): string[] {
    if (!Array.isArray(actions)) {
        return [`${written(actions)} is no list; give one of actions that are known now, such as ["s3:GetObject"]`];
    }
    const problems = [
        ...Array.from(actions)
            .filter((each) => typeof each !== "string" || !action.test(each))
            .map((each) => `${written(each)} is no single action; write it in full, such as "s3:GetObject"`),
        ...resources
            .filter((each) => typeof each !== "string" && !pulumi.Output.isInstance(each) && !types.isPromise(each))
            .map((each) => `${written(each)} is no resource; give an ARN, or an Output of one`),
    ];
    const limitable = actions.filter((each) => !actionsWithoutResources.has(each));
    const broad = onAll ? undefined : resources.find((each) => typeof each === "string" && everything.test(each));
    if (limitable.length > 0 && broad !== undefined) {
        problems.push(
            `${JSON.stringify(broad)} as resource lets ${limitable.join(", ")} reach everything; name the ARN, ` +
                "or, where AWS cannot limit them, use allowOnAll(actions, reason)",
        );
    }
    return problems;
}
