import assert from "node:assert/strict";
import { errorFields, log } from "../../../components/runtime/log";

describe("a log line", () => {
    const secret = "Dear Ms Meier";

    it("tells of an error its name and where it was thrown, and not what it says", () => {
        const lines = `${secret}\n    at ${secret} (/home/meier:1:1)\n    at the bank:1:1`;
        const fields = errorFields(new TypeError(lines));
        assert.equal(fields.error, "TypeError");
        assert.match(String(fields.at), /log\.test\.ts:\d+:\d+/);
        assert.doesNotMatch(JSON.stringify(fields), /Meier|meier|bank/);
    });

    it("tells what AWS says about resources, and not where it quotes what it was given", () => {
        const aws = (name: string, message: string) => Object.assign(new Error(message), { name, $metadata: {} });
        const denied = "User: arn:aws:sts::1:assumed-role/r is not authorized to perform: kinesis:PutRecords";
        assert.equal(errorFields(aws("AccessDeniedException", denied)).message, denied);
        assert.equal(errorFields(aws("ValidationException", `Value '${secret}' at 'partitionKey'`)).message, undefined);
        assert.equal(errorFields(aws("ModelError", `Received "${secret}" from primary`)).message, undefined);
        const own = Object.assign(new Error(secret), { name: "AccessDeniedException" });
        assert.equal(errorFields(own).message, undefined, "not AWS's own");
    });

    it("tells a name and a code that a handler has set only where they look like one", () => {
        const named = (name: string, code: string) => errorFields(Object.assign(new Error("x"), { name, code }));
        const { error, code } = named("AWS.SimpleQueueService.NonExistentQueue", "ERR_MODULE_NOT_FOUND");
        assert.deepEqual([error, code], ["AWS.SimpleQueueService.NonExistentQueue", "ERR_MODULE_NOT_FOUND"]);
        for (const other of [secret, "4711", "x".repeat(65), "", "line\nbreak"]) {
            const fields = named(other, other);
            assert.deepEqual([fields.error, fields.code], ["Error", undefined], other);
        }
        const none = Object.assign(new Error("x"), { name: { toString: () => secret }, code: 5 });
        assert.equal(errorFields(none).error, "Error");
    });

    it("tells the type of what is no error", () => {
        assert.deepEqual(errorFields(secret), { error: "string" });
    });

    it("is not filled by a long id", () => {
        const { info } = console;
        const written: unknown[] = [];
        console.info = (line: unknown) => void written.push(line);
        log.info("batch", { stage: "s", id: "x".repeat(100_000) });
        console.info = info;
        assert.ok(JSON.stringify(written).length < 1100);
    });
});
