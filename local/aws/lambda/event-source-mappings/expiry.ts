import type { Clock } from "../../clock";
import type { Kinesis } from "../../kinesis";
import { AwsError } from "../../service";
import type { EventItem } from "./event";
import { type StoredMapping, streamName } from "./mapping";

/** Until when the records of a mapping are tried. */
export interface Expiry {
    /** How many of the first items are too old. */
    expired(items: readonly EventItem[]): number;
    /** When the first item will be too old, in milliseconds since 1970. */
    next(items: readonly EventItem[]): number;
}

/** Lambda tries a record until it reaches the mapping's maximum age, or its stream no longer has it. */
export function createExpiry(clock: Clock, kinesis: () => Kinesis, { streamArn, settings }: StoredMapping): Expiry {
    function longest(): number {
        const age = settings.maximumRecordAge < 0 ? Number.POSITIVE_INFINITY : settings.maximumRecordAge * 1000;
        return Math.min(age, retention());
    }

    function retention(): number {
        try {
            return kinesis().retention(streamName("GetRecords", streamArn));
        } catch (error) {
            // Without its stream, what was read of it is as old as the mapping allows.
            if (error instanceof AwsError) return Number.POSITIVE_INFINITY;
            throw error;
        }
    }

    return {
        expired(items) {
            const oldest = clock.now() - longest();
            const fresh = items.findIndex(({ arrival }) => arrival.getTime() >= oldest);
            return fresh < 0 ? items.length : fresh;
        },
        next: ([first]) => (first?.arrival.getTime() ?? clock.now()) + longest() + 1,
    };
}
