import { type FailedRecord, reasonCounts } from "./failed-records";
import { plainTable } from "./table";
import { cutTo, printable } from "./terminal";

/** The published form of a failed record: its fields are an interface. */
export function failureAsJson({ stage, id, when, reason, condition, attempts, bytes, key }: FailedRecord) {
    return { stage, id, when, reason, condition, attempts, bytes, key };
}

export function failureTable(records: readonly FailedRecord[]): string {
    const table = plainTable(["when", "record", "attempts", "size", "why"]);
    for (const { when, id, attempts, bytes, reason } of records) {
        table.push([printable(when), cutTo(40, id), String(attempts), size(bytes), cutTo(72, reason)]);
    }
    return table.toString();
}

/** How many failed and why: a line a reason, the most frequent first. */
export function reasonLines(records: readonly FailedRecord[]): string {
    const lines = reasonCounts(records).map(({ reason, records: count }) => `  ${count} × ${printable(reason)}`);
    return [`${records.length} ${records.length === 1 ? "record" : "records"} failed:`, ...lines].join("\n");
}

export function unreadableLine(key: string): string {
    return `The failure bucket's object ${printable(key)} is not, or not in all, one of a failure. It stays as it is; look at it, and delete it.`;
}

function size(bytes: number): string {
    return bytes < 10_000
        ? `${bytes} B`
        : bytes < 10_000_000
          ? `${Math.round(bytes / 1000)} kB`
          : `${Math.round(bytes / 1e6)} MB`;
}
