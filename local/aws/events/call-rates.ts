import type { Clock } from "../clock";

/** Whose turn it is where a destination takes only so many calls a second. */
export interface CallRates {
    /**
     * When the call of a delivery may go out, in whole milliseconds since the epoch: now, or later, and then it has
     * a place in the line and asks again at that time.
     * @param rate calls a second.
     * @param until after this time the call is of no use: it gets no place then.
     */
    turn(delivery: string, destination: string, rate: number, until: number): number;
    /** It does not want its place any more. */
    leave(delivery: string): void;
}

interface Line {
    /** When the next call may go out. */
    readonly free: number;
    /** The time of the first place that nobody has. */
    readonly end: number;
}

export function createCallRates({ now }: Pick<Clock, "now">): CallRates {
    const lines = new Map<string, Line>();
    const waiting = new Set<string>();
    return {
        turn(delivery, destination, rate, until) {
            const time = now();
            const pause = 1000 / rate;
            const { free, end } = lines.get(destination) ?? { free: time, end: time };
            const isNext = waiting.has(delivery) || end <= time;
            if (isNext && free <= time) {
                waiting.delete(delivery);
                // After a pause a second's calls may go out at once, and not all that the pause had left out.
                const next = Math.max(free, time - 1000) + pause;
                lines.set(destination, { free: next, end: Math.max(end, next) });
                return time;
            }
            const place = Math.max(free, end);
            if (place <= until) {
                waiting.add(delivery);
                lines.set(destination, { free, end: place + pause });
            }
            return Math.ceil(place);
        },
        leave: (delivery) => void waiting.delete(delivery),
    };
}
