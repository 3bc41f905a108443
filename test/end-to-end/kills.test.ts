import assert from "node:assert/strict";
import { crash } from "../../bench/crash/run";

const kills = 8;
const seed = process.env.SORTLINE_SEED ?? "1";

describe(`a twin that is killed while it takes records and works on them (SORTLINE_SEED=${seed})`, function () {
    this.timeout(600_000);

    it(`has all that it acknowledged, in order per key, and each result once, after ${kills} kills`, async () => {
        const { lost, duplicated, reordered, acknowledged, objects } = await crash({ kills, seed });
        assert.deepEqual({ lost, duplicated, reordered }, { lost: 0, duplicated: 0, reordered: 0 });
        assert.ok(acknowledged > 0);
        assert.ok(objects.small > 0 && objects.large > 0, `objects: ${JSON.stringify(objects)}`);
    });
});
