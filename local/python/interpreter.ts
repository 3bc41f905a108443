import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** A Python on this machine that can make virtual environments. */
export interface Interpreter {
    /** The real path of its executable. */
    readonly executable: string;
    /** For example `3.12.4`. */
    readonly version: string;
    /** The platform that wheels are chosen for, for example `linux-x86_64`. */
    readonly platform: string;
}

/** No usable Python, or a virtual environment that could not be made. The message says what to do. */
export class PythonError extends Error {
    override readonly name = "PythonError";
}

interface Answer extends Interpreter {
    readonly minor: readonly [major: number, minor: number];
    readonly missing: readonly string[];
}

const oldest: readonly [number, number] = [3, 11];
const names = ["python3", "python3.15", "python3.14", "python3.13", "python3.12", "python3.11", "python"];

const question = `
import importlib.util, json, os, sys, sysconfig
print(json.dumps({
    "executable": os.path.realpath(sys.executable),
    "version": sys.version.split()[0],
    "minor": sys.version_info[:2],
    "platform": sysconfig.get_platform(),
    "missing": [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None],
}))`;

/**
 * Finds a Python of at least 3.11: the one that `SORTLINE_PYTHON` names, otherwise the first on the PATH, of those that
 * can make virtual environments.
 * @throws PythonError when there is none.
 */
export async function findPython(environment: NodeJS.ProcessEnv = process.env): Promise<Interpreter> {
    const chosen = environment.SORTLINE_PYTHON;
    if (chosen !== undefined && chosen !== "") return chosenPython(chosen, environment);

    const tooOld: Answer[] = [];
    const incomplete: Answer[] = [];
    for (const name of names) {
        const answer = await ask(name, environment);
        if (answer === undefined) continue;
        if (!newEnough(answer)) tooOld.push(answer);
        else if (answer.missing.length > 0) incomplete.push(answer);
        else return answer;
    }
    const [first] = incomplete;
    if (first !== undefined) throw new PythonError(missingModules(first));
    const found = [...new Set(tooOld.map((answer) => `${answer.executable} is ${answer.version}`))].join(", ");
    throw new PythonError(
        `Python ${oldest.join(".")} or newer is needed and was not found. ` +
            `Looked for ${names.join(", ")} on the PATH${found === "" ? "" : ` (${found}: too old)`}. ` +
            `Install it (${installation()}), or name one in the environment variable SORTLINE_PYTHON.`,
    );
}

async function chosenPython(chosen: string, environment: NodeJS.ProcessEnv): Promise<Interpreter> {
    const answer = await ask(chosen, environment);
    if (answer === undefined) {
        throw new PythonError(
            `SORTLINE_PYTHON is '${chosen}', which cannot be run as a Python. Set it to the path of a Python ${oldest.join(".")} or newer, or unset it.`,
        );
    }
    if (!newEnough(answer)) {
        throw new PythonError(
            `SORTLINE_PYTHON is '${chosen}', which is Python ${answer.version}; ${oldest.join(".")} or newer is needed.`,
        );
    }
    if (answer.missing.length > 0) throw new PythonError(missingModules(answer));
    return answer;
}

async function ask(command: string, environment: NodeJS.ProcessEnv): Promise<Answer | undefined> {
    try {
        // -I: neither PYTHONPATH nor the current folder may decide which modules there are.
        const { stdout } = await promisify(execFile)(command, ["-I", "-c", question], {
            env: environment,
            timeout: 20_000,
        });
        return JSON.parse(stdout) as Answer;
    } catch {
        // Not there, a version manager's stand-in for a version that is not chosen, or no Python at all: look on.
        return undefined;
    }
}

function newEnough({ minor: [major, minor] }: Answer): boolean {
    return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

function missingModules(answer: Answer): string {
    const what =
        process.platform === "linux"
            ? `On Debian and Ubuntu: sudo apt install python${answer.minor.join(".")}-venv (or python3-venv). Elsewhere install the package of your system that has ${answer.missing.join(" and ")}`
            : "Install Python from python.org or with Homebrew";
    return (
        `${answer.executable} (Python ${answer.version}) cannot make virtual environments: ` +
        `its module ${answer.missing.join(" and ")} is missing. ${what}, or name another Python in SORTLINE_PYTHON.`
    );
}

function installation(): string {
    if (process.platform === "darwin") return "for example: brew install python";
    return "for example, on Debian and Ubuntu: sudo apt install python3 python3-venv";
}
