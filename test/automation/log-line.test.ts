import assert from "node:assert/strict";
import { readableLogLine } from "../../automation/log-line";

describe("a line of a log", () => {
    it("is spelt out where it is a record, and left as it is where it is text", () => {
        const line = JSON.stringify({ level: "INFO", message: { event: "batch", stage: "parse", records: 3 } });
        assert.equal(readableLogLine(line), "INFO  event=batch stage=parse records=3");
        assert.equal(readableLogLine("{ not json"), "{ not json");
    });

    it("is left out where it tells a person nothing: metrics, and that an invocation starts", () => {
        const metrics = { _aws: { Timestamp: 1, CloudWatchMetrics: [] }, stage: "parse", Records: 3 };
        assert.equal(readableLogLine(JSON.stringify(metrics)), undefined);
        assert.equal(readableLogLine(JSON.stringify({ type: "platform.start" })), undefined);
    });
});
