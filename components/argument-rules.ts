import { closestName } from "./closest-name";
import { comesLater, isOptions, shown } from "./shown-value";

/** What an option may be. */
export interface Rule {
    /** For messages, after "it must be". */
    readonly what: string;
    /** @default false: the option may be left out */
    readonly required?: boolean;
    /** What is wrong with a value, each as a sentence about the option. */
    readonly problems: (option: string, value: unknown) => readonly string[];
    /** The options within. @default none */
    readonly members?: Readonly<Record<string, Rule>>;
}

/** A rule for each of a type's options, so that the compiler knows when one is forgotten. */
export type Rules<Options> = { readonly [Name in keyof Required<Options>]: Rule };

/** A range of numbers, both ends included. */
export interface Range {
    readonly from: number;
    /** @default no end */
    readonly to?: number;
    /** Shown after the numbers, for example "seconds". */
    readonly unit?: string;
}

const listed = new Intl.ListFormat("en-GB", { type: "disjunction" });

/** What is said of a value that does not fit. */
export function mismatch(option: string, given: unknown, what: string): string {
    return `${option} is ${shown(given)}; ${mustBe(what, given)}`;
}

function mustBe(what: string, given: unknown): string {
    return `it must be ${what}${comesLater(given) ? ", known when the program runs" : ""}`;
}

/** Whatever fits. */
export function value(what: string, fits: (value: unknown) => boolean): Rule {
    return { what, problems: (option, given) => (fits(given) ? [] : [mismatch(option, given, what)]) };
}

/** What must be given. */
export function required(rule: Rule): Rule {
    return { ...rule, required: true };
}

/** A whole number within the range. */
export function integer({ from, to, unit }: Range): Rule {
    const numbers = to === undefined ? `of at least ${from}` : `from ${from} to ${to}`;
    return value(
        `a whole number ${numbers}${unit === undefined ? "" : ` ${unit}`}`,
        (given) => isWhole(given) && given >= from && given <= (to ?? Number.POSITIVE_INFINITY),
    );
}

export function isWhole(given: unknown): given is number {
    return Number.isSafeInteger(given);
}

/** True or false. */
export const flag: Rule = value("true or false", (given) => typeof given === "boolean");

/** One of some texts or numbers. */
export function oneOf(allowed: readonly (string | number)[]): Rule {
    return value(listed.format(allowed.map(shown)), (given) => allowed.some((each) => each === given));
}

/** A text of a form, or any that is not empty. */
export function text(what: string, form: RegExp = /\S/): Rule {
    return value(what, (given) => typeof given === "string" && form.test(given));
}

export function aFunction(what: string): Rule {
    return value(what, (given) => typeof given === "function");
}

/** A value now, or an Output or a promise of one, which only the deployment knows. */
export function input(rule: Rule): Rule {
    return { ...rule, problems: (option, given) => (comesLater(given) ? [] : rule.problems(option, given)) };
}

/** A list; where its items are objects, what is wrong in them is told by position. */
export function listOf(item: Rule, what: string, most = Number.POSITIVE_INFINITY): Rule {
    const itemProblems = (option: string, each: unknown, index: number): readonly string[] => {
        if (item.members !== undefined && isOptions(each)) return item.problems(`${option}[${index}]`, each);
        const fits = item.problems(option, each).length === 0;
        return fits ? [] : [`${option} has ${shown(each)}; ${mustBe(item.what, each)}`];
    };
    return {
        what,
        problems: (option, given) => {
            if (!Array.isArray(given)) return [mismatch(option, given, what)];
            const items: readonly unknown[] = Array.from(given);
            return [
                ...items.flatMap((each, index) => itemProblems(option, each, index)),
                ...(items.length > most ? [`${option} has ${items.length} items; it must have at most ${most}`] : []),
            ];
        },
    };
}

/** A list that must not be empty. */
export function someOf(item: Rule, what: string, most?: number): Rule {
    const list = listOf(item, what, most);
    return {
        ...list,
        problems: (option, given) =>
            Array.isArray(given) && given.length === 0
                ? [`${option} is empty; it must be ${what}`]
                : list.problems(option, given),
    };
}

/** An object with names of the program's own. */
export function recordOf(each: Rule, what: string): Rule {
    return {
        what,
        problems: (option, given) =>
            isOptions(given)
                ? Object.entries(given).flatMap(([name, member]) =>
                      member === undefined ? [] : each.problems(memberOf(option, name), member),
                  )
                : [mismatch(option, given, what)],
    };
}

/** How a message names a member whose name is the program's own. */
export function memberOf(option: string, name: string): string {
    return /^[A-Za-z_]\w*$/.test(name) ? `${option}.${name}` : `${option}[${shown(name)}]`;
}

/** An object of options. */
export function options<Options>(members: Rules<Options>, more: { readonly andOthers?: boolean } = {}): Rule {
    const rules = members as Readonly<Record<string, Rule>>;
    const what = `an object with ${Object.keys(rules).join(", ")}`;
    return {
        what,
        members: rules,
        problems: (option, given) =>
            isOptions(given)
                ? optionProblems(`${option}.`, given, rules, more.andOthers)
                : [mismatch(option, given, what)],
    };
}

/**
 * What is wrong with an object's options.
 * @param path What stands before the name of each.
 * @param andOthers It may have more options than the rules tell of.
 */
export function optionProblems(
    path: string,
    given: Readonly<Record<string, unknown>>,
    rules: Readonly<Record<string, Rule>>,
    andOthers = false,
): readonly string[] {
    const wrong = Object.entries(rules).flatMap(([name, rule]) => {
        const member = given[name];
        if (member !== undefined) return rule.problems(`${path}${name}`, member);
        return rule.required ? [`${path}${name} is missing; it must be ${rule.what}`] : [];
    });
    const unknown = Object.keys(given).filter((name) => !Object.hasOwn(rules, name) && given[name] !== undefined);
    return [...wrong, ...(andOthers ? [] : unknown.map((name) => unknownOption(path, name, rules)))];
}

function unknownOption(path: string, name: string, rules: Readonly<Record<string, Rule>>): string {
    const known = Object.entries(rules).flatMap(([each, { members = {} }]) => [
        each,
        ...Object.keys(members).map((member) => `${each}.${member}`),
    ]);
    const closest = closestName(name, known);
    const instead =
        closest === undefined ? `there are ${Object.keys(rules).join(", ")}` : `the closest is ${path}${closest}`;
    return `${path}${name} is no option; ${instead}`;
}
