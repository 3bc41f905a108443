import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { region } from "../../local/aws/service";
import { jsonLines, root, sortline } from "../end-to-end/command";
import { startTwinUnderTest, type TwinUnderTest } from "../local/twin-under-test";
import { isInstalled, type RealPulumi, realPulumi } from "./real-pulumi";

describe("sortline on a stack that the real Pulumi command deployed", function () {
    // The first training on a machine makes the Python environment.
    this.timeout(600_000);
    let twin: TwinUnderTest;
    let pulumi: RealPulumi;
    before(async function () {
        if (!isInstalled) this.skip();
        twin = await startTwinUnderTest();
        pulumi = realPulumi(twin);
    });
    after(async () => {
        pulumi?.close();
        await twin?.close();
    });

    it("trains, and brings the model into service by the commands that it prints", async () => {
        const stack = await pulumi.reference("second");
        await stack.setConfig("aws:region", { value: region });
        await stack.up();
        const { workDir: cwd, envVars, pulumiHome: PULUMI_HOME } = stack.workspace;
        const { accessKeyId, secretAccessKey } = twin.client.credentials;
        const environment = {
            ...envVars,
            PULUMI_HOME,
            // What the command reads are no secrets.
            PULUMI_CONFIG_PASSPHRASE: undefined,
            AWS_ENDPOINT_URL: twin.client.endpoint,
            AWS_ACCESS_KEY_ID: accessKeyId,
            AWS_SECRET_ACCESS_KEY: secretAccessKey,
            AWS_REGION: undefined,
            AWS_PROFILE: undefined,
        };
        const command = async (...args: string[]) => {
            const home = join(cwd, "none");
            const finished = await sortline([...args, "--stack", "second"], { home, cwd, environment });
            assert.equal(finished.code, 0, finished.stderr);
            return finished.stdout;
        };
        const trained = await command("train", "--data", join(root, "samples", "labels.csv"));
        assert.match(trained, /Model 1: accuracy/);
        assert.match(await command("models"), /pending/);
        const approved = await command("approve", "1");
        const [pinned = "", deployed] = approved
            .split("\n")
            .slice(1)
            .map((line) => line.trim());
        assert.equal(deployed, "pulumi up --stack second");
        const [program = "", ...args] = pinned.split(" ");
        execFileSync(program, args, { cwd, env: { ...process.env, ...environment, PULUMI_CONFIG_PASSPHRASE: "" } });
        await stack.up();
        const [model] = jsonLines(await command("models", "--json"));
        assert.deepEqual([model?.version, model?.approval, model?.live], [1, "Approved", true]);
    });
});
