import type { Clock } from "../local/aws/clock";

/** A span of time: the sum of what is given. */
export interface Duration {
    readonly days?: number;
    readonly hours?: number;
    readonly minutes?: number;
    readonly seconds?: number;
    readonly milliseconds?: number;
}

/**
 * The twin's own clock: schedules, retention, windows, delays of messages, ages of records. What runs in processes of
 * its own (handlers, training) has the machine's time.
 */
export interface TestClock {
    now(): Date;
    /**
     * Moves it forward at once. What falls due begins; `settle` waits for its end.
     * @throws RangeError for a span that is negative.
     */
    advance(by: Duration): void;
}

export function testClock(clock: Clock): TestClock {
    return {
        now: () => new Date(clock.now()),
        advance: ({ days = 0, hours = 0, minutes = 0, seconds = 0, milliseconds = 0 }) =>
            clock.advance((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + milliseconds),
    };
}
