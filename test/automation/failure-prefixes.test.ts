import assert from "node:assert/strict";
import { stageOfFunction } from "../../automation/failure-prefixes";

describe("the stage of a function", () => {
    it("is the name that the stage gave it, without what Pulumi appends; a name of another kind is its own", () => {
        assert.equal(stageOfFunction("pack-function-1a2b3c4"), "pack");
        assert.equal(stageOfFunction("pack-function"), "pack");
        assert.equal(stageOfFunction("the-function-of-all"), "the-function-of-all");
        assert.equal(stageOfFunction("packer"), "packer");
    });
});
