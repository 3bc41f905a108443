import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { functionVariables, readsParameters } from "./function-variables";
import { type GrantedPermission, grantedPermissions } from "./granted-permissions";
import type { InlineFunction, Location, NodeRuntime, PolicyStatement } from "./inline";
import type { LogRetentionDays } from "./log-retention";
import { newResource } from "./new-resource";
import { policyDocument, trustPolicy } from "./policy";
import { type Transform, transformed } from "./transform";
import { warnOfUnknownPermissions } from "./unknown-permissions";

/** Changes to the children that a function consists of. */
export interface FunctionTransform {
    readonly function?: Transform<aws.lambda.FunctionArgs>;
    readonly role?: Transform<aws.iam.RoleArgs>;
    readonly logGroup?: Transform<aws.cloudwatch.LogGroupArgs>;
}

/** Whether a function begins traces of its own or goes on with those that somebody else has begun. */
export type Tracing = "active" | "passthrough";

/** Processor that a function runs on: arm64 is the cheaper one. */
export type Architecture = "arm64" | "x86_64";

export interface LambdaFunctionOptions {
    readonly parent: pulumi.Resource;
    readonly description: string;
    readonly code: InlineFunction;
    /** Where the program makes it, for people who ask why it may do something. @default where the code's callback stands */
    readonly location?: Location;
    /** What the component itself needs, beside what the code's captured components need. */
    readonly statements: readonly PolicyStatement[];
    /** What the program permits the code on top of it. @default nothing */
    readonly permissions?: readonly PolicyStatement[];
    readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
    /** MiB. */
    readonly memory: number;
    /** Seconds. */
    readonly timeout: number;
    /** Calls at a time. @default no limit of its own */
    readonly concurrency?: number;
    /** @default 30 */
    readonly logRetentionDays?: LogRetentionDays;
    /** @default "passthrough" */
    readonly tracing?: Tracing;
    /** @default "nodejs22.x", which the code must have been made for */
    readonly runtime?: NodeRuntime;
    /** @default "arm64" */
    readonly architecture?: Architecture;
    readonly transform?: FunctionTransform;
    /** Of the function. @default none */
    readonly hooks?: pulumi.ResourceHookBinding;
}

/** A Lambda function with a role that may do what is granted and nothing else, and a log that expires. */
export interface LambdaFunction {
    readonly function: aws.lambda.Function;
    readonly role: aws.iam.Role;
    /** Whatever calls the function depends on it: a role is of no use before its policy. */
    readonly policy: aws.iam.RolePolicy;
    readonly logGroup: aws.cloudwatch.LogGroup;
}

/** A function, and what its role may do and why. */
export interface PermittedFunction extends LambdaFunction {
    readonly permissions: pulumi.Output<readonly GrantedPermission[]>;
}

const writesTraces: PolicyStatement = {
    actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
    resources: ["*"],
    because: "traces",
};

export function lambdaFunction(name: string, options: LambdaFunctionOptions): PermittedFunction {
    const { parent, code, transform, runtime = "nodejs22.x", architecture = "arm64", permissions = [] } = options;
    const { concurrency, logRetentionDays = 30, tracing = "passthrough" } = options;
    const child = { parent };
    const logGroup = newResource(
        aws.cloudwatch.LogGroup,
        `${name}-logs`,
        transformed({ retentionInDays: logRetentionDays }, transform?.logGroup),
        child,
    );
    const role = newResource(
        aws.iam.Role,
        `${name}-role`,
        transformed(
            { description: options.description, assumeRolePolicy: trustPolicy("lambda.amazonaws.com") },
            transform?.role,
        ),
        child,
    );
    const variables = functionVariables(name, parent, options.environment, code.environment);
    const statements: readonly PolicyStatement[] = [
        {
            actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
            resources: [logGroup.arn.apply((arn) => `${arn}:*`)],
            because: "its log",
        },
        ...(tracing === "active" ? [writesTraces] : []),
        ...options.statements,
        ...code.grants,
        ...permissions,
    ];
    const all = variables.parameters.apply((arns) => [...statements, ...readsParameters(arns)]);
    const policy = newResource(
        aws.iam.RolePolicy,
        `${name}-policy`,
        { role: role.name, policy: policyDocument(all) },
        child,
    );
    void warnOfUnknownPermissions(name, code.reads, statements);
    const lambda = newResource(
        aws.lambda.Function,
        `${name}-function`,
        transformed<aws.lambda.FunctionArgs>(
            {
                description: options.description,
                runtime,
                architectures: [architecture],
                handler: code.handler,
                code: code.code,
                role: role.arn,
                memorySize: options.memory,
                timeout: options.timeout,
                reservedConcurrentExecutions: concurrency,
                // Always said: where it is left out, the provider keeps what was there.
                tracingConfig: { mode: tracing === "active" ? "Active" : "PassThrough" },
                environment: { variables: variables.environment },
                loggingConfig: { logFormat: "JSON", logGroup: logGroup.name },
            },
            transform?.function,
        ),
        { parent, dependsOn: [policy], hooks: options.hooks },
    );
    return {
        function: lambda,
        role,
        policy,
        logGroup,
        permissions: grantedPermissions(all, options.location ?? code.location),
    };
}
