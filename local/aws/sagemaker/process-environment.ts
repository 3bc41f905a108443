import { delimiter, dirname } from "node:path";
import type { TwinContext } from "../context";
import { region } from "../service";

/**
 * The environment of a container's process: nothing of the twin's own but where programs are, and the execution role's
 * credentials, by which the AWS SDK talks to the twin.
 * @param home the process's own folder for files of its own.
 */
export function containerEnvironment(
    context: TwinContext,
    python: string,
    roleArn: string,
    home: string,
): Record<string, string> {
    const key = context.iam.accessKey(roleArn, "SageMaker");
    return {
        PATH: [dirname(python), "/usr/local/bin", "/usr/bin", "/bin"].join(delimiter),
        HOME: home,
        TMPDIR: home,
        LANG: "C.UTF-8",
        PYTHONUNBUFFERED: "1",
        PYTHONNOUSERSITE: "1",
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_ACCESS_KEY_ID: key.accessKeyId,
        AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
        AWS_ENDPOINT_URL: context.address(),
    };
}
