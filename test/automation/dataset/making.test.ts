import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { parse } from "csv-parse/sync";
import { toCsv } from "../../../automation/dataset/csv-text";
import type { DataSet } from "../../../automation/dataset/data-set";
import { makeDataSet } from "../../../automation/dataset/make";
import { checkTrainable } from "../../../automation/dataset/prepare";
import { dataProblems } from "../../../automation/dataset/problems";
import type { LabelledRecord } from "../../../automation/dataset/read";
import { accountLines } from "../../../automation/dataset/report";
import { placeOf, textId } from "../../../automation/dataset/unique";
import { CommandError } from "../../../automation/exit";
import { someText } from "../labelled";

function record(text: string, category: string, id?: string): LabelledRecord {
    return { text, category, source: "labels.csv", line: 2, ...(id === undefined ? {} : { id }) };
}

function many(count: number, labels = 4, from = 0): LabelledRecord[] {
    return Array.from({ length: count }, (_, index) => record(someText(from + index), `label ${index % labels}`));
}

function make(read: readonly LabelledRecord[], test?: readonly LabelledRecord[], minimum = 2): DataSet {
    const problems = dataProblems();
    const made = makeDataSet(read, test, problems, { minimum, emptied: 0 });
    problems.done();
    return made;
}

const ids = (examples: DataSet["train"]) => examples.map(({ id }) => id);
/** An id that is in the test set, or is not. */
const idWhere = (isTest: boolean, more = "") => {
    for (let number = 0; ; number++) if (placeOf(`${more}${number}`) < 0.2 === isTest) return `${more}${number}`;
};

