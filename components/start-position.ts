import { types } from "node:util";
import { mismatch, type Rule } from "./argument-rules";
import { beginsWithDay } from "./calendar-day";
import { shown } from "./shown-value";

/**
 * Where a new stage begins to read: with the oldest record that the stream still has, with the next one, or with the
 * first that came at a time or later (a date, or ISO 8601 with the zone, such as "2026-05-01T00:00:00Z").
 */
export type StartAt = "horizon" | "latest" | Date | string;

/** ISO 8601 with date, time and zone: a time without a zone would be another one on another machine. */
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

function timeOf(startAt: unknown): Date | undefined {
    const isTime = typeof startAt === "string" && TIME.test(startAt) && beginsWithDay(startAt);
    const time = isTime ? new Date(startAt) : startAt;
    return types.isDate(time) && !Number.isNaN(time.getTime()) ? time : undefined;
}

/** What a place to start may be. */
export const startRule: Rule = {
    what: '"horizon", "latest", a Date, or a time with its zone, such as "2026-05-01T00:00:00Z"',
    problems: (option, startAt) => {
        if (startAt === "horizon" || startAt === "latest") return [];
        const time = timeOf(startAt);
        if (time === undefined) return [mismatch(option, startAt, startRule.what)];
        return time.getTime() > Date.now() ? [`${option} is ${shown(startAt)}; it must not be in the future`] : [];
    },
};

/** A place to start as arguments of an event source mapping. */
export function startPosition(startAt: StartAt): {
    readonly startingPosition?: string;
    readonly startingPositionTimestamp?: string;
} {
    if (startAt === "horizon") return { startingPosition: "TRIM_HORIZON" };
    if (startAt === "latest") return { startingPosition: "LATEST" };
    // In whole seconds, as the provider reads it back: any other form would look like a change, which makes a new mapping.
    const startingPositionTimestamp = timeOf(startAt)
        ?.toISOString()
        .replace(/\.\d+Z$/, "Z");
    return { startingPosition: "AT_TIMESTAMP", startingPositionTimestamp };
}
