/**
 * The twin's own time: retention, windows, schedules, ages. Children, what they may take, and files keep the machine's.
 */
export interface Clock {
    /** Milliseconds since 1970. */
    now(): number;
    /**
     * Calls back once, when the clock has reached a time; soon, if it has already. It does not keep the process alive.
     * @returns a function that cancels it.
     */
    at(time: number, callback: () => void): () => void;
    /**
     * Calls back again and again, for housekeeping: a jump of the clock makes up for what it left out by one call at
     * its end.
     * @returns a function that ends it.
     */
    every(milliseconds: number, callback: () => void): () => void;
    /**
     * Moves the clock forward, at once. What falls due is called in order of time, and finds the clock at its time.
     * @param milliseconds 0 or more.
     */
    advance(milliseconds: number): void;
}

interface Appointment {
    time: number;
    /** Of housekeeping, which is called again so long after. */
    readonly interval?: number;
    readonly callback: () => void;
}

/** What a timer of Node can wait for at most. */
const longestTimer = 2 ** 31 - 1;

/** @param machineNow The machine's time. @default Date.now */
export function createClock(machineNow: () => number = Date.now): Clock {
    const appointments = new Set<Appointment>();
    let ahead = 0;
    let timer: NodeJS.Timeout | undefined;
    let timerTime = Number.POSITIVE_INFINITY;

    const now = () => machineNow() + ahead;

    function earliest(among: Iterable<Appointment>): Appointment | undefined {
        let first: Appointment | undefined;
        for (const appointment of among) {
            if (first === undefined || appointment.time < first.time) first = appointment;
        }
        return first;
    }

    /** Sees to it that the machine wakes the clock for what comes first. */
    function arm(): void {
        const first = earliest(appointments);
        if (first?.time === timerTime) return;
        clearTimeout(timer);
        timer = undefined;
        timerTime = first?.time ?? Number.POSITIVE_INFINITY;
        if (first === undefined) return;
        timer = setTimeout(wake, Math.min(Math.max(0, first.time - now()), longestTimer)).unref();
    }

    function wake(): void {
        timerTime = Number.POSITIVE_INFINITY;
        for (const due of [...appointments].filter(({ time }) => time <= now()).sort((a, b) => a.time - b.time)) {
            call(due);
        }
        arm();
    }

    function call(due: Appointment): void {
        // One that was called before it may have cancelled it.
        if (!appointments.has(due)) return;
        if (due.interval === undefined) appointments.delete(due);
        else due.time = now() + due.interval;
        due.callback();
    }

    function add(appointment: Appointment): () => void {
        appointments.add(appointment);
        arm();
        return () => {
            if (appointments.delete(appointment)) arm();
        };
    }

    return {
        now,
        at: (time, callback) => add({ time, callback }),
        every: (interval, callback) => add({ time: now() + interval, interval, callback }),
        advance(milliseconds) {
            if (!(milliseconds >= 0)) {
                throw new RangeError(`The clock cannot move by ${milliseconds} ms: it takes 0 or more.`);
            }
            const target = now() + milliseconds;
            const isNext = ({ time, interval }: Appointment) => interval === undefined && time <= target;
            for (;;) {
                const due = earliest([...appointments].filter(isNext));
                if (due === undefined) break;
                ahead += Math.max(0, due.time - now());
                call(due);
            }
            ahead += Math.max(0, target - now());
            wake();
        },
    };
}
