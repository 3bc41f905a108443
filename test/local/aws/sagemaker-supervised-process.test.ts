import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { findPython } from "../../../local/python/interpreter";
import { processEnd } from "./sagemaker-under-test";

describe("a supervised process", () => {
    it("and its children end when the twin is killed, and its temporary folder goes", async () => {
        const { executable } = await findPython();
        const temporaryFolder = mkdtempSync(join(tmpdir(), "sortline-supervised-"));
        const python = `
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(os.getpid(), child.pid, flush=True)
time.sleep(600)`;
        const options = `{ cwd: "/", env: {}, temporaryFolder: ${JSON.stringify(temporaryFolder)}, onLine: (line) => console.log(line) }`;
        const twin = spawn(
            process.execPath,
            [
                "--import=tsx",
                "-e",
                `require(${JSON.stringify(join(__dirname, "../../../local/aws/sagemaker/supervised-process"))})
                    .supervise(${JSON.stringify(executable)}, ${JSON.stringify([executable, "-c", python])}, ${options})`,
            ],
            { stdio: ["ignore", "pipe", "inherit"] },
        );
        const line = await new Promise<string>((resolve) =>
            createInterface({ input: twin.stdout }).once("line", resolve),
        );
        const processes = line.split(" ").map(Number);
        assert.equal(processes.length, 2);
        for (const pid of processes) process.kill(pid, 0);

        twin.kill("SIGKILL");
        for (const pid of processes) await processEnd(pid);
        while (existsSync(temporaryFolder)) await new Promise((resolve) => setTimeout(resolve, 20));
    });
});
