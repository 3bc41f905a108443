import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as sortline from "../../components";

describe("the package's entry for ES modules", () => {
    it("exports what the package exports", () => {
        const source = fs.readFileSync(path.join(__dirname, "../../components/index.mjs"), "utf8");
        const names = /export const \{([^}]*)\} = sortline/.exec(source)?.[1]?.match(/\w+/g);
        assert.deepEqual([...(names ?? [])].sort(), Object.keys(sortline).sort());
    });
});
