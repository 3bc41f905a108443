import { existsSync, readFileSync } from "node:fs";
import type { MetricData } from "@aws-sdk/client-sagemaker";
import { packageFile } from "../../../package-file";
import type { TwinContext } from "../../context";
import type { Image } from "../images";
import { LogStream } from "../log-stream";
import { containerEnvironment } from "../process-environment";
import { supervise } from "../supervised-process";
import type { JobFolder } from "./folder";
import type { HostScript } from "./hosts";
import type { TrainingJobDocument } from "./job";
import type { TrainingJobs } from "./jobs";
import type { Metrics } from "./metrics";

export const logGroup = "/aws/sagemaker/TrainingJobs";

export interface ScriptOptions {
    readonly folder: JobFolder;
    readonly python: string;
    readonly image: Image;
    readonly metrics: Metrics;
    readonly environment: Readonly<Record<string, string>>;
}

/** How many of its last lines on stderr a failure's reason has. */
const keptLines = 12;

/**
 * Starts a job's training script on one of its hosts, in script mode.
 * @param metrics of the job: what all hosts print counts.
 * @param environment what this host has besides.
 */
export function startScript(
    context: TwinContext,
    jobs: TrainingJobs,
    job: TrainingJobDocument,
    { folder, python, image, metrics, environment }: ScriptOptions,
): HostScript {
    const name = job.TrainingJobName ?? "";
    const log = new LogStream(context, logGroup, `${name}/${folder.host}-${Math.floor(Date.now() / 1000)}`);
    const errors: string[] = [];
    const printed: MetricData[] = [];
    /** What was printed meanwhile, in one go: a script may print a metric with every step. */
    const record = () => {
        const found = printed.splice(0);
        try {
            if (found.length > 0) jobs.recordMetrics(name, metrics.final, found);
        } catch (error) {
            const message = `Metrics of training job ${name} are lost: ${(error as Error).message}`;
            context.report({ level: "error", source: "sagemaker", message });
        }
    };
    const toolkit = [packageFile("local/aws/sagemaker/training/toolkit.py"), folder.path];
    if (image.startsByShell === true) toolkit.push("--shell");
    const running = supervise(python, [python, ...toolkit], {
        cwd: folder.path,
        env: {
            ...containerEnvironment(context, python, job.RoleArn ?? "", folder.temporary),
            TRAINING_JOB_NAME: name,
            TRAINING_JOB_ARN: job.TrainingJobArn ?? "",
            // In a container they are in a place that is always the same.
            ...(job.CheckpointConfig === undefined ? {} : { SORTLINE_CHECKPOINTS: folder.checkpoints }),
            ...environment,
            ...job.Environment,
        },
        onLine(line, stream) {
            log.write(line);
            if (stream === "stderr" && line.trim() !== "") errors.push(line);
            if (errors.length > keptLines) errors.shift();
            const found = metrics.scan(line);
            if (found.length === 0) return;
            if (printed.length === 0) setImmediate(record);
            printed.push(...found);
        },
    });
    return {
        ...running,
        exited: running.exited.then(async (code) => {
            record();
            await log.flush();
            return code;
        }),
        failureReason(exitCode) {
            const exit =
                exitCode === 137 ? "exit code: 137. Please retry: probably out of memory" : `exit code: ${exitCode}`;
            if (existsSync(folder.failure)) {
                const written = readFileSync(folder.failure, "utf8").trim();
                if (written !== "") return `AlgorithmError: ${written.slice(0, 1024 - exit.length - 18)}, ${exit}`;
            }
            const said = errors.join("\n");
            const reason = `AlgorithmError: ExecuteUserScriptError:\nExitCode ${exitCode}\nErrorMessage "`;
            // The end of a traceback says more than its beginning.
            return `${reason}${said.slice(-(1024 - reason.length - exit.length - 3))}", ${exit}`;
        },
    };
}
