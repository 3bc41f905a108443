import * as pulumi from "@pulumi/pulumi";

/** A range of numbers, both ends included. */
export interface Range {
    readonly from: number;
    readonly to: number;
    /** Shown after the numbers, for example "seconds". */
    readonly unit?: string;
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
        if (value === undefined || (Number.isInteger(value) && value >= range.from && value <= range.to)) return;
        const unit = range.unit === undefined ? "" : ` ${range.unit}`;
        this.add(`${option} is ${value}; it must be a whole number from ${range.from} to ${range.to}${unit}`);
    }

    /** One of the given texts. */
    oneOf(option: string, value: string, allowed: readonly string[]): void {
        if (allowed.includes(value)) return;
        this.add(
            `${option} is ${JSON.stringify(value)}; it must be ${allowed.map((each) => `"${each}"`).join(" or ")}`,
        );
    }

    /** Throws one error with all problems, if there are any. */
    done(): void {
        if (this.#problems.length === 0) return;
        // Shown without a stack trace: it is the program's arguments that are wrong.
        throw new pulumi.RunError(`${this.#subject}: ${this.#problems.join("; ")}.`);
    }
}
