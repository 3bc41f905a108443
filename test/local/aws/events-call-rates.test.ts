import assert from "node:assert/strict";
import { createCallRates } from "../../../local/aws/events/call-rates";

describe("The calls that a destination takes", () => {
    let time: number;
    const rates = () => createCallRates({ now: () => time });
    beforeEach(() => {
        time = 1_000_000;
    });
    const at = (milliseconds: number) => 1_000_000 + milliseconds;
    const late = Number.POSITIVE_INFINITY;

    it("go out one after the other, each that waits at a time of its own", () => {
        const { turn } = rates();
        const asks = ["a", "b", "c", "d"].map((delivery) => turn(delivery, "shop", 2, late));
        assert.deepEqual(asks, [at(0), at(500), at(1000), at(1500)]);
        time = at(500);
        assert.equal(turn("b", "shop", 2, late), time, "its turn has come");
        assert.equal(turn("new", "shop", 2, late), at(2000), "behind those that wait");
        assert.equal(turn("other", "mail", 2, late), time, "destinations do not wait for each other");
    });

    it("catch up with no more than a second when the clock has jumped over their times", () => {
        const { turn } = rates();
        const all = Array.from({ length: 20 }, (_, index) => `${index}`);
        for (const delivery of all) turn(delivery, "shop", 2, late);
        time = at(60_000);
        const asks = all.slice(1).map((delivery) => turn(delivery, "shop", 2, late) - time);
        assert.deepEqual(asks.slice(0, 5), [0, 0, 0, 500, 1000]);
    });

    it("keep no place for one that could not use it any more", () => {
        const { turn } = rates();
        turn("a", "shop", 1, late);
        assert.equal(turn("b", "shop", 1, at(999)), at(1000));
        assert.equal(turn("c", "shop", 1, late), at(1000));
    });

    it("have times in whole milliseconds at any rate", () => {
        const { turn } = rates();
        turn("a", "shop", 300, late);
        assert.equal(turn("b", "shop", 300, late), at(4));
        assert.equal(turn("c", "shop", 300, late), at(7));
    });
});
