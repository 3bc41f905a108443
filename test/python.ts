// Runs a Python module in the environment that the project's Python tests and checks need, making it first:
//   node --import tsx test/python.ts -m pytest training
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { pythonEnvironment } from "../local/python/environment";

export const root = path.resolve(__dirname, "..");

/** The interpreter with scikit-learn, pytest, ruff, moto and boto3. */
export async function developmentPython(): Promise<string> {
    const { python } = await pythonEnvironment(path.join(root, "training", "requirements-dev.txt"), {
        onProgress: (line) => process.stderr.write(`${line}\n`),
    });
    return python;
}

if (require.main === module) {
    developmentPython()
        .then((python) => {
            process.exitCode = spawnSync(python, process.argv.slice(2), { cwd: root, stdio: "inherit" }).status ?? 1;
        })
        .catch((error: unknown) => {
            process.stderr.write(`${(error as Error).message}\n`);
            process.exitCode = 1;
        });
}
