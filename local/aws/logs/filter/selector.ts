import { invalidPattern } from "./errors";

/** The way to a member of a JSON object: names, places in arrays, and `*` for all of one level. */
export type Selector = readonly (string | number | "*")[];

const step = /\.(?:\[(?:'([^']*)'|"([^"]*)")\]|(\*)|([\w-]+))|\[(?:(\d{1,9})|(\*))\]/y;

/** Reads a selector such as `$.users[0].name`, `$.['a.b']` or `$.list[*]`. @throws AwsError InvalidParameterException */
export function parseSelector(text: string): Selector {
    const steps: (string | number)[] = [];
    for (let at = 1; at < text.length; at = step.lastIndex) {
        step.lastIndex = at;
        const match = step.exec(text);
        if (match === null) throw invalidPattern(`${text} is not a selector such as $.name, $.list[0] or $.['a.b']`);
        const [, single, double, allMembers, name, index, allItems] = match;
        if (allMembers !== undefined || allItems !== undefined) steps.push("*");
        else steps.push(index === undefined ? (single ?? double ?? name ?? "") : Number(index));
    }
    if (steps.length === 0) throw invalidPattern(`${text} selects nothing`);
    if (steps.filter((each) => each === "*").length > 1) throw invalidPattern(`${text} has more than one wildcard`);
    return steps;
}

/** Can it be read? */
export function isSelector(text: string): boolean {
    try {
        parseSelector(text);
        return true;
    } catch {
        return false;
    }
}

/** The values that a selector leads to; none where it leads nowhere. */
export function select(root: unknown, selector: Selector): unknown[] {
    return selector.reduce<unknown[]>((values, each) => values.flatMap((value) => next(value, each)), [root]);
}

function next(value: unknown, each: string | number): unknown[] {
    if (typeof value !== "object" || value === null) return [];
    if (each === "*") return Object.values(value);
    if (typeof each === "number") return Array.isArray(value) && each < value.length ? [value[each]] : [];
    const members = value as Readonly<Record<string, unknown>>;
    return !Array.isArray(value) && Object.hasOwn(value, each) ? [members[each]] : [];
}
