import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";

/** What says which run of a training or tuning job is under way: an object beside its template. */
export interface RunClaim {
    readonly job: string;
    /** ISO time at which it was claimed. */
    readonly claimedAt: string;
}

/** How old a claim is whose job is not there. */
export interface ClaimAge {
    readonly secondsAgo: number;
    /** Until it counts no more. */
    readonly secondsLeft: number;
}

/** Where the claim on the runs of a template lies. */
export interface ClaimPlace {
    readonly bucket: string;
    readonly key: string;
}

/** The claim of the template `templates/<name>.json`. */
export function claimKey(templateKey: string): string {
    return templateKey.replace(/^templates\//, "runs/");
}

/** Between a claim and its job's creation, the job is not there yet. */
const STARTING_MILLISECONDS = 5 * 60_000;

/**
 * Claims the runs of a template for a job, unless a claim's job is under way. S3's conditional writes let one of two
 * win that come at the same time.
 * @param state whether a claimed job is under way, has ended, or is unknown.
 * @param options.force claims whatever is under way.
 * @returns the job that has the claim: this one, or the one under way; of one that is not there, the age of its claim.
 */
export async function claimRun(
    s3: S3Client,
    place: ClaimPlace,
    job: string,
    state: (job: string) => Promise<"running" | "ended" | "unknown">,
    { force = false, now = Date.now() }: { readonly force?: boolean; readonly now?: number } = {},
): Promise<{ readonly job: string; readonly claimed?: ClaimAge }> {
    const claim: RunClaim = { job, claimedAt: new Date(now).toISOString() };
    for (;;) {
        const current = await readClaim(s3, place);
        if (current?.claim !== undefined && !force) {
            const { job: other, claimedAt } = current.claim;
            const found = await state(other);
            const age = Math.max(0, now - Date.parse(claimedAt));
            if (found === "running") return { job: other };
            if (found === "unknown" && age < STARTING_MILLISECONDS) {
                const seconds = (milliseconds: number) => Math.ceil(milliseconds / 1000);
                const secondsLeft = seconds(STARTING_MILLISECONDS - age);
                return { job: other, claimed: { secondsAgo: seconds(age), secondsLeft } };
            }
        }
        try {
            await writeClaim(s3, place, claim, current);
            return { job };
        } catch (error) {
            // Somebody else was faster: look at what they claimed.
            if (!["PreconditionFailed", "ConditionalRequestConflict"].includes((error as Error).name)) throw error;
        }
    }
}

/** Gives a claim up whose job could not be started: it then names a job that has ended before it began. */
export async function giveUpClaim(s3: S3Client, place: ClaimPlace, job: string): Promise<void> {
    const current = await readClaim(s3, place);
    if (current?.claim?.job !== job) return;
    await writeClaim(s3, place, { job, claimedAt: new Date(0).toISOString() }, current);
}

/** A claim as it was found. */
interface FoundClaim {
    /** Undefined where what lies there is none. */
    readonly claim: RunClaim | undefined;
    readonly tag: string | undefined;
}

/** Writes a claim in place of the one that was found, if that, or none, is still there. */
async function writeClaim(
    s3: S3Client,
    { bucket, key }: ClaimPlace,
    claim: RunClaim,
    found: FoundClaim | undefined,
): Promise<void> {
    await s3.send(
        new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Body: JSON.stringify(claim),
            ContentType: "application/json",
            ...(found === undefined ? { IfNoneMatch: "*" } : { IfMatch: found.tag }),
        }),
    );
}

async function readClaim(s3: S3Client, { bucket, key }: ClaimPlace): Promise<FoundClaim | undefined> {
    try {
        const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return {
            claim: claimOf((await object.Body?.transformToString("utf8")) ?? "", object.LastModified),
            tag: object.ETag,
        };
    } catch (error) {
        if ((error as Error).name === "NoSuchKey") return undefined;
        throw error;
    }
}

/** Reads a claim. It was made when S3 stored it at the latest, whatever the clock of whoever made it said. */
function claimOf(text: string, stored: Date | undefined): RunClaim | undefined {
    let claim: Partial<RunClaim> | null;
    try {
        claim = JSON.parse(text) as Partial<RunClaim> | null;
    } catch {
        return undefined;
    }
    const { job, claimedAt } = claim ?? {};
    const time = typeof claimedAt === "string" ? Date.parse(claimedAt) : Number.NaN;
    if (typeof job !== "string" || Number.isNaN(time)) return undefined;
    return { job, claimedAt: new Date(Math.min(time, stored?.getTime() ?? time)).toISOString() };
}
