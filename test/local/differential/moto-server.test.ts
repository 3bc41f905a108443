import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { until } from "../aws/lambda-twin";

describe("moto's server", () => {
    it("ends when the run of tests is killed", async function () {
        // The first time, moto is installed.
        this.timeout(600_000);
        const run = spawn(
            process.execPath,
            [
                "--import=tsx",
                "-e",
                `require(${JSON.stringify(join(__dirname, "moto-server"))})
                    .startMotoServer().then(({ client }) => console.log(client.endpoint))`,
            ],
            { stdio: ["ignore", "pipe", "inherit"] },
        );
        const endpoint = await new Promise<string>((resolve) =>
            createInterface({ input: run.stdout }).once("line", resolve),
        );
        await fetch(endpoint);

        run.kill("SIGKILL");
        await until(() =>
            fetch(endpoint).then(
                () => false,
                () => true,
            ),
        );
    });
});
