import assert from "node:assert/strict";
import { readFailureObject } from "../../automation/failure-object";
import { failuresIn } from "../../automation/failures";

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64");
const read = (key: string, text: string) => failuresIn(readFailureObject(text), key);

describe("an object of a failure bucket", () => {
    it("of a rejected record names the record, the mail and the reason", () => {
        const content = { stage: "parse", reason: "it is not a mail", record: { id: "m1", data: { key: "inbox/1" } } };
        assert.deepEqual(read("rejected/parse/x.json", JSON.stringify(content)), [
            { id: "m1", key: "inbox/1", reason: "parse: it is not a mail" },
        ]);
    });

    it("of a batch whose attempts ran out names each of its records and the function", () => {
        const content = {
            requestContext: {
                condition: "RetryAttemptsExhausted",
                functionArn: "arn:aws:lambda:eu-central-1:000000000000:function:route-1a2b",
                approximateInvokeCount: 6,
            },
            KinesisBatchInfo: { batchSize: 2 },
            payload: {
                Records: [
                    { kinesis: { data: encoded({ id: "m1", data: { key: "inbox/1" } }) } },
                    { kinesis: { data: encoded({ id: "m2", data: {} }) } },
                ],
            },
        };
        assert.deepEqual(read("aws/lambda/x", JSON.stringify(content)), [
            { id: "m1", key: "inbox/1", reason: "route-1a2b: it failed 6 times; see its log" },
            { id: "m2", reason: "route-1a2b: it failed 6 times; see its log" },
        ]);
    });

    it("of a failed asynchronous invocation names the mail by its key", () => {
        const content = {
            requestContext: {
                condition: "RetriesExhausted",
                functionArn: "a:function:intake",
                approximateInvokeCount: 3,
            },
            requestPayload: { Records: [{ s3: { object: { key: "inbox/a+b%C3%BC" } } }] },
        };
        assert.deepEqual(read("aws/lambda/async/intake/x", JSON.stringify(content)), [
            { key: "inbox/a bü", reason: "intake: it failed 3 times; see its log" },
        ]);
    });

    it("that cannot be read still counts as a failure", () => {
        for (const text of ["{", "", "null", '"text"']) {
            assert.match(read("odd", text)[0]?.reason ?? "", /odd is not one of a failure/, text);
        }
        const requestPayload = { Records: [{ s3: { object: { key: "100%" } } }] };
        assert.equal(read("odd", JSON.stringify({ requestPayload }))[0]?.key, "100%");
    });
});
