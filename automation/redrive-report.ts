import type { RedriveOutcome } from "./redrive";

/** How many records ended how. */
export interface OutcomeCounts {
    readonly records: number;
    readonly done: number;
    readonly rejected: number;
    readonly failed: number;
    readonly left: number;
    readonly gone: number;
}

export function outcomeCounts(outcomes: readonly RedriveOutcome[]): OutcomeCounts {
    const count = (kind: RedriveOutcome["kind"]) => outcomes.filter((outcome) => outcome.kind === kind).length;
    return {
        records: outcomes.length,
        done: count("done"),
        rejected: count("rejected"),
        failed: count("failed"),
        left: count("left"),
        gone: count("gone"),
    };
}

/** `12 records = 9 done + 2 rejected again + 1 failed again` */
export function outcomeLine({ records, ...counts }: OutcomeCounts): string {
    const words = {
        done: "done",
        rejected: "rejected",
        failed: "failed",
        left: "not tried",
        gone: "dealt with by somebody else",
    } as const;
    const parts = (Object.keys(words) as (keyof typeof words)[])
        .filter((kind) => counts[kind] > 0 || kind === "done")
        .map((kind) => `${counts[kind]} ${words[kind]}`);
    return `${records} ${records === 1 ? "record" : "records"} = ${parts.join(" + ")}`;
}

/** Whether somebody has to look: a record neither succeeded nor was rejected for good. */
export function isUnfinished({ rejected, failed, left }: OutcomeCounts): boolean {
    return rejected + failed + left > 0;
}
