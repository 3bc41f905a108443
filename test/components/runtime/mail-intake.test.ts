import assert from "node:assert/strict";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { S3Client } from "@aws-sdk/client-s3";
import { mailId } from "../../../components/runtime/mail-id";
import { mailIntake } from "../../../components/runtime/mail-intake";
import { objectStore } from "../../../components/runtime/object-store";
import { type Answer, type AwsServer, awsServer, type Call, input } from "../aws-server";
import { type Endpoints, leadTo } from "./endpoints";

const accepts = Object.assign(() => true, { errors: null });
const notification = (key: string) => ({ Records: [{ s3: { bucket: { name: "mail" }, object: { key } } }] });

describe("the mail intake's function", () => {
    let kinesis: AwsServer;
    let s3: AwsServer;
    let answerPut: () => Answer;
    let answerS3: (call: Call) => Answer;
    let receive: ReturnType<typeof mailIntake>;
    const intake = (event: Parameters<typeof receive>[0]) => receive(event, { getRemainingTimeInMillis: () => 60_000 });
    let endpoints: Endpoints;
    let clients: { kinesis: KinesisClient; s3: S3Client };
    const { info, warn, error } = console;

    before(async () => {
        for (const name of ["info", "warn", "error"] as const) console[name] = () => undefined;
        kinesis = await awsServer("http2", () => answerPut());
        s3 = await awsServer("http1", (call) => answerS3(call));
        clients = { kinesis: new KinesisClient(kinesis.client), s3: new S3Client(s3.client) };
        receive = mailIntake({
            stage: "intake",
            source: "/test/intake",
            into: {
                streamName: "mail",
                bucket: "failures",
                kind: { type: "mail", dataschema: "urn:1" },
                validate: accepts,
            },
            kinesis: () => clients.kinesis,
            s3: () => clients.s3,
            store: objectStore(() => clients.kinesis.config),
        });
        endpoints = leadTo({ AWS_ENDPOINT_URL_S3: s3.address });
    });
    after(async () => {
        Object.assign(console, { info, warn, error });
        endpoints.restore();
        clients.kinesis.destroy();
        clients.s3.destroy();
        await kinesis.close();
        await s3.close();
    });
    beforeEach(() => {
        kinesis.calls.length = 0;
        s3.calls.length = 0;
        answerPut = () => ({ body: { Records: [{}] } });
    });

    const object = (body: string, headers: Record<string, string> = {}) => {
        answerS3 = ({ operation }) =>
            operation.startsWith("PUT")
                ? {}
                : { body, headers: { "content-length": String(Buffer.byteLength(body)), ...headers } };
    };
    const written = () => {
        const [record] = input(kinesis.calls[0]).Records as { Data: string; PartitionKey: string }[];
        return JSON.parse(Buffer.from(record?.Data ?? "", "base64").toString()) as Record<string, unknown>;
    };
    const setAside = () => s3.calls.filter(({ operation }) => operation.startsWith("PUT")).map(input);

    it("puts a pointer to the mail into the stream, under the mail's id and the name that people know", async () => {
        const raw = "Message-ID: <1>\r\n\r\nHello";
        object(raw, { "x-amz-meta-source": "anfrage%20%C3%BC.eml" });
        await intake(notification("inbox/a+b%C3%A4.eml"));
        const id = mailId(Buffer.from(raw));
        assert.equal(written().id, id);
        assert.match(String(written().traceparent), /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
        assert.deepEqual(written().data, { id, key: "inbox/a bä.eml", source: "anfrage ü.eml", size: raw.length });
        assert.deepEqual(setAside(), []);
    });

    it("calls a mail by its key where it has no name", async () => {
        object("From: a\n\nHello");
        await intake(notification("inbox/1.eml"));
        assert.equal((written().data as { source: string }).source, "inbox/1.eml");
    });

    it("sets a mail of more than 40 MB aside without reading it", async () => {
        answerS3 = ({ operation }) =>
            operation.startsWith("HEAD") ? { headers: { "content-length": "60000000" }, body: "" } : {};
        await intake(notification("inbox/big.eml"));
        assert.equal(kinesis.calls.length, 0);
        assert.deepEqual(
            s3.calls.map(({ operation }) => operation.split(" ")[0]),
            ["HEAD", "PUT"],
        );
        const [kept] = setAside();
        assert.match(String(kept?.reason), /too large: 60\.0 MB, at most 40 MB/);
        const { data } = (kept?.record ?? {}) as { data?: Record<string, unknown> };
        assert.equal(data?.key, "inbox/big.eml");
        assert.equal(data?.size, 60_000_000);
    });

    it("sets an empty object aside, each under an id of its own", async () => {
        object("");
        await intake(notification("inbox/1.eml"));
        await intake(notification("inbox/2.eml"));
        const [first, second] = setAside();
        assert.match(String(first?.reason), /empty/);
        assert.notEqual(
            (first?.record as { id: string } | undefined)?.id,
            (second?.record as { id: string } | undefined)?.id,
        );
    });

    it("leaves a mail alone that is gone", async () => {
        answerS3 = () => ({ status: 404, body: "" });
        await intake(notification("inbox/gone.eml"));
        assert.equal(kinesis.calls.length + setAside().length, 0);
    });

    it("fails when the stream does not take the pointer, so that Lambda tries again", async () => {
        object("From: a\n\nHello");
        answerPut = () => ({ status: 400, body: { __type: "AccessDeniedException", message: "no" } });
        await assert.rejects(intake(notification("inbox/1.eml")), /could not be put into the stream/);
        assert.deepEqual(setAside(), []);
    });

    it("ignores the object by which SES announces a receipt rule", async () => {
        object("From: ses\n\nSetup");
        await intake(notification("inbox/AMAZON_SES_SETUP_NOTIFICATION"));
        assert.equal(s3.calls.length + kinesis.calls.length, 0);
    });

    it("ignores the test event that S3 sends", async () => {
        await intake({});
        assert.equal(s3.calls.length, 0);
    });
});
