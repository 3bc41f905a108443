import assert from "node:assert/strict";
import { decide, outcomeOf, ROUTES, SortedMessage } from "../../functions";
import { message } from "./stored";

const THRESHOLDS = { confidence: 0.6 };
const SURE = { label: "quotation_request", probability: 0.93, model: "m1" };

function decided(...[given, prediction]: [Parameters<typeof message>[0], (typeof SURE | undefined)?]): SortedMessage {
    const [sorted] = decide([message(given)], [prediction], THRESHOLDS);
    assert(sorted !== undefined);
    return SortedMessage.parse(sorted);
}

describe("decide", () => {
    it("sorts what a model is sure of", () => {
        const { state, category, confidence, model, route, reason } = decided({}, SURE);
        assert.deepEqual(
            { state, category, confidence, model, route, reason },
            {
                state: "sorted",
                category: "quotation_request",
                confidence: 0.93,
                model: "m1",
                route: "sales",
                reason: "confidence 0.93",
            },
        );
    });

    it("sorts at exactly the threshold", () => {
        assert.equal(decided({}, { ...SURE, probability: 0.6 }).state, "sorted");
    });

    for (const [what, given, prediction, reason] of [
        ["a doubtful prediction", {}, { ...SURE, probability: 0.41 }, "confidence 0.41 is below 0.60"],
        ["a mail without prediction", {}, undefined, "no model in service"],
        [
            "a label that no route knows",
            {},
            { ...SURE, label: "card_arrival" },
            'no route for the category "card_arrival"',
        ],
        [
            "a label named like a property of objects",
            {},
            { ...SURE, label: "constructor" },
            'no route for the category "constructor"',
        ],
        ["a probability that is none", {}, { ...SURE, probability: Number.NaN }, "the model gave no valid probability"],
        ["a mail that reading gave a reason for", { review: "the mail has no text" }, SURE, "the mail has no text"],
        ["an empty text", { text: "" }, SURE, "the mail has no text"],
    ] as const) {
        it(`sends ${what} to a person`, () => {
            const sorted = decided(given, prediction);
            assert.deepEqual([sorted.state, sorted.route, sorted.reason], ["review", "review", reason]);
        });
    }

    it("keeps what the model thought of a doubtful mail", () => {
        const sorted = decided({}, { ...SURE, probability: 0.41 });
        assert.deepEqual([sorted.category, sorted.confidence], ["quotation_request", 0.41]);
    });

    it("ignores an automatic mail, whatever a model says, and routes it nowhere", () => {
        const sorted = decided({ ignore: "mailing list (List-Id)" }, SURE);
        assert.deepEqual(
            [sorted.state, sorted.route, sorted.category, sorted.reason],
            ["ignored", null, null, "mailing list (List-Id)"],
        );
    });

    it("keeps messages and predictions aligned", () => {
        const sorted = decide(
            [message({ id: "a" }), message({ id: "b" }), message({ id: "c" })],
            [SURE, undefined, { ...SURE, label: "praise" }],
            THRESHOLDS,
        );
        assert.deepEqual(
            sorted.map(({ id, route }) => [id, route]),
            [
                ["a", "sales"],
                ["b", "review"],
                ["c", "feedback"],
            ],
        );
    });

    it("refuses lists of different length and thresholds out of range", () => {
        assert.throws(() => decide([message()], [], THRESHOLDS), /1 messages but 0 predictions/);
        assert.throws(() => decide([], [], { confidence: 60 }), /thresholds.confidence is 60; it must be from 0 to 1/);
        assert.throws(() => decide([], [], { confidence: Number.NaN }), /NaN/);
    });

    it("has a route for each of the eight categories", () => {
        assert.equal(Object.keys(ROUTES).length, 8);
    });

    it("gives the index a row without text", () => {
        assert.deepEqual(Object.keys(outcomeOf(decided({}, SURE))), [
            "id",
            "key",
            "source",
            "state",
            "category",
            "confidence",
            "route",
            "reason",
        ]);
    });
});
