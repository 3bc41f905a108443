import assert from "node:assert/strict";
import { readTime } from "../../automation/time";

describe("a point in time", () => {
    const now = new Date("2025-11-30T12:00:00.000Z");
    const read = (text: string) => readTime(text, now)?.toISOString();

    it("is a duration back from now", () => {
        assert.equal(read("30s"), "2025-11-30T11:59:30.000Z");
        assert.equal(read("45m"), "2025-11-30T11:15:00.000Z");
        assert.equal(read("2h"), "2025-11-30T10:00:00.000Z");
        assert.equal(read("3d"), "2025-11-27T12:00:00.000Z");
        assert.equal(read("0s"), now.toISOString());
    });

    it("or an ISO time, of this machine where it has no zone", () => {
        assert.equal(read("2025-11-30T08:00Z"), "2025-11-30T08:00:00.000Z");
        assert.equal(read("2025-11-30T08:00:01.5+02:00"), "2025-11-30T06:00:01.500Z");
        assert.equal(read("2025-11-30"), "2025-11-30T00:00:00.000Z");
        assert.equal(read("2025-11-30T08:00"), new Date("2025-11-30T08:00").toISOString());
    });

    it("and nothing else", () => {
        const others = ["", "2", "h", "-2h", "2.5h", "2 h", "yesterday", "2025-02-30", "2025-13-01", "30.11.2025"];
        for (const text of [...others, "2025-11-30T25:00Z", "999999999d", "2025-11-30T08:00Zzz"]) {
            assert.equal(read(text), undefined, text);
        }
    });
});
