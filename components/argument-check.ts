import * as pulumi from "@pulumi/pulumi";

/** A range of numbers, both ends included. */
export interface Range {
    readonly from: number;
    /** @default no end */
    readonly to?: number;
    /** Shown after the numbers, for example "seconds". */
    readonly unit?: string;
}

const listed = new Intl.ListFormat("en-GB", { type: "disjunction" });

/** A value as it stands in a program; of what is neither text nor number, only what it is. */
function shown(value: unknown): string {
    if (typeof value === "string") return JSON.stringify(value);
    if (typeof value === "object" && value !== null) return Array.isArray(value) ? "a list" : "an object";
    return String(value);
}

/** A component's name becomes part of bucket, role and function names, which limit it. */
const NAME = /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

/** Collects what is wrong with a component's arguments, so that all of it is told at once. */
export class ArgumentCheck {
    readonly #problems: string[] = [];
    readonly #subject: string;

    constructor(component: string, name: string) {
        this.#subject = `${component} "${name}"`;
        if (!NAME.test(name)) {
            this.add(
                `its name is ${JSON.stringify(name)}; use 1 to 40 lower-case letters, digits and hyphens, beginning with a letter`,
            );
        }
    }

    add(problem: string): void {
        this.#problems.push(problem);
    }

    /** A whole number within the range, or undefined. */
    integer(option: string, value: number | undefined, range: Range): void {
        const { from, to = Number.POSITIVE_INFINITY } = range;
        if (value === undefined || (Number.isInteger(value) && value >= from && value <= to)) return;
        const unit = range.unit === undefined ? "" : ` ${range.unit}`;
        const numbers = range.to === undefined ? `of at least ${from}` : `from ${from} to ${to}`;
        this.add(`${option} is ${shown(value)}; it must be a whole number ${numbers}${unit}`);
    }

    /** True or false. */
    flag(option: string, value: boolean): void {
        if (typeof value !== "boolean") this.add(`${option} is ${shown(value)}; it must be true or false`);
    }

    /** One of the given texts or numbers. */
    oneOf(option: string, value: string | number, allowed: readonly (string | number)[]): void {
        if (allowed.includes(value)) return;
        this.add(`${option} is ${shown(value)}; it must be ${listed.format(allowed.map(shown))}`);
    }

    /** Throws one error with all problems, if there are any. */
    done(): void {
        if (this.#problems.length === 0) return;
        // Shown without a stack trace: it is the program's arguments that are wrong.
        throw new pulumi.RunError(`${this.#subject}: ${this.#problems.join("; ")}.`);
    }
}
