import { beginsWithDay } from "../components/calendar-day";

/** What a person may write for a point in time, for messages. */
export const timeForms =
    "a duration back from now, such as 30s, 45m, 2h or 3d, or an ISO time, such as 2025-11-30T08:00Z";

const unitMilliseconds = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** A date, alone or with a time; without a zone it is this machine's. */
const isoTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** Reads a point in time: {@link timeForms}. Undefined for what is none of them. */
export function readTime(text: string, now: Date = new Date()): Date | undefined {
    const duration = /^(\d{1,9})([smhd])$/.exec(text);
    if (duration !== null) {
        const milliseconds = Number(duration[1]) * unitMilliseconds[duration[2] as keyof typeof unitMilliseconds];
        return validDate(new Date(now.getTime() - milliseconds));
    }
    return isoTime.test(text) && beginsWithDay(text) ? validDate(new Date(text)) : undefined;
}

function validDate(date: Date): Date | undefined {
    return Number.isNaN(date.getTime()) ? undefined : date;
}

/** What is wrong with an option that takes a point in time. */
export function timeProblem(option: string, text: string): string {
    return `${option} is ${JSON.stringify(text)}; it must be ${timeForms}.`;
}
