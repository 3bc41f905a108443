import type { FunctionConfiguration, LoggingConfig } from "@aws-sdk/client-lambda";
import { partition, region, root } from "../../aws/service";
import type { Services } from "../../aws/services";
import { type ArchiveCode, withArchive } from "../archive-code";
import { byContent } from "../assets";
import { createOnce, foundOrUndefined, orUndo, unlessMissing } from "../provider/outcome";
import { resourceType } from "../provider/resource-type";
import {
    type ArgumentsOf,
    archive,
    chosen,
    flag,
    listOf,
    mapOf,
    number,
    object,
    oneOf,
    recordedOnly,
    required,
    text,
} from "../provider/shape";
import { retagInLambda } from "./lambda-tags";

const missing = ["ResourceNotFoundException"];

const functionArguments = {
    name: text,
    role: required(text),
    code: archive,
    s3Bucket: text,
    s3Key: text,
    sourceCodeHash: text,
    packageType: oneOf("Zip"),
    handler: text,
    runtime: text,
    architectures: listOf(oneOf("arm64", "x86_64")),
    description: text,
    memorySize: number,
    timeout: number,
    environment: object({ variables: mapOf(text) }),
    ephemeralStorage: object({ size: number }),
    deadLetterConfig: object({ targetArn: required(text) }),
    loggingConfig: object({
        logFormat: required(oneOf("JSON", "Text")),
        logGroup: chosen(text),
        applicationLogLevel: chosen(text),
        systemLogLevel: chosen(text),
    }),
    reservedConcurrentExecutions: number,
    kmsKeyArn: recordedOnly(text, "the twin's store is not encrypted"),
    tracingConfig: object({
        mode: required(
            recordedOnly(
                oneOf("Active", "PassThrough"),
                "traces are passed on, but the twin has no X-Ray that keeps them",
                "PassThrough",
            ),
        ),
    }),
    vpcConfig: recordedOnly(
        object({ subnetIds: listOf(text), securityGroupIds: listOf(text), ipv6AllowedForDualStack: flag }),
        "functions run on this machine's network",
    ),
    publish: recordedOnly(flag, "the twin has no function versions"),
    skipDestroy: flag,
    tags: mapOf(text),
};

type FunctionArguments = ArgumentsOf<typeof functionArguments>;

export const lambdaFunction = resourceType({
    type: "aws:lambda/function:Function",
    arguments: functionArguments,
    replacedBy: ["packageType"],
    naming: { property: "name", maximum: 64 },
    changedByUpdate: ["lastModified", "codeSha256", "sourceCodeSize"],
    assumed: {
        memorySize: 128,
        timeout: 3,
        description: "",
        environment: { variables: {} },
        ephemeralStorage: { size: 512 },
        architectures: ["x86_64"],
        packageType: "Zip",
        reservedConcurrentExecutions: -1,
        tracingConfig: { mode: "PassThrough" },
    },

    validate(inputs) {
        const fromBucket = inputs.s3Bucket !== undefined && inputs.s3Key !== undefined;
        if ((inputs.code !== undefined) !== fromBucket) return [];
        return [{ property: "code", reason: "must be given, or else both s3Bucket and s3Key" }];
    },

    async create(inputs, context, resumed) {
        const { lambda } = context.services;
        const FunctionName = String(inputs.name);
        await withCode(context.services, inputs, async (Code) => {
            await createOnce(resumed, "ResourceConflictException", () =>
                lambda.operations.CreateFunction(
                    {
                        FunctionName,
                        Code,
                        Architectures: inputs.architectures === undefined ? undefined : [...inputs.architectures],
                        Tags: inputs.tags === undefined ? undefined : { ...inputs.tags },
                        ...configuration(inputs),
                    },
                    root,
                ),
            );
        });
        await orUndo(
            () => reserve(lambda, FunctionName, inputs.reservedConcurrentExecutions),
            () => lambda.operations.DeleteFunction({ FunctionName }, root),
        );
        return { id: FunctionName, outputs: await computed(lambda, FunctionName) };
    },

    async read(id, { services: { lambda } }) {
        const found = await foundOrUndefined(missing, () => lambda.operations.GetFunction({ FunctionName: id }, root));
        const description = found?.Configuration;
        if (description === undefined) return undefined;
        const { LoggingConfig: logging = {}, DeadLetterConfig: { TargetArn: letters } = {} } = description;
        return {
            name: id,
            role: description.Role,
            handler: description.Handler,
            runtime: description.Runtime,
            memorySize: description.MemorySize,
            timeout: description.Timeout,
            description: description.Description,
            environment: { variables: description.Environment?.Variables ?? {} },
            ephemeralStorage: { size: description.EphemeralStorage?.Size },
            architectures: description.Architectures,
            packageType: description.PackageType,
            reservedConcurrentExecutions: found?.Concurrency?.ReservedConcurrentExecutions ?? -1,
            deadLetterConfig: letters === undefined ? undefined : { targetArn: letters },
            tracingConfig: { mode: description.TracingConfig?.Mode },
            loggingConfig: isStandardLogging(id, logging) ? undefined : loggingOf(logging),
            tags: found?.Tags ?? {},
            ...(await computed(lambda, id)),
        };
    },

    async update({ id, inputs: earlier }, inputs, { services }) {
        const { lambda } = services;
        const codeOf = ({ code, s3Bucket, s3Key, sourceCodeHash, architectures }: FunctionArguments) =>
            JSON.stringify([
                code === undefined ? null : byContent(code),
                s3Bucket,
                s3Key,
                sourceCodeHash,
                architectures,
            ]);
        await lambda.operations.UpdateFunctionConfiguration({ FunctionName: id, ...configuration(inputs) }, root);
        if (codeOf(earlier) !== codeOf(inputs)) {
            const Architectures = [...(inputs.architectures ?? ["x86_64" as const])];
            await withCode(services, inputs, (code) =>
                lambda.operations.UpdateFunctionCode({ FunctionName: id, Architectures, ...code }, root),
            );
        }
        if (earlier.reservedConcurrentExecutions !== inputs.reservedConcurrentExecutions) {
            await reserve(lambda, id, inputs.reservedConcurrentExecutions);
        }
        const made = await computed(lambda, id);
        await retagInLambda(lambda, made.arn, earlier.tags, inputs.tags);
        return made;
    },

    async delete({ id, inputs }, { services: { lambda } }) {
        if (inputs.skipDestroy) return;
        await unlessMissing(missing, () => lambda.operations.DeleteFunction({ FunctionName: id }, root));
    },
});

