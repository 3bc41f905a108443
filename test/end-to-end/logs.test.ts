import assert from "node:assert/strict";
import * as path from "node:path";
import { until } from "../../automation/until";
import { type Local, startLocal } from "../../testing";
import { launch, sortline } from "./command";

describe("sortline logs", function () {
    this.timeout(180_000);
    let local: Local;
    const groups = new Map<string, string>();
    const hour = 3_600_000;

    before(async () => {
        local = await startLocal({ project: path.join(__dirname, "..", "fixtures", "programs", "redriven") });
        for (const { type, outputs } of local.twin.stack.export().resources) {
            const name = String(outputs.name);
            if (type === "aws:cloudwatch/logGroup:LogGroup") groups.set(/pack|look/.exec(name)?.[0] ?? "", name);
        }
        await log("pack", '{"level":"INFO","message":"earlier"}', Date.now() - 3 * hour);
        await log("look", "plain words");
        await log("pack", '{"level":"WARN","message":{"took":120}}');
        await log("pack", '{"level":"INFO","message":{"took":7}}');
    });
    after(() => local?.close());

    // A second apart: lines of one millisecond have no order among the logs of several stages.
    let latest = Date.now() - 60_000;
    function log(stage: string, message: string, timestamp?: number) {
        latest += 1000;
        const event = { timestamp: timestamp ?? latest, message };
        return local.twin.services.logs.append(String(groups.get(stage)), "one", [event]);
    }

    async function shown(...args: string[]): Promise<string[]> {
        const { code, stdout, stderr } = await sortline(["logs", ...args], { home: local.home });
        assert.equal(code, 0, stderr);
        return stdout
            .split("\n")
            .flatMap((line) => (line === "" ? [] : [line.replace(/^\S+ /, "").replace(/ +/g, " ")]));
    }

    it("shows the lines of one stage, or of all in order of time", async () => {
        assert.deepEqual(await shown("pack"), ["INFO earlier", "WARN took=120", "INFO took=7"]);
        assert.deepEqual(await shown(), [
            "pack INFO earlier",
            "look plain words",
            "pack WARN took=120",
            "pack INFO took=7",
        ]);
    });

    it("shows what was logged since a time, and what matches a filter pattern", async () => {
        assert.deepEqual(await shown("pack", "--since", "2h"), ["WARN took=120", "INFO took=7"]);
        assert.deepEqual(await shown("pack", "--filter", '{ $.level = "INFO" }'), ["INFO earlier", "INFO took=7"]);
        assert.deepEqual(await shown("pack", "--since", "2h", "--filter", "{ $.message.took > 100 }"), [
            "WARN took=120",
        ]);
        assert.deepEqual(await shown("--filter", "words"), ["look plain words"]);
    });

    it("goes on to show what is logged, by the same filter", async () => {
        const child = launch(["logs", "look", "--follow", "--filter", "wanted"], { home: local.home });
        let output = "";
        child.stdout?.on("data", (piece: Buffer) => {
            output += piece.toString("utf8");
        });
        await log("look", "wanted one");
        await until("the first line", async () => (output.includes("wanted one") ? true : undefined), { seconds: 60 });
        await log("look", "something else");
        await log("look", "wanted two");
        await until("the second line", async () => (output.includes("wanted two") ? true : undefined), { seconds: 60 });
        await log("look", "wanted, and late", latest - 30_000);
        await until("the late line", async () => (output.includes("and late") ? true : undefined), { seconds: 60 });
        assert.equal(output.split("\n").length, 4);
        const ended = new Promise((resolve) => child.once("close", resolve));
        child.kill("SIGINT");
        await ended;
    });

    it("ends with 2 and says what is wrong", async () => {
        const wrong = await sortline(["logs", "wrap", "--since", "yesterday"], { home: local.home });
        assert.equal(wrong.code, 2);
        assert.match(wrong.stderr, /There is no stage "wrap"\. There are: pack, look\b/);
        assert.match(wrong.stderr, /--since is "yesterday"; it must be a duration/);
        const filter = await sortline(["logs", "pack", "--filter", "{ $.a = }"], { home: local.home });
        assert.equal(filter.code, 2);
        assert.match(filter.stderr, /--filter: Invalid filter pattern: /);
    });
});
