import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { read } from "../../../components/runtime/mail-bucket";
import { get, put } from "../../../components/runtime/record-index";
import { send } from "../../../components/runtime/work-queue";
import { input } from "../aws-server";
import { awsForMethods } from "./aws-for-methods";

describe("run-time methods", () => {
    const aws = awsForMethods();

    describe("a queue's send", () => {
        beforeEach(() => {
            aws.answer = (call) => {
                const digest = createHash("md5")
                    .update(String(input(call).MessageBody))
                    .digest("hex");
                return { body: { MessageId: "1", MD5OfMessageBody: digest } };
            };
        });

        it("sends the record as JSON, grouped and deduplicated by its id", async () => {
            await send({ queueUrl: `${aws.address()}/000000000000/sales.fifo` })({ id: "a1" });
            const { MessageBody, MessageGroupId, MessageDeduplicationId } = input(aws.calls()[0]);
            assert.deepEqual(
                [MessageBody, MessageGroupId, MessageDeduplicationId],
                [JSON.stringify({ id: "a1" }), "a1", "a1"],
            );
        });

        it("reaches SQS where the environment says, whatever host the queue's address names", async () => {
            const queueUrl = "http://127.0.0.1:1/000000000000/sales.fifo";
            await send({ queueUrl })({ id: "a1" });
            assert.equal(input(aws.calls()[0]).QueueUrl, queueUrl);
        });

        it("escapes the characters for which SQS refuses a message", async () => {
            const record = { id: "1", text: "\uFFFE\uFFFF\u0000ä😀" };
            await send({ queueUrl: `${aws.address()}/000000000000/sales.fifo` })(record);
            const body = String(input(aws.calls()[0]).MessageBody);
            assert.doesNotMatch(body, /[\p{Cc}\uFFFE\uFFFF]/u);
            assert.deepEqual(JSON.parse(body), record);
        });

        it("digests an id that SQS would not take", async () => {
            const queueUrl = `${aws.address()}/000000000000/sales.fifo`;
            await send({ queueUrl })({ id: "ü".repeat(200) });
            assert.match(String(input(aws.calls()[0]).MessageGroupId), /^[0-9a-f]{64}$/);
        });
    });

    describe("a queue's send of a record that SQS does not take", () => {
        it("rejects it, since it can never succeed", async () => {
            const record = { id: "a1", text: "x".repeat(1_048_576) };
            await assert.rejects(send({ queueUrl: `${aws.address()}/000000000000/sales.fifo` })(record), {
                name: "RejectRecord",
                message: "It is too large for a queue: 1048597 bytes, and SQS takes 1048576 at most.",
            });
            assert.equal(aws.calls().length, 0);
        });
    });

    describe("an index's put and get", () => {
        it("writes a record only if its id is new", async () => {
            await put({ tableName: "t" })({ id: "a", ...{ n: 0.5, none: null, left: undefined, list: [true] } });
            const { Item, ConditionExpression, ExpressionAttributeNames } = input(aws.calls()[0]);
            assert.deepEqual(Item, {
                id: { S: "a" },
                n: { N: "0.5" },
                none: { NULL: true },
                list: { L: [{ BOOL: true }] },
            });
            assert.equal(ConditionExpression, "attribute_not_exists(#id)");
            assert.deepEqual(ExpressionAttributeNames, { "#id": "id" });
        });

        it("takes a record that is there already for written, and tells any other failure", async () => {
            aws.answer = () => ({ status: 400, body: { __type: "ConditionalCheckFailedException" } });
            await put({ tableName: "t" })({ id: "a" });
            aws.answer = () => ({ status: 400, body: { __type: "AccessDeniedException", message: "denied" } });
            await assert.rejects(put({ tableName: "t" })({ id: "a" }), /denied/);
        });

        it("reads back what was written", async () => {
            aws.answer = () => ({
                body: { Item: { id: { S: "a" }, n: { N: "0.5" }, m: { M: { x: { NULL: true } } } } },
            });
            assert.deepEqual(await get({ tableName: "t" })("a"), { id: "a", n: 0.5, m: { x: null } });
            aws.answer = () => ({});
            assert.equal(await get({ tableName: "t" })("b"), undefined);
        });
    });

    describe("an intake's read", () => {
        it("gives the bytes of the mail", async () => {
            aws.answer = () => ({ body: "From: a" });
            assert.equal(Buffer.from(await read({ bucketName: "mail" })("inbox/a b")).toString(), "From: a");
            assert.equal(aws.calls()[0]?.operation, "GET /mail/inbox/a%20b");
        });

        it("rejects the record of a mail that is gone", async () => {
            const body = "<Error><Code>NoSuchKey</Code></Error>";
            aws.answer = () => ({ status: 404, headers: { "content-type": "application/xml" }, body });
            await assert.rejects(read({ bucketName: "mail" })("inbox/a"), { name: "RejectRecord" });
        });
    });
});
