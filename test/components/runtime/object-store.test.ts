import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { TooLargeError } from "../../../components/runtime/http-exchange";
import { ObjectStoreError, objectStore } from "../../../components/runtime/object-store";
import { s3Address } from "../../../components/runtime/s3-address";
import { type Answer, type AwsServer, awsServer, type Call } from "../aws-server";
import { type Endpoints, leadTo } from "./endpoints";

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string) => createHmac("sha256", key).update(data).digest();

/** The signature as AWS's documentation has it computed, from a request as it arrived. */
function expectedSignature(call: Call, secret: string): string {
    const header = (name: string) => String(call.headers[name] ?? "").trim();
    const [, credential = "", names = ""] =
        /Credential=([^,]+), SignedHeaders=([^,]+)/.exec(header("authorization")) ?? [];
    const [, date = "", region = "", service = "", end = ""] = credential.split("/");
    assert.ok(names.split(";").includes("host"));
    const canonical = [
        call.operation.split(" ")[0],
        call.path,
        "",
        ...names.split(";").map((name) => `${name}:${header(name)}`),
        "",
        names,
        sha256(call.body),
    ].join("\n");
    const text = ["AWS4-HMAC-SHA256", header("x-amz-date"), `${date}/${region}/${service}/${end}`, sha256(canonical)];
    const key = [date, region, service, end].reduce<string | Buffer>(hmac, `AWS4${secret}`);
    return hmac(key, text.join("\n")).toString("hex");
}

