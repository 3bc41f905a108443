import assert from "node:assert/strict";
import { Comparison, type Differences, type Member } from "./comparison";
import type { Transcript } from "./transcript";

const answer = (output: unknown): Transcript => new Map([["get", { status: 200, headers: {}, output }]]);

/** What the twin answers as size, and moto does not. */
const listed = (): Comparison =>
    new Comparison({
        listed: [
            { right: "twin", because: "As documented.", at: { "objects > get": { "output.Size": [4, undefined] } } },
        ],
        repeated: [],
    });

const repeated = (member: Member, times: number): Differences => ({
    listed: [],
    repeated: [{ right: "twin", because: "As documented.", members: [[member, times, "FULL", undefined]] }],
});

describe("Comparison of the twin with moto", () => {
    it("takes a difference that is listed with what both answer", () => {
        const comparison = listed();
        comparison.compare("objects", answer({ Size: 4 }), answer({}));
        assert.deepEqual(comparison.stale(), []);
    });

    it("refuses another answer of the twin where moto's differs anyway", () => {
        assert.throws(
            () => listed().compare("objects", answer({ Size: 5 }), answer({})),
            /1 differences are not listed:\n.*objects > get, output\.Size: twin 5, moto undefined/,
        );
    });

    it("refuses another answer of moto's", () => {
        assert.throws(() => listed().compare("objects", answer({ Size: 4 }), answer({ Size: 5 })), /not listed/);
    });

    it("refuses to find both the same where a difference is listed", () => {
        assert.throws(
            () => listed().compare("objects", answer({ Size: 4 }), answer({ Size: 4 })),
            /1 differences are listed, but not met:\n.*objects > get, output\.Size/,
        );
    });

    it("does not take another difference of the call for the one that is listed", () => {
        const comparison = listed();
        assert.throws(
            () => comparison.compare("objects", answer({ ETag: "a" }), answer({ ETag: "b" })),
            /output\.ETag: twin "a", moto "b"\n1 differences are listed, but not met:\n.*output\.Size/,
        );
        assert.equal(comparison.stale().length, 1);
    });

    it("counts how often a repeated difference is met, and tells a wrong number", () => {
        const stale = (times: number) => {
            const comparison = new Comparison(repeated("output.#.Type", times));
            comparison.compare("objects", answer([{ Type: "FULL" }, { Type: "FULL" }]), answer([{}, {}]));
            return comparison.stale();
        };
        assert.deepEqual(stale(2), []);
        assert.match(stale(3).join(), /output\.#\.Type: met 2, not 3 times/);
        assert.match(stale(1).join(), /output\.#\.Type: met 2, not 1 times/);
    });

    it("refuses a repeated difference with another value", () => {
        const comparison = new Comparison(repeated("output.Type", 1));
        assert.throws(() => comparison.compare("objects", answer({ Type: "PART" }), answer({})), /not listed/);
    });
});
