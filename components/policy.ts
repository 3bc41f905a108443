import * as pulumi from "@pulumi/pulumi";
import type { PolicyStatement } from "./inline";

/** An IAM policy that allows the statements, as JSON. */
export function policyDocument(statements: readonly PolicyStatement[]): pulumi.Output<string> {
    return pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: statements.map(({ actions, resources, conditions }) => ({
            Effect: "Allow",
            Action: [...actions],
            Resource: [...resources],
            ...(conditions === undefined ? {} : { Condition: conditions }),
        })),
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
