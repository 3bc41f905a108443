import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { torchPython } from "../../test/python";
import { CannotMeasure } from "../harness/cannot-measure";
import { output } from "../harness/child-process";
import { type Figures, figure, type Part } from "../harness/figures";

const root = resolve(__dirname, "../..");

/** A part that a Python program in this folder measures. */
export interface Program extends Part {
    /** Its file here. */
    readonly file: string;
    /** What it is told beside the data. @default nothing */
    options?(): Promise<readonly string[]>;
}

/** Where others' data is. @throws CannotMeasure that says what is missing. */
export function banking77(): string {
    const base = process.env.SORTLINE_TEST_DATA ?? resolve(root, "../shared/data");
    const folder = join(base, "banking77");
    const missing = ["train.csv", "test.csv"].filter((file) => !existsSync(join(folder, file)));
    if (missing.length === 0) return folder;
    throw new CannotMeasure(
        `${missing.map((file) => join(folder, file)).join(" and ")} not found: set SORTLINE_TEST_DATA to a folder with ` +
            "banking77/train.csv and banking77/test.csv, both with the header text,category.",
    );
}

/**
 * What a program measures with the data in `data`. It runs in the Python environment of the tests with torch, which is
 * made first where it is not there; it tells its progress on the error stream and its figures in the last line of its
 * output.
 */
export async function figuresOf({ file, options }: Program, data: string): Promise<Figures> {
    const parameters = [join(__dirname, file), "--data", data, ...((await options?.()) ?? [])];
    const printed = await output(await torchPython(), parameters, { cwd: root, environment: environment() });
    const figures = JSON.parse(printed.trimEnd().split("\n").at(-1) ?? "") as Figures;
    return Object.fromEntries(Object.entries(figures).map(([key, { value, unit }]) => [key, figure(value, unit)]));
}

function environment(): Record<string, string> {
    // What PYTHONPATH and the like name would be measured instead of what is here.
    const inherited = Object.entries(process.env).filter(([name]) => !/^(PYTHON|VIRTUAL_ENV|SM_)/.test(name));
    return {
        ...(Object.fromEntries(inherited) as Record<string, string>),
        PYTHONDONTWRITEBYTECODE: "1",
        // Nothing is fetched while something is measured.
        HF_HUB_OFFLINE: "1",
        HF_HUB_DISABLE_PROGRESS_BARS: "1",
    };
}
