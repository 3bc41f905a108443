import { randomBytes } from "node:crypto";
import type {
    LifecycleRule,
    LifecycleRuleAndOperator,
    LifecycleRuleFilter,
    NoncurrentVersionExpiration,
} from "@aws-sdk/client-s3";
import { AwsError } from "../service";
import { malformedXml } from "./errors";
import type { ListedVersion, StoredObject } from "./versions";

const day = 24 * 60 * 60 * 1000;

/** What a lifecycle rule may choose objects by. */
export type Candidate = Pick<StoredObject, "key" | "size" | "tags">;

/** The moment at which something of a certain age is due: S3 rounds up to the next midnight, UTC. */
export function dueAfter(start: number, days: number): number {
    return Math.ceil((start + days * day) / day) * day;
}

/** When a rule removes an object that was put at a time; undefined when it never does. */
export function expiryTime({ Expiration }: LifecycleRule, modified: number): number | undefined {
    if (Expiration?.Days !== undefined) return dueAfter(modified, Expiration.Days);
    return Expiration?.Date === undefined ? undefined : new Date(Expiration.Date).getTime();
}

export function isEnabled({ Status }: LifecycleRule): boolean {
    return Status === "Enabled";
}

/** Start of the keys that a rule is for. */
export function rulePrefix({ Prefix, Filter }: LifecycleRule): string {
    return Filter?.And?.Prefix ?? Filter?.Prefix ?? Prefix ?? "";
}

export function applies(rule: LifecycleRule, { key, size, tags }: Candidate): boolean {
    if (!key.startsWith(rulePrefix(rule))) return false;
    const { ObjectSizeGreaterThan, ObjectSizeLessThan } = conditions(rule.Filter);
    return (
        wantedTags(rule.Filter).every(({ Key = "", Value }) => tags[Key] === Value) &&
        (ObjectSizeGreaterThan === undefined || size > ObjectSizeGreaterThan) &&
        (ObjectSizeLessThan === undefined || size < ObjectSizeLessThan)
    );
}

function conditions(filter: LifecycleRuleFilter | undefined): LifecycleRuleAndOperator | LifecycleRuleFilter {
    return filter?.And ?? filter ?? {};
}

function wantedTags(filter: LifecycleRuleFilter | undefined) {
    return filter?.And?.Tags ?? (filter?.Tag === undefined ? [] : [filter.Tag]);
}

/** Versions of one key, the newest first, of which each knows how many newer noncurrent ones there are. */
export function isExpiredNoncurrent(
    { NoncurrentVersionExpiration: expiration }: LifecycleRule,
    { superseded }: Pick<ListedVersion, "superseded">,
    newerNoncurrent: number,
    now: number,
): boolean {
    if (expiration?.NoncurrentDays === undefined || superseded === undefined) return false;
    return (
        newerNoncurrent >= (expiration.NewerNoncurrentVersions ?? 0) &&
        dueAfter(superseded, expiration.NoncurrentDays) <= now
    );
}

/** The enabled rules that move objects between storage classes, of which the twin has one. */
export function transitionRules(rules: readonly LifecycleRule[]): string[] {
    return rules
        .filter((rule) => isEnabled(rule) && (rule.Transitions ?? rule.NoncurrentVersionTransitions) !== undefined)
        .map(({ ID = "" }) => ID);
}

/**
 * Checks rules as S3 does when they are put, and gives each an id.
 * @throws AwsError in S3's words: `MalformedXML`, `InvalidArgument`, `InvalidRequest`
 */
export function checkedRules(rules: readonly LifecycleRule[]): LifecycleRule[] {
    if (rules.length === 0 || rules.length > 1000) throw malformedXml();
    const ids = new Set<string>();
    return rules.map((rule) => {
        const ID = rule.ID === undefined || rule.ID === "" ? randomBytes(36).toString("base64url") : rule.ID;
        if (ID.length > 255) throw invalid("ID length should not exceed allowed limit of 255");
        if (ids.has(ID)) throw invalid("Rule ID must be unique. Found same ID for more than one rule");
        ids.add(ID);
        checkRule(rule);
        return { ...rule, ID };
    });
}

function checkRule(rule: LifecycleRule): void {
    const { Status, Filter, Prefix, Expiration, NoncurrentVersionExpiration, AbortIncompleteMultipartUpload } = rule;
    if (Status !== "Enabled" && Status !== "Disabled") throw malformedXml();
    if (Filter === undefined ? Prefix === undefined : Prefix !== undefined || given(Filter) > 1) {
        throw malformedXml();
    }
    const { Transitions, NoncurrentVersionTransitions } = rule;
    const actions = [Expiration, NoncurrentVersionExpiration, AbortIncompleteMultipartUpload];
    if ([...actions, Transitions, NoncurrentVersionTransitions].every((action) => action === undefined)) {
        throw new AwsError("InvalidRequest", "At least one action needs to be specified in a rule.");
    }
    if (Expiration !== undefined && given(Expiration) !== 1) throw malformedXml();
    checkDays("'Days' for Expiration action", Expiration?.Days);
    if (NoncurrentVersionExpiration !== undefined) checkNoncurrent(NoncurrentVersionExpiration);
    if (AbortIncompleteMultipartUpload !== undefined) {
        const { DaysAfterInitiation } = AbortIncompleteMultipartUpload;
        if (DaysAfterInitiation === undefined) throw malformedXml();
        checkDays("'DaysAfterInitiation' for AbortIncompleteMultipartUpload action", DaysAfterInitiation);
    }
    if (Expiration?.Date !== undefined && new Date(Expiration.Date).getTime() % day !== 0) {
        throw invalid("'Date' must be at midnight GMT");
    }
    const byTag = wantedTags(Filter).length > 0;
    if (Expiration?.ExpiredObjectDeleteMarker !== undefined && byTag) {
        throw new AwsError("InvalidRequest", "ExpiredObjectDeleteMarker cannot be specified with Tags.");
    }
    const { ObjectSizeGreaterThan, ObjectSizeLessThan } = conditions(Filter);
    const bySize = (ObjectSizeGreaterThan ?? ObjectSizeLessThan) !== undefined;
    if (AbortIncompleteMultipartUpload !== undefined && (byTag || bySize)) {
        throw new AwsError(
            "InvalidRequest",
            `AbortIncompleteMultipartUpload cannot be specified with ${byTag ? "Tags" : "Object Size"}.`,
        );
    }
}

/** How many versions are kept only ever narrows what the days choose, so that it cannot stand alone. */
function checkNoncurrent({ NoncurrentDays, NewerNoncurrentVersions: kept }: NoncurrentVersionExpiration): void {
    if (NoncurrentDays === undefined) throw malformedXml();
    checkDays("'NoncurrentDays' for NoncurrentVersionExpiration action", NoncurrentDays);
    if (kept !== undefined && (!Number.isInteger(kept) || kept < 1 || kept > 100)) {
        throw invalid(
            `'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must be an integer between 1 and 100, not ${kept}`,
        );
    }
}

function given(members: object): number {
    return Object.values(members).filter((value) => value !== undefined).length;
}

function checkDays(what: string, days: number | undefined): void {
    if (days !== undefined && (!Number.isInteger(days) || days < 1))
        throw invalid(`${what} must be a positive integer`);
}

function invalid(message: string): AwsError {
    return new AwsError("InvalidArgument", message);
}
