import assert from "node:assert/strict";
import { calls } from "../../../components/runtime/stream-writer";

const record = (bytes: number, origin = 0) => ({ origin, data: new Uint8Array(bytes), partitionKey: "k" });

describe("putting records into a stream", () => {
    it("puts at most 500 records into a call", () => {
        const lengths = [...calls(Array.from({ length: 1001 }, () => record(1)))].map(({ length }) => length);
        assert.deepEqual(lengths, [500, 500, 1]);
    });

    it("puts at most 5 MiB into a call, keys included", () => {
        const mebibyte = 1_048_576;
        const lengths = [...calls(Array.from({ length: 6 }, () => record(mebibyte - 1)))].map(({ length }) => length);
        assert.deepEqual(lengths, [5, 1]);
        const over = [...calls(Array.from({ length: 5 }, () => record(mebibyte)))].map(({ length }) => length);
        assert.deepEqual(over, [4, 1]);
    });
});
