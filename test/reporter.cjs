// mocha's spec report on the terminal, and the counts in a file for the test command to add up.
"use strict";
const fs = require("node:fs");
const { reporters } = require("mocha");

module.exports = class CountingReporter extends reporters.Spec {
    constructor(runner, options) {
        super(runner, options);
        const skipped = [];
        runner.on("pending", (test) => skipped.push(test.fullTitle()));
        runner.once("end", () => {
            const { passes, failures } = this.stats;
            fs.writeFileSync(
                process.env.SORTLINE_TEST_COUNTS ?? "test-results/mocha.json",
                JSON.stringify({ passed: passes, failed: failures, skipped }),
            );
        });
    }
};
