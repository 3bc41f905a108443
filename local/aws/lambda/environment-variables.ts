import type { AccessKey } from "../iam";
import { region } from "../service";
import type { StoredFunction } from "./function-store";

export interface EnvironmentPlace {
    /** `127.0.0.1:PORT/_lambda/SECRET` */
    readonly runtimeApi: string;
    /** `http://127.0.0.1:PORT` */
    readonly address: string;
    readonly key: AccessKey;
    /** The only folder that is the environment's own. */
    readonly folder: string;
    readonly logStream: string;
    /** The folder with the modules that Lambda's image brings along. */
    readonly modules: string;
}

/** All variables that an execution environment sees: Lambda's and the function's own, none of the twin's. */
export function environmentVariables(of: StoredFunction, place: EnvironmentPlace): Record<string, string> {
    const { settings, code } = of;
    return {
        ...settings.Environment,
        _HANDLER: settings.Handler,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_ACCESS_KEY_ID: place.key.accessKeyId,
        AWS_SECRET_ACCESS_KEY: place.key.secretAccessKey,
        // Set on AWS to reach AWS itself; here it leads the SDK's clients to the twin.
        AWS_ENDPOINT_URL: settings.Environment.AWS_ENDPOINT_URL ?? place.address,
        AWS_EXECUTION_ENV: `AWS_Lambda_${settings.Runtime}`,
        AWS_LAMBDA_FUNCTION_NAME: of.name,
        AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.MemorySize),
        AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
        AWS_LAMBDA_LOG_GROUP_NAME: settings.LogGroup,
        AWS_LAMBDA_LOG_STREAM_NAME: place.logStream,
        AWS_LAMBDA_RUNTIME_API: place.runtimeApi,
        NODE_PATH: settings.Environment.NODE_PATH ?? place.modules,
        LAMBDA_TASK_ROOT: code.folder,
        LAMBDA_RUNTIME_DIR: code.folder,
        ...(settings.LogFormat === "JSON"
            ? { AWS_LAMBDA_LOG_FORMAT: "JSON", AWS_LAMBDA_LOG_LEVEL: settings.ApplicationLogLevel ?? "INFO" }
            : { AWS_LAMBDA_LOG_FORMAT: "Text" }),
        PATH: "/usr/local/bin:/usr/bin:/bin",
        LANG: "en_US.UTF-8",
        TZ: ":UTC",
        // On AWS only /tmp can be written. With a home of its own, no settings of the person's own are found.
        HOME: place.folder,
        TMPDIR: place.folder,
    };
}