describe("a data set", () => {
    it("is split by the hash of the id, about a fifth of it, and stays so whatever is added", () => {
        const some = many(300);
        const before = make(some);
        const after = make([...many(300, 4, 5000), ...some.toReversed()]);
        assert.ok(before.test.length > 40 && before.test.length < 80, `${before.test.length}`);
        for (const id of ids(before.test)) assert.ok(ids(after.test).includes(id), id);
        for (const id of ids(before.train)) assert.ok(ids(after.train).includes(id), id);
    });

    it("is the same for the same records in another order", () => {
        const some = [...many(100), record(`${someText(3)} again`, "label 3"), record(someText(4), "label 0")];
        assert.deepEqual(make(some.toReversed()), make(some));
    });

    it("has the ids of its own where records have them, else by their texts", () => {
        const made = make([...many(20), record(someText(900), "label 0", "ticket 7")]);
        const all = [...made.train, ...made.test];
        assert.equal(all.find(({ text }) => text === someText(900))?.id, "ticket 7");
        assert.equal(all.find(({ text }) => text === someText(1))?.id, textId(someText(1)));
    });

    it("has a text once, with the label that most records give it, and tells where they differ", () => {
        const text = someText(500);
        const { train, test, account } = make([
            ...many(40),
            record(text, "label 0"),
            record(text, "label 1"),
            record(text, "label 0"),
            record(someText(501), "label 0"),
            record(someText(501), "label 1"),
        ]);
        const all = [...train, ...test];
        assert.deepEqual(
            all.filter((each) => each.text === text).map(({ category }) => category),
            ["label 0"],
        );
        assert.ok(!all.some((each) => each.text === someText(501)));
        assert.deepEqual(
            [account.dropped.duplicates, account.dropped.conflicting, account.contradictoryTexts],
            [2, 2, 2],
        );
        assert.match(accountLines(account).join("\n"), /2: the same text with several labels/);
        assert.match(
            accountLines(account).join("\n"),
            /more than one label: 2\. The one of most records counts; where two tie, the text is left out\./,
        );
    });

    it("is told as a table whose counts stand digit below digit", () => {
        const [table = ""] = accountLines(make(many(300)).account);
        const rows = stripVTControlCharacters(table).split("\n");
        assert.match(rows[0] ?? "", / to learn from {2}to be judged by$/);
        assert.equal(new Set(rows.map(({ length }) => length)).size, 1);
        for (const row of rows.slice(1)) assert.match(row, /\d$/);
    });

    it("keeps a text in the test set when it comes again with another id", () => {
        const text = someText(600);
        const first = record(text, "label 0", idWhere(true));
        const again = record(text, "label 0", idWhere(false));
        for (const read of [
            [...many(40), first, again],
            [again, ...many(40), first],
        ]) {
            assert.ok(ids(make(read).test).includes(first.id ?? ""));
        }
    });

    it("refuses an id that several texts have, and says what to do", () => {
        assert.throws(
            () => make([record("one", "a", "7"), { ...record("two", "a", "7"), line: 9 }]),
            /lines 2, 9: the same id as another text has; --id COLUMN names another column, --no-id none/,
        );
    });

    it("leaves out of training what is nearly in the test set, which stays as it is", () => {
        const tested = record(someText(700, 60), "label 0", idWhere(true));
        const nearly = record(`${someText(700, 60)} thanks`, "label 0", idWhere(false));
        const alone = make([...many(60), tested]);
        const { train, test, account } = make([...many(60), tested, nearly]);
        assert.deepEqual(ids(test), ids(alone.test));
        assert.ok(!ids(train).includes(nearly.id ?? ""));
        assert.equal(account.dropped.nearTest, 1);
        assert.match(accountLines(account).join("\n"), /1: to learn from, but nearly the same as one of the test set/);
    });

    it("gives near-duplicates one group, and everything else a group of its own", () => {
        const near = ["", " thanks", " bye"].map((end, at) =>
            record(`${someText(800, 60)}${end}`, "label 0", idWhere(false, `near${at}-`)),
        );
        const { train, account } = make([...many(60), ...near]);
        const groups = new Set(
            train.filter(({ text }) => text.startsWith(someText(800, 60))).map(({ group }) => group),
        );
        assert.equal(groups.size, 1);
        assert.ok(near.some(({ id }) => groups.has(id ?? "")));
        assert.equal(account.grouped, 3);
        const others = train.filter(({ text }) => !text.startsWith(someText(800, 60)));
        assert.ok(others.every(({ id, group }) => id === group));
    });

    it("takes a test set of its own as it is, and nothing of it is learnt from", () => {
        const given = [...many(10), record(someText(950), "only tested")];
        const { train, test, account } = make(many(60), given);
        assert.equal(test.length, 11);
        assert.equal(train.length, 50);
        assert.equal(account.dropped.nearTest, 10);
        assert.deepEqual(account.unknownLabels, ["only tested"]);
        assert.match(
            accountLines(account).join("\n"),
            /labels that nothing teaches: only tested\. They count as mistakes/,
        );
    });

    it("refuses an id of the test set that another text to learn from has, with its own reason", () => {
        const numbered = (from: number, source: string) =>
            many(3, 2, from).map((each, at) => ({ ...each, id: `${at + 1}`, line: at + 2, source }));
        assert.throws(
            () => make([...numbered(0, "labels.csv"), record(someText(9), "a", "9")], numbered(100, "test.csv")),
            (error: unknown) =>
                error instanceof CommandError &&
                error.exitCode === 2 &&
                /labels\.csv cannot be used:\n {2}lines 2–4: the same id as another text of the test set has; --id COLUMN names another column, --no-id none\n/.test(
                    error.message,
                ) &&
                /test\.csv cannot be used:\n {2}lines 2–4: the same id as another text to learn from has;/.test(
                    error.message,
                ),
        );
    });

    it("takes the same record in both for one of the test set", () => {
        const shared = many(5, 2, 0).map((each, at) => ({ ...each, id: `${at}` }));
        const { train, test, account } = make([...many(40, 2, 100), ...shared], shared);
        assert.deepEqual([train.length, test.length, account.dropped.nearTest], [40, 5, 5]);
    });

    for (const text of ["?!", "ok", "…", "👍"]) {
        it(`learns nothing that is in the test set, be it as short as ${text}`, () => {
            const { train } = make(
                [...many(40), record(text, "label 0")],
                [...many(5, 4, 100), record(text, "label 0")],
            );
            assert.equal(train.length, 40);
        });
    }

    it("leaves out labels that are too rare to learn, and tells them", () => {
        const rare = [
            record(someText(960), "rare", idWhere(false, "rare")),
            record(someText(961), "rare", idWhere(true, "rare")),
        ];
        const { train, test, account } = make([...many(60), ...rare]);
        assert.ok(![...train, ...test].some(({ category }) => category === "rare"));
        assert.deepEqual([account.rareLabels, account.dropped.rare], [{ rare: 1 }, 2]);
        assert.match(accountLines(account).join("\n"), /2: too few examples to learn from: rare \(1\)/);
    });

    it("accounts for every record", () => {
        const read = [
            ...many(80),
            ...many(20),
            record(someText(970), "alone"),
            record(`${someText(1)} thanks`, "label 1"),
        ];
        const { train, test, account } = make(read);
        const dropped = Object.values(account.dropped).reduce((sum, count) => sum + count, 0);
        assert.equal(train.length + test.length + dropped, read.length);
    });

    it("tells labels that differ in case only", () => {
        const both = many(60).map((each, at) => ({ ...each, category: at % 2 === 0 ? "Sales" : "sales" }));
        assert.match(accountLines(make(both).account).join("\n"), /differ in case only: Sales \/ sales/);
    });

    it("with one label, or nothing to be judged by, cannot be trained on", () => {
        const refused = (made: DataSet, pattern: RegExp) =>
            assert.throws(
                () => checkTrainable("labels.csv", made),
                (error: unknown) =>
                    error instanceof CommandError && error.exitCode === 2 && pattern.test(error.message),
            );
        refused(make(many(30, 1)), /one label \(label 0\) to learn: a classifier needs at least two/);
        const few = [0, 1, 2, 3].map((at) => record(someText(at), `label ${at % 2}`, idWhere(false, `few${at}-`)));
        refused(make(few), /too few examples: none fell into the fifth/);
        const alone = Array.from({ length: 1000 }, (_, at) => record(someText(at), `label ${at}`));
        refused(make(alone), /no label to learn.*label 0, label 1,.* and 990 more have fewer than 2 examples/);
    });

    it("survives the way through CSV", () => {
        const examples = [{ id: "1", text: 'a "b", c\nd', category: "x,y", group: "1" }];
        assert.deepEqual(parse(toCsv(examples), { columns: true }), examples);
    });
});
