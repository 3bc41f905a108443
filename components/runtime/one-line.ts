/** White space in Java's sense of a line's end as well, which SageMaker's pattern `.*` does not take. */
const SPACES = /[\s\u0085]+/g;
/** Half of a character that was cut through. */
const HALF = /[\uD800-\uDBFF]$/;

/**
 * A text for people in one line, as SageMaker takes it for `ApprovalDescription`.
 * @param longest in UTF-16 units; what is longer is cut.
 */
export function oneLine(text: string, longest: number): string {
    return text.replace(SPACES, " ").trim().slice(0, longest).replace(HALF, "");
}
