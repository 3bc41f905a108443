import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { packageFile } from "../../../local/package-file";

describe("what starts a training script of the twin", () => {
    let folder: string;
    beforeEach(() => {
        // A person's home may have a blank in its name.
        folder = mkdtempSync(join(tmpdir(), "sortline toolkit-"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    function write(name: string, content: unknown): void {
        const file = join(folder, name);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    }

    /** The arguments that a script gets, and the variables of its channels. */
    function started(hyperparameters: Readonly<Record<string, string>>, ...options: string[]) {
        write("code/train.py", "import json, os, sys\nprint(json.dumps([sys.argv[1:], dict(os.environ)]))\n");
        write("input/config/hyperparameters.json", { sagemaker_program: '"train.py"', ...hyperparameters });
        write("input/config/inputdataconfig.json", { train: {}, "base-model": {} });
        write("input/config/resourceconfig.json", {
            current_host: "algo-1",
            current_instance_type: "ml.m5.large",
            hosts: ["algo-1"],
            network_interface_name: "eth0",
        });
        const toolkit = packageFile("local/aws/sagemaker/training/toolkit.py");
        const [given, environment] = JSON.parse(
            execFileSync("python3", [toolkit, folder, ...options], { encoding: "utf8" }),
        ) as [string[], Record<string, string>];
        const channels = Object.entries(environment).filter(([name]) => name.startsWith("SM_CHANNEL_"));
        return { given, channels: Object.fromEntries(channels) };
    }
    const channel = (name: string) => join(folder, "input/data", name);

    it("hands over arguments and channels as they are", () => {
        assert.deepEqual(started({ cleaning: '"v1 $(echo injected)"' }), {
            given: ["--cleaning", "v1 $(echo injected)"],
            channels: { SM_CHANNEL_TRAIN: channel("train"), "SM_CHANNEL_BASE-MODEL": channel("base-model") },
        });
    });

    it("does so by a shell where the image's toolkit does, which reads arguments and drops what it takes for no name", () => {
        assert.deepEqual(started({ cleaning: '"v1 $(echo injected)"' }, "--shell"), {
            given: ["--cleaning", "v1", "injected"],
            channels: { SM_CHANNEL_TRAIN: channel("train") },
        });
    });

    it("does without the shell where the job asks for that", () => {
        const native = { sagemaker_toolkit_native_launcher_enabled: "true" };
        const { given, channels } = started({ ...native, cleaning: '"v 1"' }, "--shell");
        assert.deepEqual(given, ["--cleaning", "v 1"]);
        assert.equal(channels["SM_CHANNEL_BASE-MODEL"], channel("base-model"));
    });
});
