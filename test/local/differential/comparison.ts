import assert from "node:assert/strict";
import type { Answer, Transcript } from "./transcript";

/** A difference between the twin and moto that is known, and who is right. */
export interface Difference {
    /** `scenario > call`; `*` stands for any text. */
    readonly call: string;
    /** Path in the answer, such as `error.message`; `*` stands for any text. */
    readonly member: string;
    /** What the twin answers there: undefined for nothing. Left out where it is not always the same. */
    readonly twin?: unknown;
    /** What moto answers there. */
    readonly moto?: unknown;
    /** Who answers as AWS's documentation says. */
    readonly right: "twin" | "moto" | "both" | "neither";
    readonly because: string;
}

interface Found {
    readonly call: string;
    readonly member: string;
    readonly twin: unknown;
    readonly moto: unknown;
}

/** Compares what two sides answered with the differences that are listed. */
export class Comparison {
    private readonly seen = new Set<Difference>();

    constructor(private readonly listed: readonly Difference[]) {}

    /** @throws AssertionError naming each difference that is not listed. */
    compare(scenario: string, twin: Transcript, moto: Transcript): void {
        assert.deepEqual([...twin.keys()], [...moto.keys()], "Both sides have to be asked the same.");
        const unlisted: Found[] = [];
        for (const [name, answer] of twin) {
            const call = `${scenario} > ${name}`;
            for (const difference of differences(answer, moto.get(name))) {
                const found = { call, ...difference };
                const entries = this.listed.filter((entry) => isOf(entry, found));
                for (const entry of entries) this.seen.add(entry);
                if (entries.length === 0) unlisted.push(found);
            }
        }
        assert.equal(
            unlisted.length,
            0,
            `${unlisted.length} differences are not listed:\n${unlisted.map(shown).join("\n")}`,
        );
    }

    /** Listed differences that no comparison has met. */
    stale(): string[] {
        return this.listed.filter((entry) => !this.seen.has(entry)).map(({ call, member }) => `${call}: ${member}`);
    }
}

function isOf(entry: Difference, found: Found): boolean {
    return (
        like(entry.call, found.call) &&
        like(entry.member, found.member) &&
        (!("twin" in entry) || same(entry.twin, found.twin)) &&
        (!("moto" in entry) || same(entry.moto, found.moto))
    );
}

function like(pattern: string, text: string): boolean {
    const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${parts.join(".*")}$`).test(text);
}

function differences(twin: Answer, moto: Answer | undefined): Omit<Found, "call">[] {
    return walk({ ...twin }, { ...moto }, "");
}

function walk(twin: unknown, moto: unknown, path: string): Omit<Found, "call">[] {
    if (same(twin, moto)) return [];
    if (!isRecord(twin) || !isRecord(moto)) return [{ member: path, twin, moto }];
    const names = [...new Set([...Object.keys(twin), ...Object.keys(moto)])];
    return names.flatMap((name) => walk(twin[name], moto[name], path === "" ? name : `${path}.${name}`));
}

/** An array counts as an object with its indices as names, unless the lengths differ. */
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null;
}

function same(one: unknown, other: unknown): boolean {
    try {
        assert.deepStrictEqual(one, other);
        return true;
    } catch {
        return false;
    }
}

function shown({ call, member, twin, moto }: Found): string {
    return `  { call: ${JSON.stringify(call)}, member: ${JSON.stringify(member)}, twin: ${JSON.stringify(twin)}, moto: ${JSON.stringify(moto)} }`;
}
