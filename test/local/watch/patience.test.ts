import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { createHold } from "../../../local/aws/lambda/hold";
import { type WatchEvent, type WatchedTwin, watchProgram } from "../../../local/watch";

describe("invocations while new code is on its way", () => {
    let folder: string;
    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "sortline-patience-"));
        fs.mkdirSync(path.join(folder, "home"));
        fs.writeFileSync(path.join(folder, "index.ts"), "old");
    });
    afterEach(() => fs.rmSync(folder, { recursive: true }));

    const until = async (condition: () => boolean) => {
        while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
    };

    /** A twin whose deployments end when they are told to. */
    function fakeTwin() {
        const hold = createHold();
        let holds = 0;
        const deployments: (() => void)[] = [];
        const twin: WatchedTwin = {
            home: path.join(folder, "home"),
            file: { project: folder },
            services: {
                lambda: {
                    hold() {
                        holds++;
                        return hold.begin();
                    },
                },
            },
            stack: {
                up: () =>
                    new Promise((resolve) => {
                        const changes = { create: 0, update: 0, replace: 0, delete: 0, same: 0 };
                        deployments.push(() => resolve({ changes, outputs: {}, milliseconds: 1 }));
                    }),
                onLoaded: () => () => {},
                export: () => ({ resources: [], outputs: {} }),
            },
        };
        return { hold, twin, deployments, held: () => holds };
    }

    it("wait until it is there, but go on with the old one where that takes too long, and wait again after the next save", async () => {
        const { hold, twin, deployments, held } = fakeTwin();
        const events: WatchEvent[] = [];
        const watch = watchProgram(twin, { patience: 1000, onEvent: (event) => void events.push(event) });
        const kinds = () => events.map(({ kind }) => kind);
        let passed = 0;
        const invoke = async () => {
            await hold.passed();
            passed++;
        };
        try {
            await invoke();
            fs.writeFileSync(path.join(folder, "index.ts"), "slow");
            await until(() => deployments.length === 1);
            const first = invoke();
            await new Promise((resolve) => setImmediate(resolve));
            assert.equal(passed, 1);
            await first;
            assert.deepEqual(kinds(), ["saved", "late"]);
            assert.deepEqual(events[1], { kind: "late", milliseconds: 1000, programRuns: true });

            fs.writeFileSync(path.join(folder, "index.ts"), "next");
            await until(() => held() === 2);
            const second = invoke();
            deployments[0]?.();
            await until(() => deployments.length === 2);
            assert.equal(passed, 2);
            deployments[1]?.();
            await second;
            await watch.settled();
            assert.deepEqual(kinds(), ["saved", "late", "deployed", "saved", "deployed"]);
        } finally {
            watch.close();
        }
    });

    it("wait from the turn of a save on where the watch is told to look, and only where something was saved", async () => {
        const { twin, deployments, held } = fakeTwin();
        const watch = watchProgram(twin, { onEvent: () => {} });
        try {
            watch.look();
            fs.writeFileSync(path.join(folder, "index.ts"), "old");
            watch.look();
            assert.equal(held(), 0);
            fs.writeFileSync(path.join(folder, "index.ts"), "new");
            watch.look();
            watch.look();
            assert.equal(held(), 1);
            await until(() => deployments.length === 1);
            fs.writeFileSync(path.join(folder, "added.ts"), "more");
            watch.look();
            deployments[0]?.();
            await until(() => deployments.length === 2);
            deployments[1]?.();
            await watch.settled();
            assert.equal(held(), 1);
        } finally {
            watch.close();
        }
        fs.writeFileSync(path.join(folder, "index.ts"), "late");
        watch.look();
        assert.equal(held(), 1);
    });

    it("end with their wait where they are called off, or the twin ends", async () => {
        const hold = createHold();
        const release = hold.begin();
        const off = new AbortController();
        const called = hold.passed(off.signal);
        off.abort(new Error("called off"));
        await assert.rejects(called, /called off/);
        const other = hold.passed();
        hold.end();
        await other;
        release();
        hold.begin();
        await hold.passed();
    });
});
