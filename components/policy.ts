import * as pulumi from "@pulumi/pulumi";
import { type PolicyStatement, statementProblems } from "./inline";

/**
 * An IAM policy that allows the statements, as JSON. Fails at deployment for a statement that is too broad: an action with
 * a wildcard, or every resource where IAM could limit them.
 * @param denied what is not allowed although a statement allows it. @default nothing
 */
export function policyDocument(
    statements: pulumi.Input<readonly pulumi.Input<PolicyStatement>[]>,
    denied: readonly Pick<PolicyStatement, "actions" | "resources">[] = [],
): pulumi.Output<string> {
    return pulumi.all([statements, denied]).apply(([all, exceptions]) => {
        const problems = all.flatMap((each) => statementProblems(each as PolicyStatement));
        if (problems.length > 0) throw new pulumi.RunError(`A policy is too broad: ${problems.join("; ")}.`);
        return JSON.stringify({
            Version: "2012-10-17",
            Statement: [
                ...exceptions.map(({ actions, resources }) => ({
                    Effect: "Deny",
                    Action: [...actions],
                    Resource: [...resources],
                })),
                ...all
                    .filter(({ actions }) => actions.length > 0)
                    .map(({ actions, resources, conditions }) => ({
                        Effect: "Allow",
                        Action: [...actions],
                        Resource: [...resources],
                        ...(conditions === undefined ? {} : { Condition: conditions }),
                    })),
            ],
        });
    });
}

/** The trust policy of a role that an AWS service takes on, optionally only on behalf of this account. */
export function trustPolicy(service: string, sourceAccount?: pulumi.Input<string>): pulumi.Output<string> {
    return pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
            {
                Effect: "Allow",
                Principal: { Service: service },
                Action: "sts:AssumeRole",
                ...(sourceAccount === undefined
                    ? {}
                    : { Condition: { StringEquals: { "aws:SourceAccount": sourceAccount } } }),
            },
        ],
    });
}
