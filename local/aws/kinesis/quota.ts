import type { Clock } from "../clock";
import type { Pace } from "../context";
import { AwsError } from "../service";

const dayMilliseconds = 24 * 3_600_000;

/** How often something may be done to a stream in 24 hours. Only the pace of AWS knows such quotas. */
export type DailyQuota = (what: string, times: readonly number[] | undefined, most: number) => readonly number[];

/**
 * The times within the last 24 hours at which something was done, the present one included.
 * @throws AwsError LimitExceededException when that is once too often
 */
export function dailyQuota(pace: Pace, clock: Clock): DailyQuota {
    return (what, times = [], most) => {
        const now = clock.now();
        const recent = times.filter((time) => time > now - dayMilliseconds);
        if (pace === "aws" && recent.length >= most) {
            const next = new Date(Math.min(...recent.slice(-most)) + dayMilliseconds).toISOString();
            throw new AwsError(
                "LimitExceededException",
                `${what} can be called ${most} times in 24 hours for a stream; the next time is ${next}.`,
            );
        }
        return [...recent, now];
    };
}
