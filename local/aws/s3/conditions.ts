import { AwsError } from "../service";
import type { StoredObject } from "./versions";

interface Conditions {
    readonly IfMatch?: string;
    readonly IfNoneMatch?: string;
    readonly IfModifiedSince?: Date;
    readonly IfUnmodifiedSince?: Date;
}

const failed = (condition: string) =>
    new AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412, {
        Condition: condition,
    });

/** @throws AwsError `PreconditionFailed`, or `NoSuchKey` when an object that is to match does not exist. */
export function checkWrite({ IfMatch, IfNoneMatch }: Conditions, current: StoredObject | undefined): void {
    if (IfNoneMatch !== undefined && IfNoneMatch !== "*") {
        throw new AwsError("NotImplemented", "On a write If-None-Match takes * only.", 501);
    }
    if (IfNoneMatch !== undefined && current !== undefined) throw failed("If-None-Match");
    if (IfMatch === undefined) return;
    if (current === undefined) throw new AwsError("NoSuchKey", "The specified key does not exist.", 404);
    if (!sameTag(IfMatch, current.etag)) throw failed("If-Match");
}

/** @throws AwsError `PreconditionFailed`, or `NoSuchKey` when an object that is to match does not exist. */
export function checkDelete(IfMatch: string | undefined, current: StoredObject | undefined): void {
    checkWrite({ IfMatch }, current);
}

interface CopyConditions {
    readonly CopySourceIfMatch?: string;
    readonly CopySourceIfNoneMatch?: string;
    readonly CopySourceIfModifiedSince?: Date;
    readonly CopySourceIfUnmodifiedSince?: Date;
}

/** @throws AwsError `PreconditionFailed` */
export function checkCopy(input: CopyConditions, source: StoredObject): void {
    try {
        checkRead(
            {
                IfMatch: input.CopySourceIfMatch,
                IfNoneMatch: input.CopySourceIfNoneMatch,
                IfModifiedSince: input.CopySourceIfModifiedSince,
                IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
            },
            source,
        );
    } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        // Here also what a reader would have already is a condition that failed.
        throw failed(`x-amz-copy-source-${error.members.Condition ?? "If-None-Match"}`);
    }
}

/** @throws AwsError `PreconditionFailed`, or with status 304 when the caller has it already. */
export function checkRead(conditions: Conditions, { etag, modified }: StoredObject): void {
    const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
    // HTTP dates have whole seconds.
    const second = Math.floor(modified / 1000) * 1000;
    if (IfMatch !== undefined) {
        if (!sameTag(IfMatch, etag)) throw failed("If-Match");
    } else if (IfUnmodifiedSince !== undefined && second > IfUnmodifiedSince.getTime()) {
        throw failed("If-Unmodified-Since");
    }
    const unchanged =
        IfNoneMatch !== undefined
            ? sameTag(IfNoneMatch, etag)
            : IfModifiedSince !== undefined && second <= IfModifiedSince.getTime();
    if (unchanged) throw new AwsError("NotModified", "Not Modified", 304);
}

function sameTag(sent: string, etag: string): boolean {
    return sent
        .split(",")
        .map((tag) => tag.trim())
        .some((tag) => tag === "*" || tag.replaceAll('"', "") === etag.replaceAll('"', ""));
}

export interface ByteRange {
    readonly start: number;
    /** Inclusive. */
    readonly end: number;
}

/** The part of an object that a Range header asks for; undefined for all of it. @throws AwsError `InvalidRange` */
export function byteRange(header: string | undefined, size: number): ByteRange | undefined {
    const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
    // A header that is no single range is ignored, as HTTP says.
    if (match === null || match[0] === "bytes=-") return undefined;
    const [, first = "", last = ""] = match;
    const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
    const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
    if (first !== "" && last !== "" && Number(last) < start) return undefined;
    if (start >= size || (first === "" && Number(last) === 0)) {
        throw new AwsError("InvalidRange", "The requested range is not satisfiable", 416, {
            ActualObjectSize: size,
            RangeRequested: header?.trim(),
        });
    }
    return { start, end };
}
