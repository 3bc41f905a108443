import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { features } from "./fuzz/features";
import { generate } from "./fuzz/program";
import { type Difference, runPrograms } from "./fuzz/run-batch";

const programs = 1000;
const batchSize = 50;
const leastOccurrences = 50;

/** What a person needs to look into a difference. */
function report(differences: readonly Difference[]): string {
    return differences
        .map(
            ({ seed, stage, folder, what }) =>
                `seed ${seed}, stage "${stage}": ${what}\n    the program: ${folder}\n` +
                `    repeat it: FUZZ_SEED=${seed} node --import tsx test/run.ts test/components/inline/fuzz.test.ts`,
        )
        .join("\n");
}

async function check(seeds: readonly number[], keep: boolean): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), "inline-fuzz-"));
    const differences = await runPrograms(seeds.map(generate), folder);
    if (differences.length === 0 && !keep) rmSync(folder, { recursive: true });
    assert.equal(differences.length, 0, report(differences));
    return folder;
}

describe("An artefact answers as the callback does in its program,", () => {
    const chosen = process.env.FUZZ_SEED;
    if (chosen !== undefined) {
        it(`for the generated program of seed ${chosen}`, async () => {
            const seed = Number(chosen);
            assert.ok(Number.isSafeInteger(seed) && seed >= 0, `FUZZ_SEED is "${chosen}", not a whole number from 0`);
            process.stdout.write(`the program: ${join(await check([seed], true), `seed-${seed}`)}\n`);
        });
        return;
    }

    for (let first = 0; first < programs; first += batchSize) {
        const seeds = Array.from({ length: batchSize }, (_, index) => first + index);
        it(`for the generated programs of seeds ${first} to ${first + batchSize - 1}`, async () => {
            await check(seeds, false);
        });
    }

    it(`and every feature of the generated programs occurs at least ${leastOccurrences} times in them`, () => {
        const counts = new Map<string, number>(features.map((each) => [each, 0]));
        for (let seed = 0; seed < programs; seed++) {
            for (const [feature, count] of generate(seed).features)
                counts.set(feature, (counts.get(feature) ?? 0) + count);
        }
        const rare = [...counts].filter(([, count]) => count < leastOccurrences);
        assert.deepEqual(rare, []);
        assert.deepEqual([...counts.keys()].sort(), [...features].sort());
    });
});
