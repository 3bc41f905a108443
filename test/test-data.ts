import * as fs from "node:fs";
import * as path from "node:path";
import type { Context } from "mocha";

/**
 * A part of the data of others that some tests use (`SORTLINE_TEST_DATA`). Where it is missing the test is skipped and
 * says so; where `CI` is set it fails, so that CI never passes by skipping.
 */
export function testData(test: Context, part: string): string {
    const base = process.env.SORTLINE_TEST_DATA ?? path.resolve(__dirname, "..", "..", "shared", "data");
    const place = path.join(base, part);
    if (fs.existsSync(place)) return place;
    if (process.env.CI !== undefined)
        throw new Error(`${place} is missing: set SORTLINE_TEST_DATA to where the test data is.`);
    process.stdout.write(`skipped, since ${place} is missing (set SORTLINE_TEST_DATA)\n`);
    return test.skip();
}
