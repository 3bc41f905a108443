import assert from "node:assert/strict";
import { classify, requests } from "../../../components/runtime/endpoint";
import { errorFields } from "../../../components/runtime/log";
import { type Answer, type Call, input } from "../aws-server";
import { awsForMethods } from "./aws-for-methods";

describe("an endpoint's classify", () => {
    const aws = awsForMethods();
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
        assert.equal(aws.calls().length, 0);
    });

    it("asks the endpoint once for a batch, with the version of the cleaning", async () => {
        aws.answer = (call) => ({ body: predictions(call) });
        assert.deepEqual(await classify(outputs)(["a", "b"]), [
            { label: "a", probability: 0.5, model: "m" },
            { label: "b", probability: 0.5, model: "m" },
        ]);
        assert.equal(aws.calls().length, 1);
        assert.equal(aws.calls()[0]?.operation, "POST /endpoints/classifier/invocations");
        assert.deepEqual(input(aws.calls()[0]), { inputs: ["a", "b"], parameters: { cleaning: "1" } });
    });

    it("asks for nothing when there is no text", async () => {
        assert.deepEqual(await classify(outputs)([]), []);
        assert.equal(aws.calls().length, 0);
    });

    it("splits a batch by the size of the body and keeps the order", async () => {
        aws.answer = (call) => ({ body: predictions(call) });
        const texts = ["a", "b", "c"].map((letter) => letter.repeat(40));
        const answered = await classify({ ...outputs, maxBodyBytes: "140" })(texts);
        assert.deepEqual(
            answered.map((prediction) => prediction?.label),
            ["a", "b", "c"],
        );
        assert.equal(aws.calls().length, 2);
        for (const { body } of aws.calls()) assert.ok(body.byteLength <= 140, `${body.byteLength} bytes`);
    });

    it("cuts a text that does not fit into a request at all", async () => {
        aws.answer = (call) => ({ body: predictions(call) });
        await classify({ ...outputs, maxBodyBytes: "300" })(['"'.repeat(1000)]);
        const [only, ...others] = aws.calls();
        assert.equal(others.length, 0);
        assert.ok((only?.body.byteLength ?? 301) <= 300);
        assert.ok((input(only).inputs as string[])[0]?.startsWith('"""'));
    });

    it("asks for at most as many texts, as long as the serving code takes", async () => {
        aws.answer = (call) => ({ body: predictions(call) });
        await classify(outputs)(Array.from({ length: 1001 }, () => "a"));
        assert.deepEqual(
            aws.calls().map((call) => (input(call).inputs as string[]).length),
            [1000, 1],
        );
        const [[only = ""] = []] = [...requests([`${"a".repeat(99_999)}😀`], "1", 4_194_304)];
        assert.equal(JSON.parse(only), "a".repeat(99_999));
    });

    it("tries again while the endpoint is throttled, not ready or starting", async () => {
        const failures = [
            { status: 400, body: { __type: "ThrottlingException" } },
            { status: 429, body: { __type: "ModelNotReadyException" } },
            { status: 429, body: { __type: "AnotherName" } },
            { status: 503, body: { __type: "ServiceUnavailable" } },
            { status: 424, body: { __type: "ModelError", OriginalStatusCode: 503 } },
        ];
        aws.answer = (call) => failures.shift() ?? { body: predictions(call) };
        assert.equal((await classify(outputs)(["a"]))[0]?.label, "a");
        assert.equal(aws.calls().length, 6);
    });

    describe("where the model has not answered", () => {
        const secret = "Dear Ms Meier";
        /** How model servers give an exception's message. */
        const served = (message: string) => JSON.stringify({ code: 400, type: "InternalServerException", message });
        const modelError = (OriginalStatusCode: number | undefined, OriginalMessage: string): Answer => ({
            status: 424,
            body: {
                __type: "ModelError",
                OriginalStatusCode,
                OriginalMessage,
                Message: `Received client error from primary with message "${OriginalMessage}"`,
                LogStreamArn: "arn:of:the:log",
            },
        });
        const failure = async (texts: readonly string[] = [secret]) => {
            const error = await classify(outputs)(texts).catch((thrown: unknown) => thrown);
            assert.ok(error instanceof Error, String(error));
            assert.doesNotMatch(JSON.stringify([error, error.message]), /Meier/);
            return error as Error & { readonly code?: string };
        };

        it("tries a failure of the model's own again, whatever status its server gives it", async () => {
            const failures = [
                modelError(400, served("internal failure: OutOfMemoryError with 2 texts")),
                modelError(400, "internal failure: RuntimeError with 1 texts"),
                modelError(500, `<title>${secret}</title>`),
                modelError(507, ""),
                modelError(0, "Your invocation timed out"),
            ];
            aws.answer = (call) => failures.shift() ?? { body: predictions(call) };
            assert.equal((await classify(outputs)(["a"]))[0]?.label, "a");
            assert.equal(aws.calls().length, 6);
        });

        it("tells one that does not pass as the model's, not the record's, and where its log is", async () => {
            aws.answer = () => modelError(400, served(`internal failure: ${secret}`));
            const error = await failure();
            assert.deepEqual([error.name, error.code], ["EndpointError", "ModelFailure"]);
            assert.match(error.message, /endpoint classifier failed with status 400\. Its log: arn:of:the:log$/);
            assert.equal(errorFields(error).message, error.message);
        });

        it("takes a request that the model refuses for the record's fault, at once", async () => {
            for (const status of [400, 413, 422]) {
                aws.answer = () => modelError(status, served(`'inputs[0]' ${secret} has no internal failure`));
                const { name, message } = await failure([secret, "b"]);
                assert.equal(name, "RejectRecord");
                assert.match(message, new RegExp(`endpoint classifier refuses the 2 texts with status ${status}\\.`));
            }
            assert.equal(aws.calls().length, 3);
        });

        it("asks in smaller requests where one is too large for it, and keeps the order", async () => {
            aws.answer = (call) => {
                const texts = input(call).inputs as string[];
                return texts.length > 2
                    ? modelError(400, served(`the request is too large: ${texts.length} texts with 9000 tokens`))
                    : { body: predictions(call) };
            };
            const answered = await classify(outputs)(["a", "b", "c", "d", "e"]);
            assert.deepEqual(
                answered.map((prediction) => prediction?.label),
                ["a", "b", "c", "d", "e"],
            );
            assert.deepEqual(
                aws.calls().map((call) => (input(call).inputs as string[]).length),
                [5, 3, 2, 1, 2],
            );
        });

        it("takes a single text that is too large for it for the record's fault", async () => {
            aws.answer = () => modelError(400, served("the request is too large: 1 texts with 9000 tokens"));
            assert.equal((await failure()).name, "RejectRecord");
            assert.equal(aws.calls().length, 1);
        });

        it("tells the refusal of another cleaning from both, at once", async () => {
            const refusal = "the texts were cleaned by version '1', but this model was trained on version '2'; train";
            aws.answer = () => modelError(400, served(refusal));
            const error = await failure();
            assert.deepEqual([error.name, error.code], ["EndpointError", "CleaningRefused"]);
            assert.match(error.message, /trained with another cleaning than version 1, .*: promote one that fits/);
            assert.equal(aws.calls().length, 1);
        });
    });

    it("takes what is no answer to the texts for a failure of the model", async () => {
        const wrong: readonly [unknown, RegExp][] = [
            [[{ label: "a", probability: 1 }], /answered with 1 predictions for 2 texts/],
            [[{ label: "a" }, { label: "a" }], /a prediction without label or probability/],
            [[null, null], /a prediction without label or probability/],
            [{ message: "secret" }, /answered no list of predictions/],
            ["<secret>", /answered what is no JSON/],
        ];
        for (const [body, message] of wrong) {
            aws.answer = () => ({ body });
            await assert.rejects(classify(outputs)(["a", "b"]), {
                name: "EndpointError",
                code: "ModelFailure",
                message,
            });
        }
    });
});
