import { existsSync, readFileSync } from "node:fs";
import { packageFile } from "../../../package-file";
import type { TwinContext } from "../../context";
import { LogStream } from "../log-stream";
import { containerEnvironment } from "../process-environment";
import { type SupervisedProcess, supervise } from "../supervised-process";
import type { JobFolder } from "./folder";
import type { TrainingJobDocument } from "./job";
import type { TrainingJobs } from "./jobs";
import { Metrics } from "./metrics";

export const logGroup = "/aws/sagemaker/TrainingJobs";

/** A training script that runs. */
export interface RunningScript extends SupervisedProcess {
    /** Why it failed, once it has exited with a code other than 0. */
    failureReason(exitCode: number): string;
}

/** How many of its last lines on stderr a failure's reason has. */
const keptLines = 12;

/** Starts a job's training script in script mode. */
export function startScript(
    context: TwinContext,
    jobs: TrainingJobs,
    job: TrainingJobDocument,
    folder: JobFolder,
    python: string,
): RunningScript {
    const name = job.TrainingJobName ?? "";
    const log = new LogStream(context, logGroup, `${name}/algo-1-${Math.floor(Date.now() / 1000)}`);
    const metrics = new Metrics(job.AlgorithmSpecification?.MetricDefinitions);
    const errors: string[] = [];
    const running = supervise(python, [python, packageFile("local/aws/sagemaker/training/toolkit.py"), folder.path], {
        cwd: folder.path,
        env: {
            ...containerEnvironment(context, python, job.RoleArn ?? "", folder.temporary),
            TRAINING_JOB_NAME: name,
            TRAINING_JOB_ARN: job.TrainingJobArn ?? "",
            ...job.Environment,
        },
        onLine(line, stream) {
            log.write(line);
            const printed = metrics.scan(line);
            if (printed.length > 0) jobs.recordMetrics(name, metrics.final, printed);
            if (stream === "stderr" && line.trim() !== "") errors.push(line);
            if (errors.length > keptLines) errors.shift();
        },
    });
    return {
        ...running,
        exited: running.exited.then(async (code) => {
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
