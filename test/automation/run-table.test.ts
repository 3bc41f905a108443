import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { CommandError } from "../../automation/exit";
import { costOf, costText, LIST_PRICES, readPrices } from "../../automation/training/instance-prices";
import type { RunState, Trial } from "../../automation/training/run-state";
import { runTable, runView, sumLine } from "../../automation/training/run-table";

const billed = { prices: LIST_PRICES, billed: true };
const hour = { type: "ml.m5.large", count: 1, seconds: 3600 };

function trial(number: number, changes: Partial<Trial> = {}): Trial {
    return {
        job: `search-00${number}`,
        status: "Completed",
        interruptions: 0,
        parameters: { "learning-rate": "3.0517578125e-05", epochs: "3", kind: '"plain"' },
        objective: 0.9 + number / 100,
        used: hour,
        ...changes,
    };
}

const search: RunState = {
    job: "search",
    kind: "tuning",
    state: "running",
    trials: [
        trial(1),
        trial(2),
        trial(3, { status: "Training", interruptions: 1, objective: undefined, used: { ...hour, seconds: 1800 } }),
    ],
    best: "search-002",
    objective: "validation:macro_f1",
    createdAt: new Date(0),
};

describe("the table of a search", () => {
    it("has each trial with status, parameters, objective, the best so far and the cost so far", () => {
        // The head is bold where output may be coloured, as in CI.
        const lines = stripVTControlCharacters(runTable(search, billed)).split("\n");
        assert.match(
            lines[0] ?? "",
            /trial\s+status\s+epochs\s+kind\s+learning-rate\s+validation:macro_f1\s+best\s+cost/,
        );
        assert.match(lines[1] ?? "", /search-001\s+Completed\s+3\s+plain\s+0\.00003052\s+0\.9100\s+\$0\.1[12]/);
        assert.match(lines[2] ?? "", /search-002\s+Completed .* 0\.9200\s+\*\s/);
        assert.match(lines[3] ?? "", /search-003\s+Training \(interrupted 1 time\)\s+3 /);
        assert.match(
            lines[4] ?? "",
            /3 trials, best so far: validation:macro_f1 0\.9200 \(search-002\), cost on AWS so far: \$0\.29 \(list prices of us-east-1\)$/,
        );
        // Prices of one's own are those of one's region.
        assert.match(runTable(search, { ...billed, prices: { "ml.m5.large": 1 } }), /cost on AWS so far: \$2\.50$/);
    });

    it("says of a search on the twin what it would have cost on AWS, which is no bill", () => {
        assert.match(
            sumLine(search, { ...billed, billed: false }),
            /, on AWS it would have cost so far: \$0\.29 \(list prices of us-east-1\)$/,
        );
    });

    it("says unknown of a cost that it cannot know, and none yet of a best one", () => {
        const unknown = trial(1, { used: { ...hour, type: "ml.unheard.of" }, objective: undefined });
        assert.equal(
            sumLine({ ...search, trials: [unknown], best: undefined }, billed),
            "1 trial, best so far: none yet, cost on AWS so far: unknown",
        );
    });

    it("is a line a change where output is no terminal", async () => {
        const said: string[] = [];
        const view = await runView((line) => said.push(line), billed, false);
        view.show(search);
        view.show(search);
        view.show({ ...search, trials: [...search.trials.slice(0, 2), trial(3)], best: "search-003" });
        assert.deepEqual(
            said.filter((line) => line.startsWith("search-003")),
            [
                "search-003: Training (interrupted 1 time), learning-rate 0.00003052, epochs 3, kind plain",
                "search-003: Completed, validation:macro_f1 0.9300, best so far, learning-rate 0.00003052, epochs 3, kind plain",
            ],
        );
    });

    it("does not let a parameter steer the terminal", () => {
        const odd = trial(1, { parameters: { kind: "\u001b[31mred" } });
        assert.ok(!runTable({ ...search, trials: [odd] }, billed).includes("\u001b[31mred"));
    });
});

describe("prices of instances", () => {
    it("count hours and instances", () => {
        assert.equal(costOf([hour, { ...hour, count: 2, seconds: 1800 }], { "ml.m5.large": 0.5 }), 1);
        assert.equal(costOf([], {}), 0);
        assert.deepEqual(
            [costText(0), costText(0.0123), costText(12.345), costText(undefined)],
            ["$0.0000", "$0.0123", "$12.35", "unknown"],
        );
    });

    it("are listed for every instance type that the documentation names", () => {
        const root = path.join(__dirname, "..", "..");
        const files = [
            path.join(root, "README.md"),
            ...["docs", "components"].flatMap((folder) =>
                fs
                    .readdirSync(path.join(root, folder))
                    .filter((name) => /\.(md|ts)$/.test(name))
                    .map((name) => path.join(root, folder, name)),
            ),
        ];
        const types = files.flatMap(
            (file) => fs.readFileSync(file, "utf8").match(/\bml\.[a-z0-9-]+\.[a-z0-9]+/g) ?? [],
        );
        assert.ok(types.includes("ml.g6.xlarge"), types.join());
        assert.deepEqual(
            [...new Set(types)].filter((type) => !Object.hasOwn(LIST_PRICES, type)),
            [],
        );
    });

    it("of one's own come before the list's, and what is none is refused by name", () => {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sortline-prices-"));
        const file = path.join(folder, "prices.json");
        const refused = (content: string, pattern: RegExp) => {
            fs.writeFileSync(file, content);
            assert.throws(
                () => readPrices(file),
                (error: unknown) =>
                    error instanceof CommandError && error.exitCode === 2 && pattern.test(error.message),
            );
        };
        try {
            fs.writeFileSync(file, '{"ml.m5.large": 0.2, "ml.new": 3}');
            const prices = readPrices(file);
            assert.deepEqual([prices["ml.m5.large"], prices["ml.new"], prices["ml.c5.xlarge"]], [0.2, 3, 0.204]);
            refused('{"ml.m5.large": "cheap", "ml.new": -1}', /has no price for: ml\.m5\.large, ml\.new/);
            refused("[]", /is no object/);
            refused("{", /cannot be read/);
        } finally {
            fs.rmSync(folder, { recursive: true });
        }
    });
});
