import { Random } from "../random";

const words = "order invoice late parcel price broken thanks tariff refund lamp cable office desk winter".split(" ");

/** A text of so many random words, always the same for the same seed, and unlike that of any other. */
export function someText(seed: number, length = 20): string {
    const random = new Random(seed);
    return Array.from({ length }, () => `${random.pick(words)}${random.below(1000)}`).join(" ");
}

/** CSV with so many different texts for each label. */
export function labelled(counts: Readonly<Record<string, number>>): string {
    let seed = 0;
    const rows = Object.entries(counts).flatMap(([label, count]) =>
        Array.from({ length: count }, () => `${someText(++seed)},${label}\n`),
    );
    return `text,category\n${rows.join("")}`;
}
