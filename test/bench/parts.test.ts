import { deepStrictEqual, throws } from "node:assert";
import { chosenParts } from "../../bench/harness/parts";

const bench = {
    parts: [
        { name: "speed", summary: "" },
        { name: "size", summary: "" },
        { name: "accuracy", summary: "", long: true },
    ],
};
const namesOf = (choice: Parameters<typeof chosenParts>[1]) => chosenParts(bench, choice).map((part) => part.name);

describe("the parts of a bench", () => {
    it("are all measured but for the long ones, and those too where everything is wanted", () => {
        deepStrictEqual(namesOf({}), ["speed", "size"]);
        deepStrictEqual(namesOf({ full: true }), ["speed", "size", "accuracy"]);
    });

    it("are those that are named, also a long one, in the bench's own order", () => {
        deepStrictEqual(namesOf({ only: "accuracy, speed" }), ["speed", "accuracy"]);
    });

    it("are told where one is named that is not there, or there are none", () => {
        throws(
            () => namesOf({ only: "speed,sise,weight" }),
            /No part "sise", "weight"; there are speed, size, accuracy/,
        );
        throws(() => namesOf({ only: "" }), /No part ""/);
        throws(() => namesOf({ only: "speed", full: true }), /leave it out beside --only/);
        throws(() => chosenParts({}, { full: true }), /no parts/);
        deepStrictEqual(chosenParts({}, {}), []);
    });
});
