import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { CommandError } from "../../automation/exit";
import { LIST_PRICES } from "../../automation/training/instance-prices";
import { checkTrainArguments } from "../../automation/training/train-options";

describe("the options of train", () => {
    let folder: string;
    before(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "sortline-options-"));
    });
    after(() => fs.rmSync(folder, { recursive: true }));

    it("are refused with all that is wrong at once", () => {
        const prices = path.join(folder, "prices.json");
        fs.writeFileSync(prices, '{"ml.g5.xlarge": "cheap"}');
        const given = {
            data: ["s3://"],
            algorithm: "forest",
            encoding: "klingon",
            jobs: "0",
            artifacts: "bucket/folder",
            prices,
            output: path.join(folder, "not-made"),
        };
        assert.throws(
            () => checkTrainArguments(given),
            (error: unknown) => {
                assert.ok(error instanceof CommandError && error.exitCode === 2);
                const lines = error.message.split("\n");
                for (const each of ["--algorithm", "--encoding", "--jobs", "--artifacts", '"s3://"', "--prices"]) {
                    assert.equal(lines.filter((line) => line.startsWith(each)).length, 1, each);
                }
                return true;
            },
        );
        assert.ok(!fs.existsSync(given.output), "a folder is made only for a run that may begin");
    });

    it("that say how a run starts or what it reads are refused beside --follow, where they would be ignored", () => {
        const ofStart = {
            text: "subject,body",
            label: "queue",
            id: false,
            encoding: "windows-1252",
            delimiter: "semicolon",
            minimum: "3",
            dryRun: true,
        } as const;
        const names = "--dry-run, --text, --label, --no-id, --encoding, --delimiter, --minimum";
        for (const follow of [true, "job"] as const) {
            assert.throws(
                () => checkTrainArguments({ follow, ...ofStart }),
                (error: unknown) =>
                    error instanceof CommandError &&
                    error.exitCode === 2 &&
                    error.message.endsWith(`takes no ${names}.`),
            );
        }
        assert.equal(checkTrainArguments({ follow: true, name: "sorter", algorithm: "bert" }).followed, true);
        assert.throws(
            () => checkTrainArguments({ follow: "job", name: "sorter", algorithm: "bert" }),
            /^CommandError: --follow job follows a run .*, so it takes no --name, --algorithm\.$/,
        );
    });

    it("name a folder that can be written to, before anything starts", () => {
        const file = path.join(folder, "file");
        fs.writeFileSync(file, "");
        assert.throws(
            () => checkTrainArguments({ data: ["labels.csv"], output: path.join(file, "below") }),
            /--output .* cannot be written: .*Give a folder/,
        );
        const output = path.join(folder, "new", "below");
        assert.equal(checkTrainArguments({ data: ["labels.csv"], output }).prices, LIST_PRICES);
        assert.ok(fs.statSync(output).isDirectory());
    });
});
