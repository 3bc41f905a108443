import { setTimeout as wait } from "node:timers/promises";
import type { ChampionEvaluation, Evaluation } from "./evaluation";
import { errorFields, log } from "./log";
import { oneLine } from "./one-line";

/** What becomes of a new model: it may be promoted, it may not, or a person is to say so. */
export type Decision = "approve" | "reject" | "leave";

/** A decision, and why. */
export interface Verdict {
    readonly decision: Decision;
    /** For people: one line of 1 to 1000 characters. */
    readonly reason: string;
}

/**
 * Decides about a new model by how it did on the test set.
 * @param champion how the model in service did on the same texts; undefined where none is.
 */
export type ModelPolicy = (
    evaluation: Evaluation,
    champion: ChampionEvaluation | undefined,
) => Decision | Verdict | Promise<Decision | Verdict>;

/** What is known of the model in service, if there is one. */
export interface ChampionLabels {
    /** Digest of its labels; undefined where the registry does not say. */
    readonly labelsDigest: string | undefined;
}

const DECISIONS: readonly unknown[] = ["approve", "reject", "leave"];
const LONGEST_REASON = 1000;

/**
 * What a policy says of a model. A policy that fails, is too slow, or returns what is no decision, leaves the model to a
 * person, and so do labels other than those of the model in service, since mail would go to other places, and figures of
 * examples that the model has learnt from.
 * @param champion undefined where no model is in service.
 * @param milliseconds that the policy may take.
 */
export async function verdictOf(
    policy: ModelPolicy,
    evaluation: Evaluation,
    labelsDigest: string,
    champion: ChampionLabels | undefined,
    milliseconds: number,
): Promise<Verdict> {
    if (champion !== undefined && evaluation.champion === undefined) {
        return left("the evaluation does not compare it with the model in service");
    }
    let said: unknown;
    try {
        said = await inTime(policy(evaluation, evaluation.champion), milliseconds);
    } catch (error) {
        const fields = errorFields(error);
        log.error("policy-failed", fields);
        return left(
            error instanceof PolicyTimeoutError
                ? "the policy said nothing before the judge's time was up"
                : `the policy failed with ${fields.error}`,
        );
    }
    const verdict = readVerdict(said);
    if (verdict === undefined) {
        log.error("no-decision", { expected: DECISIONS.join(", ") });
        return left('the policy returned none of "approve", "reject" and "leave"');
    }
    const why = leavesToPerson(evaluation, labelsDigest, champion);
    return why === undefined || verdict.decision === "leave"
        ? verdict
        : left(`${why} (the policy says: ${verdict.decision})`);
}

/** Why a policy may not decide, if it may not. */
function leavesToPerson(
    { learntFrom = 0 }: Evaluation,
    labelsDigest: string,
    champion: ChampionLabels | undefined,
): string | undefined {
    if (learntFrom > 0) return `it has learnt from ${learntFrom} of the examples that it was judged by`;
    if (champion === undefined || champion.labelsDigest === labelsDigest) return undefined;
    return champion.labelsDigest === undefined
        ? "the registry does not say which labels the model in service has"
        : "it has other labels than the model in service";
}

class PolicyTimeoutError extends Error {
    override readonly name = "PolicyTimeoutError";
    constructor(milliseconds: number) {
        super(`The policy said nothing for ${milliseconds} ms.`);
    }
}

async function inTime<Said>(said: Said | Promise<Said>, milliseconds: number): Promise<Said> {
    const timer = new AbortController();
    const late = wait(milliseconds, undefined, { signal: timer.signal }).then(() => {
        throw new PolicyTimeoutError(milliseconds);
    });
    try {
        return await Promise.race([said, late]);
    } finally {
        timer.abort();
    }
}

function left(why: string): Verdict {
    return { decision: "leave", reason: `Left to a person: ${why}.` };
}

function readVerdict(said: unknown): Verdict | undefined {
    if (isDecision(said)) return { decision: said, reason: `The policy says: ${said}.` };
    if (typeof said !== "object" || said === null || !("decision" in said) || !isDecision(said.decision))
        return undefined;
    const reason = "reason" in said && typeof said.reason === "string" ? oneLine(said.reason, LONGEST_REASON) : "";
    return {
        decision: said.decision,
        reason: reason === "" ? `The policy says: ${said.decision}.` : reason,
    };
}

function isDecision(said: unknown): said is Decision {
    return DECISIONS.includes(said);
}
