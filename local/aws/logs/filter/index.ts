import { conditionPattern } from "./conditions";
import { invalidPattern } from "./errors";
import { fieldPattern } from "./fields";
import { regularExpressions } from "./regular-expression";
import { isSelector } from "./selector";
import { termPattern } from "./terms";

/** Finds the value that a metric filter or a person names, such as `$.latency` or `$bytes`, in a line that matches. */
export type FoundValue = (reference: string) => string | number | undefined;

/** A filter pattern of CloudWatch Logs, compiled: what it finds in a line, or undefined where the line does not match. */
export type FilterPattern = (message: string) => FoundValue | undefined;

/** As on AWS, in characters. */
const longestPattern = 1024;
const mostRegularExpressions = 2;

/**
 * Reads a filter pattern: terms, quoted phrases, `?` for any of several, `-` to exclude and regular expressions between
 * `%`; conditions on JSON in braces; or the fields of a line in brackets. Empty, it matches all lines.
 * @throws AwsError InvalidParameterException, saying where the pattern is wrong.
 */
export function filterPattern(text: string): FilterPattern {
    if (text.length > longestPattern) throw invalidPattern(`it has more than ${longestPattern} characters`);
    const pattern = text.trim();
    if (regularExpressions(pattern).length > mostRegularExpressions) {
        throw invalidPattern(`it has more than ${mostRegularExpressions} regular expressions`);
    }
    if (pattern.startsWith("{")) return conditionPattern(pattern);
    if (pattern.startsWith("[")) return fieldPattern(pattern);
    return termPattern(pattern);
}

/** Is it what {@link FoundValue} can find: a member of JSON such as `$.latency`, or a field such as `$bytes` or `$3`? */
export function isReference(text: string): boolean {
    return /^\$\w+$/.test(text) || (text.startsWith("$.") && isSelector(text));
}
