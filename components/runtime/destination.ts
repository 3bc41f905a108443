import type { RecordKind } from "./envelope";
import { environmentVariable } from "./environment";
import type { Validator } from "./schema-check";

/** Where a stage's results go. */
export interface Destination {
    readonly streamName: string;
    /** The stream's bucket, for data that are too big for a record. */
    readonly bucket: string;
    readonly kind: RecordKind;
    readonly validate: Validator;
    readonly partitionBy?: (datum: unknown) => string;
}

/** The destination that a function was deployed with. */
export function destinationOf(
    kind: RecordKind,
    validate: Validator,
    partitionBy: ((datum: unknown) => string) | undefined,
): Destination {
    return {
        streamName: environmentVariable("SORTLINE_INTO_STREAM"),
        bucket: environmentVariable("SORTLINE_INTO_BUCKET"),
        kind,
        validate,
        partitionBy,
    };
}
