// Property paths such as `tags`, `environment.variables.LEVEL`, `tags["a.b"]`, `rules[0].status` and `rules[*].status`.

import { isList, isProperties, type Properties, signatureOf, type Value } from "../values";

type Step = string | number | "*";

function steps(path: string): Step[] {
    const found: Step[] = [];
    for (const [, name, quoted, index] of path.matchAll(/([^.[\]]+)|\["((?:[^"\\]|\\.)*)"\]|\[(\*|\d+)\]/g)) {
        if (index !== undefined) found.push(index === "*" ? "*" : Number(index));
        else found.push(quoted?.replaceAll('\\"', '"') ?? name ?? "");
    }
    return found;
}

/** Puts the earlier values back at the paths whose changes are to be ignored. */
export function keepEarlier(inputs: Properties, earlier: Properties, paths: readonly string[]): Properties {
    let result: Value = inputs;
    for (const path of paths) result = keep(result, earlier, steps(path)) ?? {};
    return isProperties(result) ? result : inputs;
}

function keep(value: Value | undefined, earlier: Value | undefined, path: readonly Step[]): Value | undefined {
    const [step, ...rest] = path;
    if (step === undefined) return earlier;
    const before = opened(earlier);
    const now = opened(value);
    if (isList(now)) {
        const old = isList(before) ? before : [];
        return now.map((item, position) =>
            step === "*" || step === position ? (keep(item, old[position], rest) ?? item) : item,
        );
    }
    if (!isProperties(now)) return value;
    const old = isProperties(before) ? before : {};
    const names = step === "*" ? [...new Set([...Object.keys(now), ...Object.keys(old)])] : [String(step)];
    const result: Record<string, Value> = { ...now };
    for (const name of names) {
        const kept = keep(now[name], old[name], rest);
        if (kept === undefined) delete result[name];
        else result[name] = kept;
    }
    return result;
}

/** Paths go through a secret's wrapping. */
function opened(value: Value | undefined): Value | undefined {
    return isProperties(value) && signatureOf(value) === "secret" ? value.value : value;
}
