import assert from "node:assert/strict";
import type { Evaluation } from "../../../components/runtime/evaluation";
import { type ChampionLabels, type ModelPolicy, verdictOf } from "../../../components/runtime/verdict";

const evaluation: Evaluation = { accuracy: 0.9, macro_f1: 0.9, ece: 0.01, classes: [] };
const compared: Evaluation = {
    ...evaluation,
    champion: {
        model: "earlier",
        accuracy: 0.8,
        macro_f1: 0.8,
        ece: 0.02,
        difference: { accuracy: 0.1, low: 0.05, high: 0.15 },
    },
};

describe("what a policy says of a model", () => {
    const { error } = console;
    before(() => {
        console.error = () => undefined;
    });
    after(() => {
        console.error = error;
    });
    const verdict = (policy: unknown, of = compared, champion: ChampionLabels | undefined = { labelsDigest: "same" }) =>
        verdictOf(policy as ModelPolicy, of, "same", champion, 60_000);

    it("is its decision, with its reason or one that says whose it is", async () => {
        assert.deepEqual(await verdict(() => "approve"), { decision: "approve", reason: "The policy says: approve." });
        assert.deepEqual(await verdict(async () => ({ decision: "reject", reason: " too few examples " })), {
            decision: "reject",
            reason: "too few examples",
        });
        const { reason } = await verdict(() => ({ decision: "leave", reason: "x".repeat(2000) }));
        assert.equal(reason.length, 1000);
    });

    it("gives its reason in one line, which is all that SageMaker takes, and cuts through no character", async () => {
        const { reason } = await verdict(() => ({
            decision: "leave",
            reason: "too\r\n few\u0085examples\u2028 of\tb\n",
        }));
        assert.equal(reason, "too few examples of b");
        const { reason: cut } = await verdict(() => ({ decision: "leave", reason: `${"x".repeat(999)}😀` }));
        assert.equal(cut, "x".repeat(999));
    });

    it("is asked with both models' figures", async () => {
        const asked: unknown[] = [];
        await verdict((...given: unknown[]) => {
            asked.push(...given);
            return "leave";
        });
        assert.deepEqual(asked, [compared, compared.champion]);
    });

    it("leaves the model to a person when the policy fails or says nothing of use, without the error's text", async () => {
        const failed = await verdict(() => {
            throw new TypeError("a text of a mail");
        });
        assert.deepEqual(failed, { decision: "leave", reason: "Left to a person: the policy failed with TypeError." });
        for (const said of [undefined, null, true, "approved", { decision: "yes" }, []]) {
            const { decision, reason } = await verdict(() => said);
            assert.equal(decision, "leave");
            assert.match(reason, /none of "approve", "reject" and "leave"/);
        }
    });

    it("never approves what cannot be compared with the model in service", async () => {
        const approve = () => "approve";
        const uncompared = await verdict(approve, evaluation);
        assert.match(uncompared.reason, /does not compare it with the model in service/);
        const unknown = await verdict(approve, compared, { labelsDigest: undefined });
        assert.match(unknown.reason, /does not say which labels/);
        const other = await verdict(approve, compared, { labelsDigest: "other" });
        assert.match(other.reason, /other labels than the model in service \(the policy says: approve\)/);
        assert.deepEqual(
            [uncompared, unknown, other].map(({ decision }) => decision),
            ["leave", "leave", "leave"],
        );
    });

    it("decides nothing about a model that has other labels, or has learnt what it was judged by", async () => {
        for (const said of ["approve", "reject"]) {
            const other = await verdict(() => said, compared, { labelsDigest: "other" });
            assert.equal(other.decision, "leave");
            const flattered = await verdict(() => said, { ...compared, learntFrom: 3 });
            assert.match(flattered.reason, /learnt from 3 of the examples that it was judged by/);
            assert.equal(flattered.decision, "leave");
        }
        const { reason } = await verdict(() => ({ decision: "leave", reason: "Too few." }), compared, {
            labelsDigest: "other",
        });
        assert.equal(reason, "Too few.");
        assert.equal((await verdict(() => "approve", { ...compared, learntFrom: 0 })).decision, "approve");
    });

    it("may approve the first model, with which none is in service", async () => {
        const { decision } = await verdictOf(() => "approve", evaluation, "same", undefined, 60_000);
        assert.equal(decision, "approve");
    });
});
