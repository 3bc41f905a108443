// Runs a Python module in the environment that the project's Python tests and checks need, making it first; with
// --torch in that of the tests with torch, which takes minutes and gigabytes to make:
//   node --import tsx test/python.ts -m pytest training
//   node --import tsx test/python.ts --torch -m pytest training/tests/bert
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { hasPythonEnvironment, pythonEnvironment } from "../local/python/environment";

export const root = path.resolve(__dirname, "..");

/** The interpreter with scikit-learn, pytest, ruff, moto and boto3. */
export function developmentPython(): Promise<string> {
    return pythonWith("requirements-dev.txt");
}

const torchRequirements = "requirements-bert-dev.txt";

/** The interpreter with torch, transformers and pytest. */
export function torchPython(): Promise<string> {
    return pythonWith(torchRequirements);
}

/** Whether that has been made already. */
export function hasTorchPython(): Promise<boolean> {
    return hasPythonEnvironment(requirementsFile(torchRequirements));
}

function requirementsFile(name: string): string {
    return path.join(root, "training", name);
}

async function pythonWith(requirements: string): Promise<string> {
    const onProgress = (line: string) => process.stderr.write(`${line}\n`);
    return (await pythonEnvironment(requirementsFile(requirements), { onProgress })).python;
}

if (require.main === module) {
    const [first, ...rest] = process.argv.slice(2);
    const withTorch = first === "--torch";
    (withTorch ? torchPython() : developmentPython())
        .then((python) => {
            const given = withTorch ? rest : process.argv.slice(2);
            process.exitCode = spawnSync(python, given, { cwd: root, stdio: "inherit" }).status ?? 1;
        })
        .catch((error: unknown) => {
            process.stderr.write(`${(error as Error).message}\n`);
            process.exitCode = 1;
        });
}
