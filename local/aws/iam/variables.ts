import type { ConditionContext } from "./conditions";
import { literal } from "./wildcard";

/** `${key}` or `${key, 'default'}`. */
const variable = /\$\{\s*([^},]*?)\s*(?:,\s*'([^']*)'\s*)?\}/g;

/** What stands for the character itself where it would be a wildcard or begin a variable. */
const characters = ["*", "?", "$"];

/** Replaces policy variables by the request's values, or their defaults. One without either stays, and matches nothing. */
export function withVariables(text: string, context: ConditionContext): string {
    if (!text.includes("${")) return text;
    return text.replace(variable, (whole, key: string, otherwise: string | undefined) => {
        if (characters.includes(key)) return key;
        return context.get(key.toLowerCase())?.[0] ?? otherwise ?? whole;
    });
}

/** As {@link withVariables}, for a text with wildcards: what is filled in has none, and matches only itself. */
export function patternWithVariables(pattern: string, context: ConditionContext): string {
    if (!pattern.includes("${")) return pattern;
    return pattern.replace(variable, (whole) => literal(withVariables(whole, context)));
}

/** The condition keys that a text's variables name. */
export function variableKeys(text: string): string[] {
    return [...text.matchAll(variable)].map(([, key = ""]) => key).filter((key) => !characters.includes(key));
}
