import type { FunctionConfiguration, UpdateFunctionConfigurationRequest } from "@aws-sdk/client-lambda";
import { invalidParameter, unsupported } from "./names";

/** What a person sets about a function, with Lambda's defaults filled in. */
export interface Settings {
    readonly Runtime: NonNullable<FunctionConfiguration["Runtime"]>;
    readonly Handler: string;
    readonly Role: string;
    readonly Description: string;
    /** Seconds. */
    readonly Timeout: number;
    /** MiB. */
    readonly MemorySize: number;
    readonly Environment: Readonly<Record<string, string>>;
    readonly TracingMode: "Active" | "PassThrough";
    readonly EphemeralStorage: number;
    /** ARN of a queue or topic. */
    readonly DeadLetterTarget: string | undefined;
    readonly KMSKeyArn: string | undefined;
    readonly LogFormat: "Text" | "JSON";
    readonly ApplicationLogLevel: string | undefined;
    readonly SystemLogLevel: string | undefined;
    readonly LogGroup: string;
}

/** The settings that a request gives; what it leaves out keeps its value. */
export type SettingsInput = Omit<UpdateFunctionConfigurationRequest, "FunctionName">;

/** Bytes of all environment variables together, names and values, as JSON. */
const environmentLimit = 4096;

/** Runtimes whose programs the Node.js that runs the twin runs too, and those that bring a program of their own. */
const runtimes = ["nodejs20.x", "nodejs22.x", "nodejs24.x", "provided.al2", "provided.al2023"] as const;

/** Does the code itself speak to the Runtime API, as an executable `bootstrap`? */
export function bringsOwnRuntime({ Runtime }: Pick<Settings, "Runtime">): boolean {
    return Runtime.startsWith("provided");
}

/** Names that Lambda keeps for itself. */
const reservedVariables = new Set([
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
]);

/**
 * Checks what a request sets and fills in the rest.
 * @throws AwsError InvalidParameterValueException that names all problems; NotImplemented for what the twin lacks.
 */
export function settings(
    operation: string,
    name: string,
    input: SettingsInput,
    current: Settings | undefined,
): Settings {
    refuseUnsupported(operation, input);
    const result: Settings = {
        Runtime: input.Runtime ?? current?.Runtime ?? ("" as Settings["Runtime"]),
        Handler: input.Handler ?? current?.Handler ?? "",
        Role: input.Role ?? current?.Role ?? "",
        Description: input.Description ?? current?.Description ?? "",
        Timeout: input.Timeout ?? current?.Timeout ?? 3,
        MemorySize: input.MemorySize ?? current?.MemorySize ?? 128,
        Environment:
            input.Environment === undefined ? (current?.Environment ?? {}) : (input.Environment.Variables ?? {}),
        TracingMode: input.TracingConfig?.Mode ?? current?.TracingMode ?? "PassThrough",
        EphemeralStorage: input.EphemeralStorage?.Size ?? current?.EphemeralStorage ?? 512,
        DeadLetterTarget:
            input.DeadLetterConfig === undefined
                ? current?.DeadLetterTarget
                : input.DeadLetterConfig.TargetArn || undefined,
        KMSKeyArn: input.KMSKeyArn ?? current?.KMSKeyArn,
        ...logging(name, input, current),
    };
    const problems = problemsOf(result);
    if (problems.length > 0) throw invalidParameter(problems.join(" "));
    return result;
}

function logging(
    name: string,
    { LoggingConfig }: SettingsInput,
    current: Settings | undefined,
): Pick<Settings, "LogFormat" | "ApplicationLogLevel" | "SystemLogLevel" | "LogGroup"> {
    const LogFormat = LoggingConfig?.LogFormat ?? current?.LogFormat ?? "Text";
    const json = LogFormat === "JSON";
    return {
        LogFormat,
        ApplicationLogLevel: json
            ? (LoggingConfig?.ApplicationLogLevel ?? current?.ApplicationLogLevel ?? "INFO")
            : undefined,
        SystemLogLevel: json ? (LoggingConfig?.SystemLogLevel ?? current?.SystemLogLevel ?? "INFO") : undefined,
        LogGroup: LoggingConfig?.LogGroup ?? current?.LogGroup ?? `/aws/lambda/${name}`,
    };
}

function refuseUnsupported(operation: string, input: SettingsInput): void {
    const refused: Readonly<Record<string, boolean>> = {
        "VpcConfig.SubnetIds": (input.VpcConfig?.SubnetIds?.length ?? 0) > 0,
        Layers: (input.Layers?.length ?? 0) > 0,
        FileSystemConfigs: (input.FileSystemConfigs?.length ?? 0) > 0,
        ImageConfig: input.ImageConfig !== undefined,
        "SnapStart.ApplyOn PublishedVersions": input.SnapStart?.ApplyOn === "PublishedVersions",
        CapacityProviderConfig: input.CapacityProviderConfig !== undefined,
        DurableConfig: input.DurableConfig !== undefined,
    };
    for (const [member, given] of Object.entries(refused)) if (given) throw unsupported(operation, member);
    if (input.Runtime !== undefined && !runtimes.some((runtime) => runtime === input.Runtime)) {
        throw unsupported(operation, `Runtime ${input.Runtime}; it runs ${runtimes.join(", ")}`);
    }
}

function problemsOf(given: Settings): string[] {
    const problems: string[] = [];
    const range = (name: string, value: number, low: number, high: number, unit: string) => {
        if (!Number.isInteger(value) || value < low || value > high) {
            problems.push(`${name} is ${value}; it must be a whole number from ${low} to ${high} ${unit}.`);
        }
    };
    if (given.Runtime.length === 0) problems.push(`Runtime is missing; give one of ${runtimes.join(", ")}.`);
    if (!/^[^\s]{1,128}$/.test(given.Handler)) {
        problems.push(`Handler is '${given.Handler}'; it must name a file and an export, such as index.handler.`);
    }
    if (!/^arn:aws:iam::\d{12}:role\/.+/.test(given.Role)) problems.push(`Role '${given.Role}' is not a role's ARN.`);
    range("Timeout", given.Timeout, 1, 900, "seconds");
    range("MemorySize", given.MemorySize, 128, 10_240, "MiB");
    range("EphemeralStorage.Size", given.EphemeralStorage, 512, 10_240, "MiB");
    const names = Object.keys(given.Environment);
    const reserved = names.filter((name) => reservedVariables.has(name));
    if (reserved.length > 0) {
        problems.push(
            "Lambda was unable to configure your environment variables because the environment variables you have provided " +
                "contains reserved keys that are currently not supported for modification. " +
                `Reserved keys used in this request: ${reserved.join(", ")}.`,
        );
    }
    const malformed = names.filter((name) => !/^[A-Za-z][A-Za-z0-9_]+$/.test(name) && !reservedVariables.has(name));
    if (malformed.length > 0) {
        problems.push(
            `Environment variables must be named with a letter, then letters, digits and '_': not ${malformed.join(", ")}.`,
        );
    }
    const size = Buffer.byteLength(JSON.stringify(given.Environment));
    if (size > environmentLimit) {
        problems.push(
            "Lambda was unable to configure your environment variables because the environment variables you have provided " +
                // AWS goes on with the variables themselves, which may be secrets.
                `exceeded the 4KB limit. String measured: ${size} bytes of JSON, of at most ${environmentLimit}.`,
        );
    }
    return problems;
}
