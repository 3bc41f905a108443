import type { ArgumentCheck } from "./argument-check";
import { beginsWithDay } from "./calendar-day";

/**
 * Where a new stage begins to read: with the oldest record that the stream still has, with the next one, or with the
 * first that came at a time or later (a date, or ISO 8601 with the zone, such as "2026-05-01T00:00:00Z").
 */
export type StartAt = "horizon" | "latest" | Date | string;

/** ISO 8601 with date, time and zone: a time without a zone would be another one on another machine. */
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

function timeOf(startAt: Date | string): Date | undefined {
    const isTime = typeof startAt === "string" && TIME.test(startAt) && beginsWithDay(startAt);
    const time = isTime ? new Date(startAt) : startAt;
    return time instanceof Date && !Number.isNaN(time.getTime()) ? time : undefined;
}

/** A place to start as arguments of an event source mapping; where it is wrong, the check is told. */
export function startPosition(
    check: ArgumentCheck,
    startAt: StartAt,
): { readonly startingPosition?: string; readonly startingPositionTimestamp?: string } {
    if (startAt === "horizon") return { startingPosition: "TRIM_HORIZON" };
    if (startAt === "latest") return { startingPosition: "LATEST" };
    const time = timeOf(startAt);
    if (time === undefined) {
        check.add(
            `startAt is ${typeof startAt === "string" ? JSON.stringify(startAt) : "no valid date"}; it must be "horizon", ` +
                '"latest", a Date, or a time with its zone, such as "2026-05-01T00:00:00Z"',
        );
        return {};
    }
    if (time.getTime() > Date.now()) check.add(`startAt is ${time.toISOString()}; it must not be in the future`);
    // In whole seconds, as the provider reads it back: any other form would look like a change, which makes a new mapping.
    const startingPositionTimestamp = time.toISOString().replace(/\.\d+Z$/, "Z");
    return { startingPosition: "AT_TIMESTAMP", startingPositionTimestamp };
}
