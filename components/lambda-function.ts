import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { InlineFunction, PolicyStatement } from "./inline";
import { policyDocument, trustPolicy } from "./policy";
import { type Transform, transformed } from "./transform";

/** Changes to the children that a function consists of. */
export interface FunctionTransform {
    readonly function?: Transform<aws.lambda.FunctionArgs>;
    readonly role?: Transform<aws.iam.RoleArgs>;
    readonly logGroup?: Transform<aws.cloudwatch.LogGroupArgs>;
}

export interface LambdaFunctionOptions {
    readonly parent: pulumi.Resource;
    readonly description: string;
    readonly code: InlineFunction;
    /** Beside what the code's captured components need. */
    readonly statements: readonly PolicyStatement[];
    readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
    /** MiB. */
    readonly memory: number;
    /** Seconds. */
    readonly timeout: number;
    readonly transform?: FunctionTransform;
}

/** A Lambda function with a role that may do what is granted and nothing else, and a log that expires. */
export interface LambdaFunction {
    readonly function: aws.lambda.Function;
    readonly role: aws.iam.Role;
    /** Whatever calls the function depends on it: a role is of no use before its policy. */
    readonly policy: aws.iam.RolePolicy;
    readonly logGroup: aws.cloudwatch.LogGroup;
}

const LOG_RETENTION_DAYS = 30;

export function lambdaFunction(name: string, options: LambdaFunctionOptions): LambdaFunction {
    const { parent, code, transform } = options;
    const child = { parent };
    const logGroup = new aws.cloudwatch.LogGroup(
        `${name}-logs`,
        transformed({ retentionInDays: LOG_RETENTION_DAYS }, transform?.logGroup),
        child,
    );
    const role = new aws.iam.Role(
        `${name}-role`,
        transformed(
            { description: options.description, assumeRolePolicy: trustPolicy("lambda.amazonaws.com") },
            transform?.role,
        ),
        child,
    );
    const policy = new aws.iam.RolePolicy(
        `${name}-policy`,
        {
            role: role.name,
            policy: policyDocument([
                {
                    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources: [logGroup.arn.apply((arn) => `${arn}:*`)],
                },
                ...options.statements,
                ...code.statements,
            ]),
        },
        child,
    );
    const lambda = new aws.lambda.Function(
        `${name}-function`,
        transformed<aws.lambda.FunctionArgs>(
            {
                description: options.description,
                runtime: "nodejs22.x",
                architectures: ["arm64"],
                handler: code.handler,
                code: code.code,
                role: role.arn,
                memorySize: options.memory,
                timeout: options.timeout,
                environment: { variables: { ...code.environment, ...options.environment } },
                loggingConfig: { logFormat: "JSON", logGroup: logGroup.name },
            },
            transform?.function,
        ),
        { parent, dependsOn: [policy] },
    );
    return { function: lambda, role, policy, logGroup };
}