describe("the object store", () => {
    let s3: AwsServer;
    let client: KinesisClient;
    let answer: (call: Call) => Answer | Promise<Answer>;
    let endpoints: Endpoints;
    before(async () => {
        s3 = await awsServer("http1", (call) => answer(call));
        endpoints = leadTo({ AWS_ENDPOINT_URL_S3: s3.address });
        client = new KinesisClient(s3.client);
    });
    after(async () => {
        endpoints.restore();
        client.destroy();
        await s3.close();
    });
    beforeEach(() => {
        s3.calls.length = 0;
        answer = () => ({});
    });
    const store = objectStore(() => client.config);
    const body = Buffer.from('{"text":"Grüße"}');
    const failing = (status: number, code: string) => (): Answer => ({
        status,
        headers: { "x-amz-request-id": "REQUEST1" },
        body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>secret of rejected/a.json</Message></Error>`,
    });

    it("signs what it writes, whatever is in the key, and lets S3 check it", async () => {
        await store.put({ bucket: "failures", key: "rejected/a b/ü+'(1)*!/<x>&=%41.json", body });
        const [call] = s3.calls;
        assert.ok(call !== undefined);
        assert.equal(
            call.path,
            "/failures/rejected/a%20b/%C3%BC%2B%27%281%29%2A%21/%3Cx%3E%26%3D%2541.json",
            "the path as S3 decodes it",
        );
        assert.deepEqual(call.body, body);
        assert.equal(call.headers["x-amz-content-sha256"], sha256(body));
        const checksum = Buffer.from(sha256(body), "hex").toString("base64");
        assert.equal(call.headers["x-amz-checksum-sha256"], checksum);
        assert.equal(call.headers["content-type"], "application/json");
        const [, signature] = /Signature=([0-9a-f]{64})$/.exec(String(call.headers.authorization)) ?? [];
        assert.equal(signature, expectedSignature(call, "test"));
    });

    it("takes along the token of temporary credentials", async () => {
        const temporary = { accessKeyId: "test", secretAccessKey: "test", sessionToken: "session" };
        const other = new KinesisClient({ ...s3.client, credentials: temporary });
        await objectStore(() => other.config).put({ bucket: "b", key: "k", body });
        assert.equal(s3.calls[0]?.headers["x-amz-security-token"], "session");
        other.destroy();
    });

    it("reads what is there, and nothing where there is no such object", async () => {
        answer = () => ({ body });
        assert.deepEqual(await store.get({ bucket: "b", key: "k", maxBytes: 100 }), body);
        answer = failing(404, "NoSuchKey");
        assert.equal(await store.get({ bucket: "b", key: "k", maxBytes: 100 }), undefined);
        answer = failing(404, "NoSuchBucket");
        await assert.rejects(store.get({ bucket: "b", key: "k", maxBytes: 100 }), /NoSuchBucket/);
    });

    it("stops to read what is larger than it was asked for", async () => {
        answer = () => ({ body: Buffer.alloc(1000) });
        await assert.rejects(store.get({ bucket: "b", key: "k", maxBytes: 999 }), TooLargeError);
        assert.equal(s3.calls.length, 1);
    });

    it("tries again what passes: throttling, S3's own errors, a lost connection", async () => {
        const answers = [failing(503, "SlowDown"), failing(500, "InternalError"), failing(400, "RequestTimeout")];
        answer = () => answers.shift()?.() ?? {};
        await store.put({ bucket: "b", key: "k", body });
        assert.equal(s3.calls.length, 4);
        assert.ok(s3.calls.every((call) => call.body.equals(body)));

        s3.calls.length = 0;
        answer = () => {
            // The first connection is cut before it is answered.
            if (s3.calls.length > 1) return { body };
            s3.disconnect();
            return new Promise<Answer>(() => undefined);
        };
        assert.deepEqual(await store.get({ bucket: "b", key: "k", maxBytes: 100 }), body);
        assert.equal(s3.calls.length, 2);
    });

    it("gives up after five attempts, and at once where a repetition would not help", async () => {
        answer = failing(503, "SlowDown");
        await assert.rejects(store.put({ bucket: "b", key: "k", body }), /SlowDown/);
        assert.equal(s3.calls.length, 5);
        s3.calls.length = 0;
        answer = failing(403, "AccessDenied");
        await assert.rejects(store.put({ bucket: "b", key: "k", body }), ObjectStoreError);
        assert.equal(s3.calls.length, 1);
    }).timeout(10_000);

    it("names bucket, code and request in an error, and neither key nor content", async () => {
        answer = failing(403, "AccessDenied");
        await assert.rejects(store.put({ bucket: "mail-failures", key: "rejected/a.json", body }), {
            name: "ObjectStoreError",
            code: "AccessDenied",
            message:
                "S3 refused to PUT an object of the bucket mail-failures: AccessDenied (status 403, request REQUEST1).",
        });
    });

    it("ends at once when it is told that the time is up", async () => {
        const time = new AbortController();
        answer = () => {
            time.abort(new Error("time is up"));
            return new Promise<Answer>(() => undefined);
        };
        await assert.rejects(store.put({ bucket: "b", key: "k", body }, time.signal), /time is up/);
        assert.equal(s3.calls.length, 1);
    });
});

describe("the address of an object", () => {
    const address = async (options: object, variables: Record<string, string> = {}, bucket = "mail-failures") => {
        const endpoints = leadTo(variables);
        const client = new KinesisClient({ ...options, credentials: { accessKeyId: "a", secretAccessKey: "s" } });
        try {
            const { protocol, hostname, port, path } = await s3Address(client.config, bucket, "claims/a.json");
            return `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${path}`;
        } finally {
            endpoints.restore();
            client.destroy();
        }
    };

    it("is the region's, by the bucket's name", async () => {
        const cases = {
            "eu-central-1": "https://mail-failures.s3.eu-central-1.amazonaws.com/claims/a.json",
            "us-east-1": "https://mail-failures.s3.us-east-1.amazonaws.com/claims/a.json",
            "cn-north-1": "https://mail-failures.s3.cn-north-1.amazonaws.com.cn/claims/a.json",
            "us-gov-west-1": "https://mail-failures.s3.us-gov-west-1.amazonaws.com/claims/a.json",
            "us-iso-east-1": "https://mail-failures.s3.us-iso-east-1.c2s.ic.gov/claims/a.json",
        };
        for (const [region, expected] of Object.entries(cases)) assert.equal(await address({ region }), expected);
    });

    it("has a bucket with a dot in its path, which no certificate covers otherwise", async () => {
        assert.equal(
            await address({ region: "eu-central-1" }, {}, "mail.failures"),
            "https://s3.eu-central-1.amazonaws.com/mail.failures/claims/a.json",
        );
    });

    it("takes over FIPS and dual stack", async () => {
        const options = { region: "us-east-1", useFipsEndpoint: true, useDualstackEndpoint: true };
        assert.equal(
            await address(options),
            "https://mail-failures.s3-fips.dualstack.us-east-1.amazonaws.com/claims/a.json",
        );
    });

    it("is where the environment says, for S3 before all services", async () => {
        const all = { AWS_ENDPOINT_URL: "http://127.0.0.1:4000" };
        const options = { region: "eu-central-1" };
        assert.equal(await address(options, all), "http://127.0.0.1:4000/mail-failures/claims/a.json");
        assert.equal(
            await address(options, { ...all, AWS_ENDPOINT_URL_S3: "https://s3.example/base/" }),
            "https://s3.example/base/mail-failures/claims/a.json",
        );
    });
});
