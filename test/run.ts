// The test command: mocha, then pytest, and as last line the sum of what both report of themselves.
// `--long` runs the tests in test/long instead; other arguments are mocha's (a file, --grep …) and leave pytest out.
// Where CI is set, one of the long tests comes along, chosen by SORTLINE_SEED (default: the commit).
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { XMLParser } from "fast-xml-parser";
import { developmentPython, hasTorchPython, root, torchPython } from "./python";

interface Counts {
    readonly passed: number;
    readonly failed: number;
    readonly skipped: readonly string[];
}

const results = path.join(root, "test-results");

function mocha(files: readonly string[]): Counts {
    const report = path.join(results, "mocha.json");
    fs.rmSync(report, { force: true });
    const { status } = spawnSync(
        process.execPath,
        [require.resolve("mocha/bin/mocha.js"), "--reporter", path.join(__dirname, "reporter.cjs"), ...files],
        { cwd: root, stdio: "inherit", env: { ...process.env, SORTLINE_TEST_COUNTS: report } },
    );
    return counted(
        "mocha",
        status,
        fs.existsSync(report) ? (JSON.parse(fs.readFileSync(report, "utf8")) as Counts) : undefined,
    );
}

function pytest(python: string, name: string, given: readonly string[]): Counts {
    const report = path.join(results, `${name}.xml`);
    fs.rmSync(report, { force: true });
    const { status } = spawnSync(
        python,
        ["-m", "pytest", "-q", "-p", "no:cacheprovider", ...given, `--junitxml=${report}`],
        { cwd: root, stdio: "inherit", env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" } },
    );
    return counted(name, status, fs.existsSync(report) ? readJunit(fs.readFileSync(report, "utf8")) : undefined);
}

const torchTests = "training/tests/bert";

/** The tests that need torch, which takes gigabytes: in CI, and where it is installed. */
async function pytestWithTorch(): Promise<Counts> {
    if (process.env.CI === undefined && !(await hasTorchPython())) {
        const how = "node --import tsx test/python.ts --torch -m pytest";
        return { passed: 0, failed: 0, skipped: [`${torchTests}: torch is not installed (${how} ${torchTests})`] };
    }
    return pytest(await torchPython(), "pytest-torch", [torchTests]);
}

function readJunit(xml: string): Counts {
    interface Case {
        readonly name: string;
        readonly failure?: unknown;
        readonly error?: unknown;
        readonly skipped?: unknown;
    }
    const parsed = new XMLParser({
        ignoreAttributes: false,
        attributeNamePrefix: "",
        isArray: (name) => name === "testcase",
    }).parse(xml);
    const cases = (parsed.testsuites?.testsuite?.testcase ?? []) as Case[];
    const failed = cases.filter((test) => test.failure !== undefined || test.error !== undefined);
    const skipped = cases.filter((test) => test.skipped !== undefined);
    return {
        passed: cases.length - failed.length - skipped.length,
        failed: failed.length,
        skipped: skipped.map((test) => test.name),
    };
}

/** A runner that died, or found nothing to run, has failed, whatever it counted. */
function counted(runner: string, status: number | null, counts: Counts | undefined): Counts {
    const found = counts ?? { passed: 0, failed: 0, skipped: [] };
    const dead = counts === undefined || (status !== 0 && found.failed === 0);
    const empty = found.passed + found.failed === 0;
    if (dead) process.stdout.write(`${runner} ended with ${status ?? "a signal"} before it had run all its tests.\n`);
    else if (empty) process.stdout.write(`${runner} found no test to run.\n`);
    return dead || empty ? { ...found, failed: Math.max(1, found.failed) } : found;
}

/** One long test, the same for the same seed. */
function sample(files: readonly string[]): readonly string[] {
    const commit = () => execFileSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
    const seed = process.env.SORTLINE_SEED ?? commit();
    const chosen = files[createHash("sha256").update(seed).digest().readUInt32BE(0) % files.length];
    process.stdout.write(`Of the long tests: ${chosen} (SORTLINE_SEED=${seed})\n`);
    return chosen === undefined ? [] : [chosen];
}

async function run(given: readonly string[]): Promise<void> {
    fs.mkdirSync(results, { recursive: true });
    const own = given.filter((argument) => argument !== "--long");
    const long = fs.globSync("test/long/**/*.test.ts", { cwd: root }).sort();
    const usual = fs.globSync("test/**/*.test.ts", { cwd: root }).filter((file) => !long.includes(file));
    const parts: Counts[] = [];
    if (own.length > 0) parts.push(mocha(own));
    else if (given.includes("--long")) parts.push(mocha(long));
    else {
        const inCi = process.env.CI !== undefined;
        // It takes longer than a test may.
        if (inCi) await torchPython();
        parts.push(mocha([...usual, ...(inCi ? sample(long) : [])]));
        parts.push(pytest(await developmentPython(), "pytest", ["training", `--ignore=${torchTests}`]));
        parts.push(await pytestWithTorch());
    }
    const sum = (count: (part: Counts) => number) => parts.reduce((total, part) => total + count(part), 0);
    const failed = sum((part) => part.failed);
    for (const name of parts.flatMap((part) => part.skipped)) process.stdout.write(`skipped: ${name}\n`);
    process.stdout.write(
        `${sum((part) => part.passed)} passed, ${failed} failed, ${sum((part) => part.skipped.length)} skipped\n`,
    );
    process.exitCode = failed === 0 ? 0 : 1;
}

run(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`${(error as Error).stack}\n`);
    process.stdout.write("0 passed, 1 failed, 0 skipped\n");
    process.exitCode = 1;
});
