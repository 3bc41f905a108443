import { AwsError } from "../service";

/** When a rule with a schedule is due. */
export interface Schedule {
    /**
     * The first time after `after`; undefined when there is none any more.
     * @param since when the rule was put: rates count from there.
     */
    next(after: number, since: number): number | undefined;
}

const minute = 60_000;
const unitMilliseconds: Readonly<Record<string, number>> = { minute, hour: 60 * minute, day: 24 * 60 * minute };

/**
 * Reads `rate(5 minutes)` or `cron(minutes hours day-of-month month day-of-week year)`, as EventBridge has them; times
 * are UTC.
 * @throws AwsError ValidationException in AWS's words
 */
export function schedule(expression: string): Schedule {
    const rate = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression);
    if (rate !== null) {
        const [, count = "", unit = "", plural] = rate;
        const value = Number(count);
        // As documented: a unit in the singular for 1, and in the plural for the others.
        if (value < 1 || (value === 1) !== (plural === "")) throw invalid();
        const interval = value * (unitMilliseconds[unit] ?? Number.NaN);
        return { next: (after, since) => since + (Math.floor(Math.max(0, after - since) / interval) + 1) * interval };
    }
    const fields = /^cron\((.+)\)$/.exec(expression)?.[1]?.split(" ");
    if (fields?.length !== 6) throw invalid();
    return cron(fields);
}

interface Field {
    readonly smallest: number;
    readonly largest: number;
    /** By which values can be called, the first for the smallest. */
    readonly names?: readonly string[];
}

const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

function cron([
    minutes = "",
    hours = "",
    dayOfMonth = "",
    month = "",
    dayOfWeek = "",
    years = "",
]: readonly string[]): Schedule {
    // One of the two days says nothing, and that is written ?.
    if ((dayOfMonth === "?") === (dayOfWeek === "?")) throw invalid();
    const isMinute = values(minutes, { smallest: 0, largest: 59 });
    const isHour = values(hours, { smallest: 0, largest: 23 });
    const isMonth = values(month, { smallest: 1, largest: 12, names: months });
    const isYear = values(years, { smallest: 1970, largest: 2199 });
    const isDay = dayOfWeek === "?" ? dayInMonth(dayOfMonth) : dayInWeek(dayOfWeek);

    return {
        next(after) {
            const time = new Date((Math.floor(after / minute) + 1) * minute);
            // Whole years, months and days that do not fit are passed over at once.
            while (time.getUTCFullYear() <= 2199) {
                if (!isYear(time.getUTCFullYear())) {
                    time.setUTCFullYear(time.getUTCFullYear() + 1, 0, 1);
                    time.setUTCHours(0, 0);
                } else if (!isMonth(time.getUTCMonth() + 1)) {
                    time.setUTCMonth(time.getUTCMonth() + 1, 1);
                    time.setUTCHours(0, 0);
                } else if (!isDay(time)) {
                    time.setUTCDate(time.getUTCDate() + 1);
                    time.setUTCHours(0, 0);
                } else if (!isHour(time.getUTCHours())) time.setUTCHours(time.getUTCHours() + 1, 0);
                else if (!isMinute(time.getUTCMinutes())) time.setUTCMinutes(time.getUTCMinutes() + 1);
                else return time.getTime();
            }
            return undefined;
        },
    };
}

/** `*`, and lists of values, ranges and steps. */
function values(text: string, field: Field): (value: number) => boolean {
    const chosen = new Set<number>();
    for (const part of text.split(",")) {
        const [, base = "", step] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
        const by = step === undefined ? 1 : Number(step);
        if (base === "" || by < 1) throw invalid();
        const [first, last] = span(base, field, step !== undefined);
        for (let value = first; value <= last; value += by) chosen.add(value);
    }
    return (value) => chosen.has(value);
}

function span(text: string, field: Field, hasStep: boolean): readonly [number, number] {
    if (text === "*") return [field.smallest, field.largest];
    const ends = text.split("-").map((end) => single(end, field));
    const [first = Number.NaN, last = hasStep ? field.largest : first] = ends;
    if (ends.length > 2 || last < first) throw invalid();
    return [first, last];
}

function single(text: string, { smallest, largest, names = [] }: Field): number {
    const named = names.indexOf(text.toUpperCase());
    if (named >= 0) return smallest + named;
    const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= smallest && value <= largest)) throw invalid();
    return value;
}

/** Also `L` for the last day, and `15W` for the weekday that is nearest to a day. */
function dayInMonth(text: string): (time: Date) => boolean {
    if (text === "L") return (time) => time.getUTCDate() === lastDay(time);
    const nearest = /^(\d{1,2})W$/.exec(text)?.[1];
    if (nearest !== undefined) {
        const day = single(nearest, { smallest: 1, largest: 31 });
        return (time) => time.getUTCDate() === nearestWeekday(time, day);
    }
    const isDay = values(text, { smallest: 1, largest: 31 });
    return (time) => isDay(time.getUTCDate());
}

/** Also `5L` for the last Thursday of a month, and `3#2` for its second Tuesday. */
function dayInWeek(text: string): (time: Date) => boolean {
    const field = { smallest: 1, largest: 7, names: weekdays };
    const weekday = (time: Date) => time.getUTCDay() + 1;
    if (text === "L") return (time) => weekday(time) === 7;
    const last = /^(\w{1,3})L$/.exec(text)?.[1];
    if (last !== undefined) {
        const day = single(last, field);
        return (time) => weekday(time) === day && time.getUTCDate() > lastDay(time) - 7;
    }
    const [, name, number] = /^(\w{1,3})#([1-5])$/.exec(text) ?? [];
    if (name !== undefined) {
        const day = single(name, field);
        return (time) => weekday(time) === day && Math.ceil(time.getUTCDate() / 7) === Number(number);
    }
    const isDay = values(text, field);
    return (time) => isDay(weekday(time));
}

function lastDay(time: Date): number {
    return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + 1, 0)).getUTCDate();
}

/** Within the month: of the 1st on a Saturday that is the 3rd. A month without that day has none. */
function nearestWeekday(time: Date, day: number): number | undefined {
    const last = lastDay(time);
    if (day > last) return undefined;
    const weekday = new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), day)).getUTCDay();
    if (weekday === 6) return day === 1 ? 3 : day - 1;
    if (weekday === 0) return day === last ? day - 2 : day + 1;
    return day;
}

function invalid(): AwsError {
    return new AwsError("ValidationException", "Parameter ScheduleExpression is not valid.");
}
