import * as pulumi from "@pulumi/pulumi";
import { mismatch, optionProblems, type Rule, type Rules } from "./argument-rules";
import { isOptions, shown } from "./shown-value";

/** A component's name becomes part of bucket, role and function names, which limit it. */
const NAME = /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

/** Collects what is wrong with a component's arguments, so that all of it is told at once. */
export class ArgumentCheck {
    readonly #problems: string[] = [];
    readonly #subject: string;

    constructor(component: string, name: string) {
        this.#subject = `${component} ${shown(name)}`;
        if (typeof name !== "string" || !NAME.test(name)) {
            this.add(
                `its name is ${shown(name)}; use 1 to 40 lower-case letters, digits and hyphens, beginning with a letter`,
            );
        }
    }

    add(...problems: readonly string[]): void {
        this.#problems.push(...problems);
    }

    /**
     * An object with options, whose problems are told by their names alone.
     * @param parameter The object's own name, for when it is none.
     * @param andOthers A subclass may have options of its own.
     */
    options<Options>(parameter: string, given: unknown, rules: Rules<Options>, andOthers = false): void {
        const members = rules as Readonly<Record<string, Rule>>;
        const names = Object.keys(members).join(", ");
        if (isOptions(given)) this.add(...optionProblems("", given, members, andOthers));
        else if (given === undefined) this.add(`${parameter} is missing; it must be an object with ${names}`);
        else this.add(mismatch(parameter, given, `an object with ${names}`));
    }

    /** Pulumi's own options of a resource, or undefined. */
    resourceOptions(given: unknown): void {
        if (given === undefined || isOptions(given)) return;
        this.add(mismatch("the resource's options", given, "an object such as { parent }, or left out"));
    }

    /** Throws one error with all problems, if there are any. */
    done(): void {
        if (this.#problems.length === 0) return;
        // Shown without a stack trace: it is the program's arguments that are wrong.
        throw new pulumi.RunError(`${this.#subject}: ${this.#problems.join("; ")}.`);
    }
}
