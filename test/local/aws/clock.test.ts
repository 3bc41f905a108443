import assert from "node:assert/strict";
import { type Clock, createClock } from "../../../local/aws/clock";

const hour = 3_600_000;

describe("The twin's clock", () => {
    let machine: number;
    let clock: Clock;
    let calls: string[];

    beforeEach(() => {
        machine = 1_000;
        clock = createClock(() => machine);
        calls = [];
    });

    const note = (name: string) => () => void calls.push(`${name} at ${clock.now()}`);

    it("goes with the machine's, and ahead of it by what it was moved", () => {
        clock.advance(hour);
        machine += 5;
        assert.equal(clock.now(), 1_005 + hour);
    });

    it("calls what falls due in a jump in order of time, each at its own time", () => {
        clock.at(9_000, note("late"));
        clock.at(3_000, note("early"));
        clock.at(20_000, note("not yet"));
        clock.advance(10_000);
        assert.deepEqual(calls, ["early at 3000", "late at 9000"]);
        assert.equal(clock.now(), 11_000);
    });

    it("calls what is asked for during a jump, if it falls into it", () => {
        const daily = (time: number) =>
            clock.at(time, () => {
                note("daily")();
                daily(time + 24 * hour);
            });
        daily(24 * hour);
        clock.advance(72 * hour);
        assert.deepEqual(
            calls,
            [24, 48, 72].map((hours) => `daily at ${hours * hour}`),
        );
    });

    it("does not call what was cancelled, also not by what is called before it", () => {
        const cancel = clock.at(3_000, note("cancelled"));
        clock.at(2_000, () => cancel());
        clock.advance(5_000);
        assert.deepEqual(calls, []);
    });

    it("makes up for housekeeping once at the end of a jump, and goes on with it", () => {
        const end = clock.every(1_000, note("tidy"));
        clock.advance(30 * 24 * hour);
        clock.advance(1_000);
        end();
        clock.advance(hour);
        assert.deepEqual(calls, [`tidy at ${1_000 + 720 * hour}`, `tidy at ${2_000 + 720 * hour}`]);
    });

    it("wakes by itself when the machine's time comes, the earlier appointment first", async () => {
        const real = createClock();
        const order: string[] = [];
        await new Promise<void>((resolve) => {
            // A timer that keeps this test alive: the clock's own do not.
            const alive = setInterval(() => undefined, 1_000);
            real.at(real.now() + 20, () => {
                order.push("second");
                clearInterval(alive);
                resolve();
            });
            real.at(real.now() + 5, () => order.push("first"));
        });
        assert.deepEqual(order, ["first", "second"]);
    });

    it("refuses to go back", () => {
        assert.throws(() => clock.advance(-1), /cannot move by -1 ms/);
        assert.throws(() => clock.advance(Number.NaN), RangeError);
    });
});
