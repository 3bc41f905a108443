import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { jsonLines, type Running, sortline, startSortline, temporaryFolder } from "../end-to-end/command";
import { testData } from "../test-data";

const seed = process.env.SORTLINE_SEED ?? "1";
const moments = 5;

/** After how many settled mails the twin is killed: the same for the same seed. */
function settledBeforeKill(round: number): number {
    return createHash("sha256").update(`${seed}/${round}`).digest().readUInt16BE(0) % 290;
}

describe(`a twin that is killed while 300 mails are under way (SORTLINE_SEED=${seed})`, () => {
    const { folder: home, remove } = temporaryFolder();
    let running: Running | undefined;
    after(async () => {
        await running?.stop();
        remove();
    });

    it(`has each of them once in its results, after ${moments} kills`, async function () {
        this.timeout(900_000);
        const data = testData(this, "mail-raw");
        const results = async () => {
            const { code, stdout } = await sortline(["results", "--json"], { home });
            return code === 0
                ? jsonLines(stdout).filter(({ source }) => /^(easy-ham|hard-ham|spam)-/.test(String(source)))
                : [];
        };
        running = await startSortline({ home });
        for (let round = 0; round < moments; round++) {
            const wanted = settledBeforeKill(round);
            const sending = sortline(["send", data, "--wait"], { home });
            let over = false;
            sending.then(() => {
                over = true;
            });
            while (!over && (await results()).filter(({ state }) => state !== "inFlight").length < wanted)
                await wait(20);
            await running.kill();
            await sending;
            running = await startSortline({ home });
        }
        const last = await sortline(["send", data, "--wait"], { home });
        assert.equal(last.code, 0, last.stderr);
        const found = await results();
        assert.equal(found.length, 300);
        assert.equal(new Set(found.map(({ source }) => source)).size, 300);
        for (const result of found) assert.notEqual(result.state, "inFlight", JSON.stringify(result));
        assert.ok(found.filter(({ state }) => state === "failed").length <= 10);
    });
});
