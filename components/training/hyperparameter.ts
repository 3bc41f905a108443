import { flag, integer, memberOf, mismatch, oneOf, type Rule, value } from "../argument-rules";
import { closestName } from "../closest-name";
import { isOptions } from "../shown-value";
import type { Algorithm } from "../training-algorithm";

/** What a hyperparameter of the package's own training code may be. Ranges include both ends. */
export type Hyperparameter =
    | { readonly kind: "integer" | "number"; readonly from: number; readonly to: number }
    | { readonly kind: "choice"; readonly values: readonly string[] }
    | { readonly kind: "flag" };

const whole = (from: number, to: number): Hyperparameter => ({ kind: "integer", from, to });
const number = (from: number, to: number): Hyperparameter => ({ kind: "number", from, to });
const choice = (...values: readonly string[]): Hyperparameter => ({ kind: "choice", values });

const seed = whole(0, 2 ** 31 - 1);

/** The hyperparameters of the package's own training code, as `training/` takes them. */
export const HYPERPARAMETERS: Readonly<Record<Algorithm, Readonly<Record<string, Hyperparameter>>>> = {
    linear: {
        seed,
        "inverse-regularization": number(0.0001, 100_000),
        "class-weights": choice("none", "balanced"),
        "most-terms": whole(10, 1_000_000),
        precision: number(0.5, 0.999),
    },
    bert: {
        seed,
        epochs: whole(1, 1000),
        "batch-size": whole(1, 65_536),
        "tokens-per-batch": whole(64, 1_048_576),
        "learning-rate": number(1e-7, 0.1),
        warmup: number(0, 0.9),
        "weight-decay": number(0, 1),
        "label-smoothing": number(0, 0.5),
        "class-weights": choice("none", "balanced"),
        longest: whole(16, 65_536),
        "long-texts": choice("head-tail", "windows"),
        patience: whole(1, 1000),
        validation: number(0.02, 0.5),
        precision: number(0.5, 0.999),
        "checkpoint-minutes": number(0, 1000),
        compile: { kind: "flag" },
    },
};

/** What a component sets by arguments of its own, by the argument that does. */
const OWN_ARGUMENTS: Readonly<Record<string, string>> = {
    "base-model": "baseModel",
    "processes-per-host": "distribution.processesPerHost",
};
/** Hyperparameters that are arguments of their own, or the container's. */
const RESERVED = /^(algorithm|cleaning|_.*|sagemaker_.*)$/;

/** What one hyperparameter may be. */
export function hyperparameterRule(hyperparameter: Hyperparameter): Rule {
    switch (hyperparameter.kind) {
        case "integer":
            return integer(hyperparameter);
        case "number": {
            const { from, to } = hyperparameter;
            return value(
                `a number from ${from} to ${to}`,
                (given) => typeof given === "number" && given >= from && given <= to,
            );
        }
        case "choice":
            return oneOf(hyperparameter.values);
        case "flag":
            return flag;
    }
}

/** A hyperparameter of a program's own code. @param longest of a text, as SageMaker takes it: JSON */
export function scalarRule(longest: number): Rule {
    return value(
        `a text of at most ${longest} characters as JSON, a number, true or false`,
        (given) =>
            (typeof given === "string" && JSON.stringify(given).length <= longest) ||
            typeof given === "boolean" ||
            Number.isFinite(given),
    );
}

/** SageMaker's limit for values that are fixed. */
const fixedScalar = scalarRule(2500);

/**
 * What is wrong with hyperparameters, fixed ones or those that a search chooses.
 * @param known undefined where the training code is the program's own, which takes what it likes.
 * @param rule of the values, for a known hyperparameter or for any.
 */
export function hyperparameterProblems(
    option: string,
    given: unknown,
    known: Readonly<Record<string, Hyperparameter>> | undefined,
    rule: (hyperparameter: Hyperparameter | undefined) => Rule,
): readonly string[] {
    if (!isOptions(given)) return [mismatch(option, given, "an object: name, value")];
    return Object.entries(given).flatMap(([name, member]) => {
        if (member === undefined) return [];
        const path = memberOf(option, name);
        if (RESERVED.test(name)) return [`${option} has ${name}, which the component sets itself`];
        const own = Object.hasOwn(OWN_ARGUMENTS, name) ? OWN_ARGUMENTS[name] : undefined;
        if (own !== undefined && known !== undefined) return [`${option} has ${name}; give it as ${own}`];
        if (name.length > MAX_NAME)
            return [`${option} has a name of ${name.length} characters; use at most ${MAX_NAME}`];
        if (known === undefined) return rule(undefined).problems(path, member);
        const hyperparameter = Object.hasOwn(known, name) ? known[name] : undefined;
        if (hyperparameter !== undefined) return rule(hyperparameter).problems(path, member);
        const names = Object.keys(known);
        const closest = closestName(name, names);
        const instead = closest === undefined ? `there are ${names.join(", ")}` : `the closest is ${closest}`;
        return [`${path} is no option; ${instead}`];
    });
}

/** SageMaker's limit for the name of a hyperparameter. */
const MAX_NAME = 256;

/** What is wrong with hyperparameters whose values are fixed. */
export function fixedProblems(
    option: string,
    given: unknown,
    known: Readonly<Record<string, Hyperparameter>> | undefined,
): readonly string[] {
    return hyperparameterProblems(option, given, known, (hyperparameter) =>
        hyperparameter === undefined ? fixedScalar : hyperparameterRule(hyperparameter),
    );
}
