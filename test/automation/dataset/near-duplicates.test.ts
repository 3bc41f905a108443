import assert from "node:assert/strict";
import { NEAR, nearDuplicates } from "../../../automation/dataset/near-duplicates";
import { jaccard, shinglesOf } from "../../../automation/dataset/shingles";
import { Random } from "../../random";
import { someText } from "../labelled";

/** A text of which some words have become others. */
function changed(text: string, words: number, seed: number): string {
    const random = new Random(seed);
    const all = text.split(" ");
    for (let at = 0; at < words; at++) all[random.below(all.length)] = `other${random.below(10_000)}`;
    return all.join(" ");
}

/** The clusters that comparing each text with each other one gives. */
function byBruteForce(texts: readonly string[]): number[] {
    const sets = texts.map(shinglesOf);
    const firsts = texts.map((_, at) => at);
    const first = (at: number): number => (firsts[at] === at ? at : first(firsts[at] ?? at));
    sets.forEach((set, at) => {
        for (let other = 0; other < at; other++) {
            if (jaccard(set, sets[other] ?? set) < NEAR) continue;
            const [a, b] = [first(at), first(other)];
            firsts[Math.max(a, b)] = Math.min(a, b);
        }
    });
    return texts.map((_, at) => first(at));
}

describe("near-duplicates", () => {
    it("are those that comparing each text with each other one finds, long and short ones", () => {
        const random = new Random(7);
        const texts = Array.from({ length: 120 }, (_, at) => {
            const text = someText(at, at % 2 === 0 ? 8 : 80);
            return [
                text,
                ...[1, 2, 3].map((more) => changed(text, random.below(at % 2 === 0 ? 4 : 14), at * 10 + more)),
            ];
        }).flat();
        const found = [...nearDuplicates(texts)];
        const expected = byBruteForce(texts);
        const pairs = new Set(expected).size;
        assert.ok(pairs > 120 && pairs < 400, `the texts show both: ${pairs} of 480`);
        assert.deepEqual(found, expected);
    });

    it("do not depend on letter case, punctuation and white space, and tell faces apart", () => {
        assert.deepEqual(
            [...nearDuplicates(["Where is my order?", "where  is\nMY order", "👍", "👎", "👍"])],
            [0, 0, 2, 3, 2],
        );
    });

    it("are found among thousands of the same form letter in one cluster", () => {
        const form = someText(1, 100);
        const texts = Array.from({ length: 3000 }, (_, at) => `${form} number ${at}`);
        assert.deepEqual(new Set(nearDuplicates(texts)), new Set([0]));
    });

    it("of nothing are nothing", () => {
        assert.deepEqual([...nearDuplicates([])], []);
    });
});
