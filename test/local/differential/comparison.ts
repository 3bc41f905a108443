import assert from "node:assert/strict";
import type { Transcript } from "./transcript";

/** Where in an answer; never all of it, so that an entry tells what is different. */
export type Member = "status" | "output" | "error" | `${"headers" | "output" | "error"}.${string}`;

/** What the twin and what moto answer there, ids and dates replaced: undefined for nothing. */
export type Values = readonly [twin: unknown, moto: unknown];

/** Differences between the twin and moto that are known and have one reason. */
export interface Difference {
    /** Who answers as AWS's documentation says. */
    readonly right: "twin" | "moto" | "both" | "neither";
    readonly because: string;
    /** By `scenario > call`, then by member. */
    readonly at: Readonly<Record<string, Readonly<Partial<Record<Member, Values>>>>>;
}

/** Differences that many calls have in common, for one reason. */
export interface RepeatedDifference extends Omit<Difference, "at"> {
    /** `#` in a member stands for any index of a list. It is met as often as is said, so that one call less is seen. */
    readonly members: readonly (readonly [member: Member, times: number, ...values: Values])[];
}

export interface Differences {
    readonly listed: readonly Difference[];
    readonly repeated: readonly RepeatedDifference[];
}

interface Found {
    readonly call: string;
    readonly member: string;
    readonly values: Values;
}

/** Compares what two sides answered with the differences that are listed. */
export class Comparison {
    /** Those that no comparison has met yet, by call and member. */
    private readonly expected = new Map<string, Found>();
    private readonly repeated: {
        readonly member: string;
        readonly times: number;
        readonly values: Values;
        met: number;
    }[];

    constructor({ listed, repeated }: Differences) {
        this.repeated = repeated.flatMap(({ members }) =>
            members.map(([member, times, ...values]) => ({ member, times, values, met: 0 })),
        );
        for (const { at } of listed) {
            for (const [call, members] of Object.entries(at)) {
                for (const [member, values] of Object.entries(members)) {
                    if (values === undefined) continue;
                    const place = placeOf(call, member);
                    if (this.expected.has(place)) throw new Error(`The difference '${place}' is listed twice.`);
                    this.expected.set(place, { call, member, values });
                }
            }
        }
    }

    /** @throws AssertionError naming each difference that is not listed, and each of the scenario's that was not met. */
    compare(scenario: string, twin: Transcript, moto: Transcript): void {
        assert.deepEqual([...twin.keys()], [...moto.keys()], "Both sides have to be asked the same.");
        const unlisted: Found[] = [];
        for (const [name, answer] of twin) {
            const call = placeOf(scenario, name);
            for (const difference of walk({ ...answer }, { ...moto.get(name) }, "")) {
                const found = { call, ...difference };
                if (!this.take(found)) unlisted.push(found);
            }
        }
        const unmet = [...this.expected.values()].filter(({ call }) => call.startsWith(placeOf(scenario, "")));
        const lines = [...section("not listed", unlisted), ...section("listed, but not met", unmet)];
        assert.equal(lines.length, 0, lines.join("\n"));
    }

    /** What is listed and no comparison has met, or not as often. */
    stale(): string[] {
        const repeated = this.repeated
            .filter(({ met, times }) => met !== times)
            .map((entry) => `  ${entry.member}: met ${entry.met}, not ${entry.times} times: ${shownValues(entry)}`);
        return [...this.expected.values()].map(shown).concat(repeated);
    }

    /** @returns whether it is a difference that is listed. */
    private take(found: Found): boolean {
        const place = placeOf(found.call, found.member);
        const expected = this.expected.get(place);
        if (expected !== undefined) {
            if (!same(expected.values, found.values)) return false;
            return this.expected.delete(place);
        }
        const member = found.member.replace(/\.\d+(?=\.|$)/g, ".#");
        const entry = this.repeated.find((one) => one.member === member && same(one.values, found.values));
        if (entry === undefined) return false;
        entry.met++;
        return true;
    }
}

const placeOf = (outer: string, inner: string) => `${outer} > ${inner}`;

function walk(twin: unknown, moto: unknown, path: string): Omit<Found, "call">[] {
    if (same(twin, moto)) return [];
    if (!isRecord(twin) || !isRecord(moto)) return [{ member: path, values: [twin, moto] }];
    const names = [...new Set([...Object.keys(twin), ...Object.keys(moto)])];
    return names.flatMap((name) => walk(twin[name], moto[name], path === "" ? name : `${path}.${name}`));
}

/** A list counts as an object with its indices as names. */
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

function section(title: string, found: readonly Found[]): string[] {
    return found.length === 0 ? [] : [`${found.length} differences are ${title}:`, ...found.map(shown)];
}

function shown(found: Found): string {
    return `  ${found.call}, ${found.member}: ${shownValues(found)}`;
}

const shownValues = ({ values: [twin, moto] }: { readonly values: Values }) =>
    `twin ${JSON.stringify(twin)}, moto ${JSON.stringify(moto)}`;
