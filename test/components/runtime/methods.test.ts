import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { bodies, classify } from "../../../components/runtime/endpoint";
import { read } from "../../../components/runtime/mail-bucket";
import { get, put } from "../../../components/runtime/record-index";
import { send } from "../../../components/runtime/work-queue";
import { type Answer, type AwsServer, awsServer, type Call, input } from "../aws-server";

/** The methods make their clients from the environment, as inside a function. */
const VARIABLES = ["AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] as const;

describe("run-time methods", () => {
    let server: AwsServer;
    let answer: (call: Call) => Answer;
    const earlier = VARIABLES.map((name) => process.env[name]);

    before(async () => {
        server = await awsServer("http1", (call) => answer(call));
        const values = [server.address, "eu-central-1", "test", "test"];
        VARIABLES.forEach((name, index) => {
            process.env[name] = values[index];
        });
    });
    after(async () => {
        VARIABLES.forEach((name, index) => {
            const value = earlier[index];
            if (value === undefined) delete process.env[name];
            else process.env[name] = value;
        });
        await server.close();
    });
    beforeEach(() => {
        server.calls.length = 0;
        answer = () => ({});
    });

    describe("classify", () => {
        const outputs = { endpointName: "classifier", cleaning: "1", maxBodyBytes: "4194304" };
        const predictions = (call: Call) =>
            (input(call).inputs as string[]).map((text) => ({
                label: text.slice(0, 1),
                probability: 0.5,
                model: "m",
                cleaning: "1",
            }));

        it("answers undefined for each text, and asks nobody, where no model is pinned", async () => {
            assert.deepEqual(await classify({ ...outputs, endpointName: "" })(["a", "b"]), [undefined, undefined]);
            assert.equal(server.calls.length, 0);
        });

        it("asks the endpoint once for a batch, with the version of the cleaning", async () => {
            answer = (call) => ({ body: predictions(call) });
            assert.deepEqual(await classify(outputs)(["a", "b"]), [
                { label: "a", probability: 0.5, model: "m" },
                { label: "b", probability: 0.5, model: "m" },
            ]);
            assert.equal(server.calls.length, 1);
            assert.equal(server.calls[0]?.operation, "POST /endpoints/classifier/invocations");
            assert.deepEqual(input(server.calls[0]), { inputs: ["a", "b"], parameters: { cleaning: "1" } });
        });

        it("asks for nothing when there is no text", async () => {
            assert.deepEqual(await classify(outputs)([]), []);
            assert.equal(server.calls.length, 0);
        });

        it("splits a batch by the size of the body and keeps the order", async () => {
            answer = (call) => ({ body: predictions(call) });
            const texts = ["a", "b", "c"].map((letter) => letter.repeat(40));
            const answered = await classify({ ...outputs, maxBodyBytes: "140" })(texts);
            assert.deepEqual(
                answered.map((prediction) => prediction?.label),
                ["a", "b", "c"],
            );
            assert.equal(server.calls.length, 2);
            for (const { body } of server.calls) assert.ok(body.byteLength <= 140, `${body.byteLength} bytes`);
        });

        it("cuts a text that does not fit into a request at all", () => {
            const [only, ...others] = [...bodies(['"'.repeat(1000)], "1", 300)];
            assert.equal(others.length, 0);
            assert.ok(Buffer.byteLength(only?.text ?? "") <= 300);
            assert.ok((JSON.parse(only?.text ?? "") as { inputs: string[] }).inputs[0]?.startsWith('"""'));
        });

        it("asks for at most as many texts, as long as the serving code takes", async () => {
            answer = (call) => ({ body: predictions(call) });
            await classify(outputs)(Array.from({ length: 1001 }, () => "a"));
            assert.deepEqual(
                server.calls.map((call) => (input(call).inputs as string[]).length),
                [1000, 1],
            );
            const [only] = [...bodies([`${"a".repeat(99_999)}😀`], "1", 4_194_304)];
            assert.equal((JSON.parse(only?.text ?? "") as { inputs: string[] }).inputs[0], "a".repeat(99_999));
        });

        it("tries again while the endpoint is throttled, not ready or starting", async () => {
            const failures = [
                { status: 400, body: { __type: "ThrottlingException" } },
                { status: 429, body: { __type: "ModelNotReadyException" } },
                { status: 429, body: { __type: "AnotherName" } },
                { status: 503, body: { __type: "ServiceUnavailable" } },
                { status: 424, body: { __type: "ModelError", OriginalStatusCode: 503 } },
            ];
            answer = (call) => failures.shift() ?? { body: predictions(call) };
            assert.equal((await classify(outputs)(["a"]))[0]?.label, "a");
            assert.equal(server.calls.length, 6);
        });

        it("gives up on what does not pass, without quoting the model's answer", async () => {
            answer = () => ({
                status: 424,
                body: { __type: "ModelError", OriginalStatusCode: 400, OriginalMessage: "secret", Message: "secret" },
            });
            await assert.rejects(classify(outputs)(["a"]), (error: Error) => {
                assert.match(error.message, /endpoint classifier answered with status 400.*cleaning/);
                assert.ok(!error.message.includes("secret"));
                return true;
            });
            assert.equal(server.calls.length, 1);
        });

        it("refuses an answer that does not match the texts", async () => {
            answer = () => ({ body: [{ label: "a", probability: 1 }] });
            await assert.rejects(classify(outputs)(["a", "b"]), /1 predictions for 2 texts/);
            answer = () => ({ body: [{ label: "a" }] });
            await assert.rejects(classify(outputs)(["a"]), /without label or probability/);
        });
    });

    describe("a queue's send", () => {
        beforeEach(() => {
            answer = (call) => {
                const digest = createHash("md5")
                    .update(String(input(call).MessageBody))
                    .digest("hex");
                return { body: { MessageId: "1", MD5OfMessageBody: digest } };
            };
        });

        it("sends the record as JSON, grouped and deduplicated by its id", async () => {
            await send({ queueUrl: `${server.address}/000000000000/sales.fifo` })({ id: "a1" });
            const { MessageBody, MessageGroupId, MessageDeduplicationId } = input(server.calls[0]);
            assert.deepEqual(
                [MessageBody, MessageGroupId, MessageDeduplicationId],
                [JSON.stringify({ id: "a1" }), "a1", "a1"],
            );
        });

        it("reaches SQS where the environment says, whatever host the queue's address names", async () => {
            const queueUrl = "http://127.0.0.1:1/000000000000/sales.fifo";
            await send({ queueUrl })({ id: "a1" });
            assert.equal(input(server.calls[0]).QueueUrl, queueUrl);
        });

        it("escapes the characters for which SQS refuses a message", async () => {
            const record = { id: "1", text: "\uFFFE\uFFFF\u0000ä😀" };
            await send({ queueUrl: `${server.address}/000000000000/sales.fifo` })(record);
            const body = String(input(server.calls[0]).MessageBody);
            assert.doesNotMatch(body, /[\p{Cc}\uFFFE\uFFFF]/u);
            assert.deepEqual(JSON.parse(body), record);
        });

        it("digests an id that SQS would not take", async () => {
            const queueUrl = `${server.address}/000000000000/sales.fifo`;
            await send({ queueUrl })({ id: "ü".repeat(200) });
            assert.match(String(input(server.calls[0]).MessageGroupId), /^[0-9a-f]{64}$/);
        });
    });

    describe("a queue's send of a record that SQS does not take", () => {
        it("rejects it, since it can never succeed", async () => {
            const record = { id: "a1", text: "x".repeat(1_048_576) };
            await assert.rejects(send({ queueUrl: `${server.address}/000000000000/sales.fifo` })(record), {
                name: "RejectRecord",
                message: "It is too large for a queue: 1048597 bytes, and SQS takes 1048576 at most.",
            });
            assert.equal(server.calls.length, 0);
        });
    });

    describe("an index's put and get", () => {
        it("writes a record only if its id is new", async () => {
            await put({ tableName: "t" })({ id: "a", ...{ n: 0.5, none: null, left: undefined, list: [true] } });
            const { Item, ConditionExpression, ExpressionAttributeNames } = input(server.calls[0]);
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
            answer = () => ({ status: 400, body: { __type: "ConditionalCheckFailedException" } });
            await put({ tableName: "t" })({ id: "a" });
            answer = () => ({ status: 400, body: { __type: "AccessDeniedException", message: "denied" } });
            await assert.rejects(put({ tableName: "t" })({ id: "a" }), /denied/);
        });

        it("reads back what was written", async () => {
            answer = () => ({ body: { Item: { id: { S: "a" }, n: { N: "0.5" }, m: { M: { x: { NULL: true } } } } } });
            assert.deepEqual(await get({ tableName: "t" })("a"), { id: "a", n: 0.5, m: { x: null } });
            answer = () => ({});
            assert.equal(await get({ tableName: "t" })("b"), undefined);
        });
    });

    describe("an intake's read", () => {
        it("gives the bytes of the mail", async () => {
            answer = () => ({ body: "From: a" });
            assert.equal(Buffer.from(await read({ bucketName: "mail" })("inbox/a b")).toString(), "From: a");
            assert.equal(server.calls[0]?.operation, "GET /mail/inbox/a%20b");
        });

        it("rejects the record of a mail that is gone", async () => {
            const body = "<Error><Code>NoSuchKey</Code></Error>";
            answer = () => ({ status: 404, headers: { "content-type": "application/xml" }, body });
            await assert.rejects(read({ bucketName: "mail" })("inbox/a"), { name: "RejectRecord" });
        });
    });
});
