// Runs a Python module in the environment that the project's Python tests and checks need, making it first; with
// --torch in that of the tests with torch, which takes minutes and gigabytes to make:
//   node --import tsx test/python.ts -m pytest training
//   node --import tsx test/python.ts --torch -m pytest training/tests/bert
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Context } from "mocha";
import { imageOf } from "../local/aws/sagemaker/images";
import { hasPythonEnvironment, pythonEnvironment } from "../local/python/environment";

export const root = path.resolve(__dirname, "..");

/** Requirements of what the twin trains BERT with, which is most of what takes long to install. */
const torchImage = imageOf("huggingface-pytorch-training").requirements;
const torchTests = requirementsFile("requirements-bert-dev.txt");

/** The interpreter with scikit-learn, pytest, ruff, moto and boto3. */
export function developmentPython(): Promise<string> {
    return pythonWith(requirementsFile("requirements-dev.txt"));
}

/** The interpreter with torch and transformers as the twin has them, and pytest. */
export async function torchPython(): Promise<string> {
    const image = await pythonWith(torchImage);
    const python = await pythonWith(torchTests);
    // Python looks in the folders that such a file names, too: torch is there once.
    fs.writeFileSync(path.join(packagesOf(python), "image.pth"), `${packagesOf(image)}\n`);
    return python;
}

/** Whether that has been made already. */
export async function hasTorchPython(): Promise<boolean> {
    return (await hasPythonEnvironment(torchImage)) && (await hasPythonEnvironment(torchTests));
}

/**
 * The interpreter of the twin's image with torch. Where it has not been made the test is skipped and says so; where `CI`
 * is set it is made, so that CI never passes by skipping.
 */
export async function torchImagePython(test: Context): Promise<string> {
    if (process.env.CI !== undefined || (await hasPythonEnvironment(torchImage))) return pythonWith(torchImage);
    process.stdout.write(
        "skipped, since torch is not installed (node --import tsx test/python.ts --torch --version installs it: 3 GB)\n",
    );
    return test.skip();
}

function requirementsFile(name: string): string {
    return path.join(root, "training", name);
}

/** Where an environment has its packages. */
function packagesOf(python: string): string {
    const [folder] = fs.globSync(path.join(path.dirname(python), "..", "lib", "python*", "site-packages"));
    if (folder === undefined) throw new Error(`The environment of ${python} has no folder of packages.`);
    return path.resolve(folder);
}

async function pythonWith(requirements: string): Promise<string> {
    const onProgress = (line: string) => process.stderr.write(`${line}\n`);
    return (await pythonEnvironment(requirements, { onProgress })).python;
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
