import type { MailResult, ResultsReader } from "./results";
import { until } from "./until";

/**
 * Waits until none of these mails is in flight. There is no time limit: a stage may be retrying, and that is up to it.
 * @param keys object keys in the mail bucket.
 */
export function untilSettled(
    reader: ResultsReader,
    keys: ReadonlySet<string>,
    onProgress: (results: readonly MailResult[]) => void = () => undefined,
): Promise<MailResult[]> {
    const settled = async () => {
        const results = (await reader.read()).filter((result) => keys.has(result.key));
        onProgress(results);
        return results.length >= keys.size && results.every(({ state }) => state !== "inFlight") ? results : undefined;
    };
    return until("the mails", settled, { seconds: Number.POSITIVE_INFINITY, everyMilliseconds: 200 });
}
