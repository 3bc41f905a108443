import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse } from "csv-parse/sync";
import { checkTrainable, readDataset, splitByHash, toCsv } from "../../automation/dataset";
import { CommandError, exitCodes } from "../../automation/exit";

describe("a labelled data set", () => {
    let folder = "";
    before(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "sortline-dataset-"));
    });
    after(() => fs.rmSync(folder, { recursive: true, force: true }));

    const file = (content: string | Buffer) => {
        const name = path.join(folder, `${fs.readdirSync(folder).length}.csv`);
        fs.writeFileSync(name, content);
        return name;
    };
    const refused = (content: string | Buffer, pattern: RegExp) => {
        assert.throws(
            () => readDataset(file(content)),
            (error: unknown) => {
                assert.ok(error instanceof CommandError, String(error));
                assert.equal(error.exitCode, exitCodes.badInput);
                assert.match(error.message, pattern);
                return true;
            },
        );
    };

    it("is read with quotes, line ends in texts, a byte order mark and columns in any order", () => {
        const content = '\ufeffcategory,text\r\npraise,"Thank you,\r\nit was ""great"""\r\ncomplaint,Too late\r\n';
        const { examples, emptied } = readDataset(file(content));
        assert.deepEqual(
            examples.map(({ category }) => category),
            ["praise", "complaint"],
        );
        assert.match(examples[0]?.text ?? "", /"great"/);
        assert.equal(emptied, 0);
    });

    it("says how many rows cleaning left nothing of", () => {
        assert.equal(readDataset(file("text,category\nhello there,a\n\u200b ,b\n")).emptied, 1);
    });

    it("without the columns is refused, naming what is there", () => {
        refused("message,label\nx,y\n", /no column text and no column category: its header is message,label/);
    });

    it("with rows without a category is refused, naming their lines", () => {
        refused("text,category\nfine,a\nno label,\nother\n", /line 3: no category\n.*line 4: no category/);
    });

    it("with an open quote is refused", () => refused('text,category\n"open,a\n', /cannot be read as CSV/));

    it("that is not text is refused", () => refused(Buffer.from([0x74, 0xff, 0xfe, 0x00, 0x0a]), /not text in UTF-8/));

    it("without rows is refused", () => refused("text,category\n", /has no rows/));

    it("that does not exist is refused", () => {
        assert.throws(() => readDataset(path.join(folder, "nowhere.csv")), /nowhere\.csv is not there/);
    });

    it("that is a folder, a device or too large is refused before it is read", () => {
        assert.throws(() => readDataset(folder), /is a folder/);
        assert.throws(() => readDataset("/dev/zero"), /is not a file/);
        const large = path.join(folder, "large.csv");
        fs.writeFileSync(large, "");
        fs.truncateSync(large, 3_000_000_000);
        assert.throws(() => readDataset(large), /has 3000 MB, and at most 500 MB can be read/);
    });

    it("with labels that could steer a terminal or fill it is refused, naming their lines", () => {
        refused("text,category\none,\u001b[31mred\ntwo,a\u202eb\n", /line 2: the category has control.*\n.*line 3: /);
        refused(`text,category\none,${"a".repeat(129)}\n`, /line 2: the category has .* more than 128 characters/);
    });

    it("with a thousand labels that have one example names ten of them", () => {
        const rows = Array.from({ length: 1000 }, (_, index) => `text ${index},label ${index}\n`);
        const { examples } = readDataset(file(`text,category\n${rows.join("")}`));
        assert.throws(
            () => checkTrainable("labels.csv", examples),
            /of: label 0, (label \d, ){8}label 9 and 990 more\./,
        );
    });

    it("with one label cannot be trained on", () => {
        const { examples } = readDataset(file("text,category\none,a\ntwo,a\n"));
        assert.throws(() => checkTrainable("labels.csv", examples), /one label \(a\): a classifier needs at least two/);
    });

    it("with a label that has one example cannot be trained on", () => {
        const { examples } = readDataset(file("text,category\none,a\ntwo,a\nthree,b\n"));
        assert.throws(() => checkTrainable("labels.csv", examples), /fewer than 2 examples of: b/);
    });

    it("keeps each example on its side of the split when others are added", () => {
        const some = Array.from({ length: 200 }, (_, index) => ({ text: `text ${index}`, category: `c${index % 4}` }));
        const more = [...some, ...some.map(({ text, category }) => ({ text: `${text} more`, category }))];
        const tested = new Set(splitByHash(more).test.map(({ text }) => text));
        const before_ = splitByHash(some);
        assert.ok(before_.test.length > 20 && before_.test.length < 60, `${before_.test.length}`);
        for (const { text } of before_.test) assert.ok(tested.has(text), text);
        for (const { text } of before_.train) assert.ok(!tested.has(text), text);
    });

    it("leaves every label something to learn from", () => {
        const one = Array.from({ length: 40 }, (_, index) => ({ text: `only ${index}`, category: `label ${index}` }));
        const { train, test } = splitByHash(one);
        assert.equal(train.length, 40);
        assert.equal(test.length, 0);
    });

    it("survives the way through CSV", () => {
        const examples = [{ text: 'a "b", c\nd', category: "x,y" }];
        assert.deepEqual(parse(toCsv(examples), { columns: true }), examples);
    });
});