type Lambda = Services["lambda"];

/** What an argument that is left out stands for: an update must put it back. */
function configuration(inputs: FunctionArguments) {
    const { loggingConfig: logging } = inputs;
    return {
        Role: inputs.role,
        Handler: inputs.handler,
        // The service knows which runtimes it has, and names them.
        Runtime: inputs.runtime as FunctionConfiguration["Runtime"],
        Description: inputs.description ?? "",
        MemorySize: inputs.memorySize ?? 128,
        Timeout: inputs.timeout ?? 3,
        Environment: { Variables: { ...inputs.environment?.variables } },
        TracingConfig: { Mode: inputs.tracingConfig?.mode ?? "PassThrough" },
        EphemeralStorage: { Size: inputs.ephemeralStorage?.size ?? 512 },
        DeadLetterConfig: { TargetArn: inputs.deadLetterConfig?.targetArn ?? "" },
        LoggingConfig: {
            LogFormat: logging?.logFormat ?? "Text",
            LogGroup: logging === undefined ? standardLogGroup(String(inputs.name)) : logging.logGroup,
            ApplicationLogLevel: logging?.applicationLogLevel as "INFO" | undefined,
            SystemLogLevel: logging?.systemLogLevel as "INFO" | undefined,
        },
    };
}

function standardLogGroup(functionName: string): string {
    return `/aws/lambda/${functionName}`;
}

function isStandardLogging(functionName: string, { LogFormat, LogGroup }: LoggingConfig): boolean {
    return LogFormat !== "JSON" && LogGroup === standardLogGroup(functionName);
}

function loggingOf({ LogFormat, LogGroup, ApplicationLogLevel, SystemLogLevel }: LoggingConfig) {
    return {
        logFormat: LogFormat,
        logGroup: LogGroup,
        applicationLogLevel: ApplicationLogLevel,
        systemLogLevel: SystemLogLevel,
    };
}

async function withCode<T>(
    { s3 }: Services,
    { code, s3Bucket, s3Key }: FunctionArguments,
    work: (code: ArchiveCode) => Promise<T>,
): Promise<T> {
    if (code !== undefined) return withArchive(code, work);
    return work({ ZipFile: s3.readObject(String(s3Bucket), String(s3Key)) });
}

async function reserve(lambda: Lambda, FunctionName: string, limit: number | undefined): Promise<void> {
    // -1 is the provider's word for no limit.
    if (limit === undefined || limit < 0) await lambda.operations.DeleteFunctionConcurrency({ FunctionName }, root);
    else await lambda.operations.PutFunctionConcurrency({ FunctionName, ReservedConcurrentExecutions: limit }, root);
}

async function computed(lambda: Lambda, FunctionName: string) {
    const { Configuration } = await lambda.operations.GetFunction({ FunctionName }, root);
    const functionArn = Configuration?.FunctionArn;
    const path = `arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`;
    return {
        arn: functionArn,
        invokeArn: path,
        qualifiedArn: `${functionArn}:$LATEST`,
        version: "$LATEST",
        lastModified: Configuration?.LastModified,
        codeSha256: Configuration?.CodeSha256,
        sourceCodeSize: Configuration?.CodeSize,
    };
}
