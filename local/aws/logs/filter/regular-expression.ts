import { invalidPattern } from "./errors";

/** What CloudWatch's regular expressions have: no groups, and only some of the symbols. */
const allowed =
    /^(?:[A-Za-z0-9 :_#=@/;,\-^$?[\]|*+.]|\{\d+(?:,\d*)?\}|\\(?:[dDsSwW]|x[0-9A-Fa-f]{2}|[:_#=@/;,\-^$?[\]{}|*+.\\%]))+$/;

/** The regular expressions of a pattern, outside of what is in quotes. */
export function regularExpressions(pattern: string): string[] {
    return [...pattern.matchAll(/"(?:[^"\\]|\\.)*"|%((?:[^%\\]|\\.)*)%/g)].flatMap(([, expression]) =>
        expression === undefined ? [] : [expression],
    );
}

/** Compiles what stands between two `%`. @throws AwsError InvalidParameterException */
export function regularExpression(text: string): RegExp {
    if (!allowed.test(text)) {
        throw invalidPattern(
            `the regular expression %${text}% has something that CloudWatch does not take, such as a group or a symbol without a backslash`,
        );
    }
    try {
        // An escaped % is one; nothing else differs from JavaScript's.
        return new RegExp(text.replaceAll("\\%", "%").replace(/\\([:_#=@;,])/g, "$1"));
    } catch {
        throw invalidPattern(`%${text}% is not a regular expression`);
    }
}
