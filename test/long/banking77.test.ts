import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { sortline, temporaryFolder } from "../end-to-end/command";
import { testData } from "../test-data";

describe("training on 10,003 customer messages with 77 labels", () => {
    const { folder, remove } = temporaryFolder();
    after(remove);

    it("reaches an accuracy of 0.90 on the test set, with a twin of its own", async function () {
        this.timeout(600_000);
        const data = testData(this, "banking77");
        const output = path.join(folder, "output");
        const { code, stdout, stderr } = await sortline(
            [
                "train",
                "--data",
                path.join(data, "train.csv"),
                "--test",
                path.join(data, "test.csv"),
                "--output",
                output,
                "--json",
            ],
            { home: path.join(folder, "home") },
        );
        assert.equal(code, 0, stderr);
        const result = JSON.parse(stdout) as Record<string, unknown>;
        assert.deepEqual(Object.keys(result), [
            "job",
            "version",
            "accuracy",
            "macro_f1",
            "seconds",
            "cost",
            "model",
            "evaluation",
        ]);
        assert.ok(Number(result.accuracy) >= 0.9, stdout);
        assert.match(String(result.evaluation), /^s3:\/\/.*evaluation\.json$/);
        assert.match(String(result.model), /^s3:\/\/.*model\.tar\.gz$/);
        const evaluation = JSON.parse(fs.readFileSync(path.join(output, "evaluation.json"), "utf8"));
        assert.equal(evaluation.version, 2);
        assert.equal(evaluation.accuracy, result.accuracy);
        assert.equal(evaluation.classes.length, 77);
        assert.deepEqual(Object.keys(evaluation.classes[0]), ["label", "precision", "recall", "f1", "support"]);
        assert.equal(evaluation.confusion.labels.length, 77);
        assert.equal(
            evaluation.confusion.matrix.flat().reduce((sum: number, count: number) => sum + count, 0),
            3079, // of the 3,080 one text is there twice
        );
        assert.ok(evaluation.ece >= 0 && evaluation.ece < 0.1, `${evaluation.ece}`);
    });
});
