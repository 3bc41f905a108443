import { packageFile } from "../../../package-file";
import { type PythonEnvironmentOptions, pythonEnvironment } from "../../../python/environment";

/** The packages of the tuner's Python. */
export const tunerRequirements = packageFile("local/aws/sagemaker/tuning/optuna.txt");

/**
 * The tuner's Python, made the first time.
 * @throws PythonError when it cannot be made.
 */
export async function tunerPython(options: PythonEnvironmentOptions): Promise<string> {
    return (await pythonEnvironment(tunerRequirements, options)).python;
}
