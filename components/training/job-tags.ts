import { memberOf, mismatch, type Rule } from "../argument-rules";
import { isOptions, shown } from "../shown-value";
import type { TrainingOptions } from "./training-options";

/** SageMaker's limits, of a job's tags and of each one's key and value in characters. */
const MOST_TAGS = 50;
const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;

const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const CHARACTERS = "letters, digits, spaces and _.:/=+-@";

/** What the tags of jobs may be. */
export const tagsRule: Rule = {
    what: "an object: key, value",
    problems: (option, given) => {
        if (!isOptions(given)) return [mismatch(option, given, tagsRule.what)];
        const tags = Object.entries(given);
        const tooMany =
            tags.length > MOST_TAGS ? [`${option} has ${tags.length} tags; it must have at most ${MOST_TAGS}`] : [];
        return [...tags.flatMap(([key, value]) => tagProblems(option, key, value)), ...tooMany];
    },
};

/** Tags as SageMaker has them; a key without a value is none. */
export function tagsOf(
    tags: TrainingOptions["tags"] = {},
): readonly { readonly Key: string; readonly Value: string }[] {
    return Object.entries<string | undefined>(tags).flatMap(([Key, Value]) =>
        Value === undefined ? [] : [{ Key, Value }],
    );
}

function tagProblems(option: string, key: string, value: unknown): string[] {
    if (value === undefined) return [];
    const problems: string[] = [];
    if (key === "" || !isTagText(key, LONGEST_KEY)) {
        problems.push(`${option} has the key ${shown(key)}; keys must be 1 to ${LONGEST_KEY} ${CHARACTERS}`);
    }
    if (/^aws:/i.test(key)) {
        problems.push(`${option} has the key ${shown(key)}; keys must not begin with aws:, which is AWS's own`);
    }
    if (typeof value !== "string" || !isTagText(value, LONGEST_VALUE)) {
        problems.push(mismatch(memberOf(option, key), value, `a text of at most ${LONGEST_VALUE} ${CHARACTERS}`));
    }
    return problems;
}

function isTagText(text: string, longest: number): boolean {
    return TAG_TEXT.test(text) && [...text].length <= longest;
}
