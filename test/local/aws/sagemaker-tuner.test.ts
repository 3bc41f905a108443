import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { searchRanges } from "../../../local/aws/sagemaker/tuning/search-space";
import { type Search, startTuner, type Tuner } from "../../../local/aws/sagemaker/tuning/tuner";
import { tunerRequirements } from "../../../local/aws/sagemaker/tuning/tuner-python";
import { pythonEnvironment } from "../../../local/python/environment";
import { processEnd } from "./sagemaker-under-test";

describe("the tuner of the twin's tuning jobs", function () {
    // The first run makes a Python environment.
    this.timeout(300_000);
    let python: string;
    const started: Tuner[] = [];

    before(async () => {
        ({ python } = await pythonEnvironment(tunerRequirements));
    });
    afterEach(() => {
        for (const tuner of started.splice(0)) tuner.close();
    });

    const ranges = searchRanges({
        IntegerParameterRanges: [{ Name: "layers", MinValue: "1", MaxValue: "4" }],
        ContinuousParameterRanges: [
            { Name: "rate", MinValue: "0.00001", MaxValue: "0.1", ScalingType: "Auto" },
            { Name: "share", MinValue: "0", MaxValue: "1" },
            { Name: "momentum", MinValue: "0.5", MaxValue: "0.999", ScalingType: "ReverseLogarithmic" },
        ],
        CategoricalParameterRanges: [{ Name: "optimizer", Values: ['"sgd"', '"adam"'] }],
    });
    function tunerOf(strategy: Search["strategy"], more: Partial<Search> = {}): Tuner {
        const search: Search = { name: "t", strategy, direction: "maximize", seed: 7, startup: 3, ranges, ...more };
        const tuner = startTuner(python, search);
        started.push(tuner);
        return tuner;
    }
    const asked = async (tuner: Tuner, number: number) => (await tuner.ask(number)) ?? assert.fail("nothing is left");

    it("draws from each range, on its scale", async () => {
        const tuner = tunerOf("Random");
        const drawn: Readonly<Record<string, string>>[] = [];
        for (let number = 0; number < 200; number++) drawn.push(await asked(tuner, number));
        const values = (name: string) => drawn.map((each) => Number(each[name])).sort((a, b) => a - b);
        assert.deepEqual([...new Set(values("layers"))], [1, 2, 3, 4]);
        for (const { name, ...range } of ranges) {
            if (range.kind === "categorical") continue;
            const [least = Number.NaN, most = Number.NaN] = [values(name).at(0), values(name).at(-1)];
            assert.ok(least >= range.low && most <= range.high, `${name} ${least} ${most}`);
        }
        const median = (name: string) => values(name)[100] ?? Number.NaN;
        assert.ok(median("rate") > 1e-4 && median("rate") < 1e-2, String(median("rate")));
        assert.ok(median("share") > 0.3 && median("share") < 0.7, String(median("share")));
        assert.ok(median("momentum") > 0.95, String(median("momentum")));
        assert.deepEqual(new Set(drawn.map(({ optimizer }) => optimizer)), new Set(['"sgd"', '"adam"']));
    });

    it("comes closer to the best with what it is told than at random", async () => {
        const near = async (strategy: Search["strategy"]) => {
            const tuner = tunerOf(strategy);
            const distances: number[] = [];
            for (let number = 0; number < 40; number++) {
                const distance = Math.abs(Number((await asked(tuner, number)).share) - 0.77);
                await tuner.tell(number, "complete", -distance);
                distances.push(distance);
            }
            return distances.slice(20).reduce((sum, distance) => sum + distance, 0);
        };
        assert.ok((await near("Bayesian")) < (await near("Random")) / 2);
    });

    for (const strategy of ["Bayesian", "Random", "Hyperband"] as const) {
        it(`goes on after a restart as if there had been none: ${strategy}`, async () => {
            const more = strategy === "Hyperband" ? { resource: { min: 1, max: 9 } } : {};
            const first = tunerOf(strategy, more);
            const second = tunerOf(strategy, more);
            for (let number = 0; number < 8; number++) {
                const parameters = await asked(first, number);
                const values = [1, 2, 3].map((epoch) => Number(parameters.share) * epoch);
                for (const [index, value] of values.entries()) await first.report(number, index + 1, value);
                const state = (["complete", "pruned", "fail"] as const)[number % 3] ?? "complete";
                await first.tell(number, state, values.at(-1));
                await second.restore(number, { parameters, values, state });
            }
            const [chosen, again] = [await asked(first, 8), await asked(second, 8)];
            assert.deepEqual({ ...again, momentum: "" }, { ...chosen, momentum: "" });
            // A distance from 1 is not told to the last bit.
            assert.ok(Math.abs(Number(again.momentum) - Number(chosen.momentum)) < 1e-12);
            assert.equal(await first.report(8, 1, 0.1), await second.report(8, 1, 0.1));
        });
    }

    it("drops with Hyperband what is worse than others with the same resource", async () => {
        const tuner = tunerOf("Hyperband", { resource: { min: 1, max: 9 } });
        const dropped: boolean[] = [];
        for (let number = 0; number < 30; number++) {
            await asked(tuner, number);
            dropped.push(await tuner.report(number, 1, 1 - number / 100));
        }
        assert.equal(dropped[0], false);
        assert.ok(dropped.includes(true));
    });

    it("learns from another tuning job what lies within its ranges, and passes over the rest", async () => {
        const tuner = tunerOf("Bayesian");
        const parameters = { layers: "2", rate: "0.001", share: "0.5", momentum: "0.9", optimizer: '"sgd"' };
        assert.equal(await tuner.learn(parameters, 0.5), true);
        assert.equal(await tuner.learn({ ...parameters, sagemaker_program: '"train.py"' }, 0.5), true);
        for (const other of [{ layers: "5" }, { layers: "2.5" }, { rate: "1" }, { optimizer: "sgd" }]) {
            assert.equal(await tuner.learn({ ...parameters, ...other }, 0.5), false, JSON.stringify(other));
        }
    });

    it("ends when the twin is killed", async () => {
        const folder = mkdtempSync(join(tmpdir(), "sortline-tuner-"));
        // Which makes its process known, and becomes the tuner.
        const wrapper = join(folder, "python");
        writeFileSync(wrapper, `#!/bin/sh\necho $$ > ${folder}/pid\nexec ${python} "$@"\n`, { mode: 0o755 });
        const search: Search = { name: "t", strategy: "Random", direction: "maximize", seed: 1, startup: 3, ranges };
        const code = `require(${JSON.stringify(join(__dirname, "../../../local/aws/sagemaker/tuning/tuner"))})
            .startTuner(${JSON.stringify(wrapper)}, ${JSON.stringify(search)}).ask(0).then(() => console.log("asked"))`;
        const twin = spawn(process.execPath, ["--import=tsx", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
        await new Promise((resolve) => createInterface({ input: twin.stdout }).once("line", resolve));
        const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
        process.kill(pid, 0);
        twin.kill("SIGKILL");
        await processEnd(pid);
        rmSync(folder, { recursive: true });
    });

    it("says what it said last when it has ended", async () => {
        const tuner = tunerOf("Random", {
            ranges: [{ name: "a", kind: "integer", low: 2, high: 1, scaling: "Linear" }],
        });
        await assert.rejects(tuner.ask(0), /The tuner has ended with exit code 1: .*ValueError/);
    });
});
