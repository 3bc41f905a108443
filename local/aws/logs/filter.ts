import { notImplemented } from "../protocol/json";

/**
 * A filter pattern of CloudWatch Logs for unstructured text: all terms must occur, `?` marks terms of which one suffices,
 * `-` those that must not, quotes keep words together. Terms are case-sensitive.
 * @throws AwsError NotImplemented for JSON patterns, space-delimited patterns and regular expressions.
 */
export function logFilter(pattern: string): (message: string) => boolean {
    const text = pattern.trim();
    if (/^[{[%]/.test(text)) throw notImplemented("CloudWatch Logs", "filter patterns that begin with {, [ or %");
    const required: string[] = [];
    const optional: string[] = [];
    const excluded: string[] = [];
    for (const [, mark = "", quoted, plain] of text.matchAll(/([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)) {
        const term = quoted?.replace(/\\(.)/g, "$1") ?? plain ?? "";
        (mark === "?" ? optional : mark === "-" ? excluded : required).push(term);
    }
    // As on AWS, optional terms are not looked at where others are required.
    const any = required.length === 0 && optional.length > 0 ? optional : undefined;
    return (message) =>
        required.every((term) => message.includes(term)) &&
        !excluded.some((term) => message.includes(term)) &&
        (any === undefined || any.some((term) => message.includes(term)));
}
