import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { createFaults } from "../../../local/aws/faults";
import { createIam, type Iam } from "../../../local/aws/iam";
import { createServer, type Route, type Server } from "../../../local/aws/server";
import { AwsError, type AwsRequest, type AwsResponse, root } from "../../../local/aws/service";
import type { Services } from "../../../local/aws/services";
import { openStore, type Store } from "../../../local/aws/store";
import { StoreError } from "../../../local/aws/store-error";
import { createSts } from "../../../local/aws/sts";

const rootKey = "AKIAROOT";

describe("the twin's port", () => {
    let folder: string;
    let store: Store;
    let iam: Iam;
    let server: Server;
    let requests: AwsRequest[];
    let answer: (request: AwsRequest) => Promise<AwsResponse>;
    let reports: string[];
    let routes: Route[];

    beforeEach(async () => {
        folder = mkdtempSync(join(tmpdir(), "sortline-server-"));
        store = openStore(folder);
        iam = createIam(store);
        requests = [];
        reports = [];
        routes = [
            { prefix: "/_lambda/", handle: (_request, response) => response.end("lambda") },
            { prefix: "/", handle: (_request, response) => response.end("console") },
        ];
        answer = async () => ({ status: 200, headers: { "content-type": "application/json" }, body: "{}" });
        const service = {
            signingNames: ["kinesis", "s3"],
            handle: async (request: AwsRequest) => {
                requests.push(request);
                return answer(request);
            },
        };
        const context = {
            iam,
            store,
            faults: createFaults(),
            // The services that this test is about.
            services: () => ({ service, sts }) as unknown as Services,
            report: ({ message }: { message: string }) => void reports.push(message),
        };
        const sts = createSts(context);
        server = await createServer({ context, rootAccessKeyId: rootKey, routes });
    });

    afterEach(async () => {
        await server.close();
        store.close();
        rmSync(folder, { recursive: true });
    });

    const signed = (service: string, accessKeyId = rootKey) => ({
        authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261123/eu-central-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
    });

    function send(options: {
        method?: string;
        path?: string;
        headers?: Record<string, string | number>;
        body?: Buffer | string;
    }): Promise<{ status: number | undefined; headers: IncomingHttpHeaders; body: string; continued: boolean }> {
        return new Promise((resolve, reject) => {
            let continued = false;
            const { method = "POST", path = "/", headers = {}, body } = options;
            const request = httpRequest(
                { host: "127.0.0.1", port: server.port, method, path, headers, agent: false },
                (response) => {
                    const chunks: Buffer[] = [];
                    response.on("data", (chunk: Buffer) => chunks.push(chunk));
                    response.on("end", () =>
                        resolve({
                            status: response.statusCode,
                            headers: response.headers,
                            body: Buffer.concat(chunks).toString(),
                            continued,
                        }),
                    );
                },
            );
            request.on("error", reject);
            if (headers.expect === undefined) request.end(body);
            else {
                request.flushHeaders();
                request.on("continue", () => {
                    continued = true;
                    request.end(body);
                });
            }
        });
    }

    const credentials = { accessKeyId: rootKey, secretAccessKey: "unused" };
    const configuration = () => ({ endpoint: server.address, region: "eu-central-1", credentials, maxAttempts: 1 });

    it("hands a signed request to the service that the signature names, over HTTP/1.1 and HTTP/2", async () => {
        answer = async () => ({ status: 200, headers: {}, body: JSON.stringify({ StreamNames: ["mail"] }) });
        const client = new KinesisClient(configuration());
        assert.deepEqual((await client.send(new ListStreamsCommand())).StreamNames, ["mail"]);
        client.destroy();
        const { status, headers } = await send({ path: "/a%2Fb?c=d", headers: signed("s3"), body: "text" });
        assert.equal(status, 200);
        assert.equal(requests[0]?.headers["x-amz-target"], "Kinesis_20131202.ListStreams");
        const { path, query, body, caller, requestId } = requests[1] as AwsRequest;
        assert.deepEqual([path, query.get("c"), body.toString(), caller], ["/a%2Fb", "d", "text", root]);
        assert.equal(headers["x-amzn-requestid"], requestId);
    });

    it("knows the role by its key, and nobody by another", async () => {
        const { Role } = await iam.operations.CreateRole(
            {
                RoleName: "parse",
                AssumeRolePolicyDocument: JSON.stringify({
                    Statement: { Effect: "Allow", Principal: "*", Action: "sts:AssumeRole" },
                }),
            },
            root,
        );
        const { accessKeyId } = iam.accessKey(Role.Arn, "parse-stage");
        await send({ headers: signed("kinesis", accessKeyId) });
        assert.deepEqual(requests[0]?.caller, { kind: "role", roleArn: Role.Arn, sessionName: "parse-stage" });

        const json = { "content-type": "application/x-amz-json-1.1" };
        const unknown = await send({ headers: { ...signed("kinesis", "AKIAOTHER"), ...json } });
        assert.equal(unknown.status, 400);
        assert.equal(JSON.parse(unknown.body).__type, "UnrecognizedClientException");
        const s3 = await send({ headers: signed("s3", "AKIAOTHER") });
        assert.equal(s3.status, 403);
        assert.match(s3.body, /<Code>InvalidAccessKeyId<\/Code>/);
        const form = { "content-type": "application/x-www-form-urlencoded" };
        const sts = await send({ headers: { ...signed("sts", "AKIAOTHER"), ...form } });
        assert.match(sts.body, /<Code>InvalidClientTokenId<\/Code>/);
        assert.equal(requests.length, 1);
        const identity = await send({
            headers: { ...signed("sts", accessKeyId), ...form },
            body: "Action=GetCallerIdentity&Version=2011-06-15",
        });
        assert.match(identity.body, /<Arn>arn:aws:sts::000000000000:assumed-role\/parse\/parse-stage<\/Arn>/);
    });

    it("reads a presigned URL, until it expires", async () => {
        const presigned = (date: string) =>
            `/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${rootKey}%2F20261123%2Feu-central-1%2Fs3%2Faws4_request&X-Amz-Date=${date}&X-Amz-Expires=60&X-Amz-Signature=0`;
        const now = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
        assert.equal((await send({ method: "GET", path: presigned(now) })).status, 200);
        assert.deepEqual(requests[0]?.caller, root);
        const expired = await send({ method: "GET", path: presigned("20200101T000000Z") });
        assert.equal(expired.status, 403);
        assert.match(expired.body, /Request has expired/);
    });

    it("names a service that it does not have", async () => {
        const { status, body } = await send({ headers: signed("rekognition") });
        assert.equal(status, 501);
        assert.match(body, /does not implement the service 'rekognition'/);
    });

    it("gives what is not signed to the longest route that fits, else refuses it", async () => {
        assert.equal((await send({ path: "/_lambda/2018-06-01/runtime" })).body, "lambda");
        assert.equal((await send({ path: "/anything" })).body, "console");
        assert.notEqual((await send({ path: "/_lambda/x", headers: signed("s3") })).body, "lambda");
        await server.close();
        server = await createServer({
            context: {
                iam,
                store,
                services: () => ({}) as unknown as Services,
                report: () => {},
                faults: createFaults(),
            },
            rootAccessKeyId: rootKey,
        });
        const refused = await send({});
        assert.equal(refused.status, 403);
        assert.match(refused.body, /Missing Authentication Token/);
    });

    it("refuses names of other hosts, under which a page of another origin could reach it", async () => {
        for (const host of ["evil.example", `evil.example:${server.port}`, "127.0.0.1.evil.example"]) {
            assert.equal((await send({ headers: { ...signed("s3"), host } })).status, 403);
            assert.equal((await send({ path: "/", headers: { host } })).status, 403);
        }
        assert.equal((await send({ headers: { ...signed("s3"), host: `localhost:${server.port}` } })).status, 200);
        assert.equal(requests.length, 1);
        const session = connectHttp2(server.address);
        const stream = session.request({ ":authority": "evil.example", ...signed("kinesis") });
        const [headers] = await new Promise<[{ ":status"?: number }]>((resolve) => {
            stream.on("response", (response) => resolve([response]));
        });
        session.destroy();
        assert.equal(headers[":status"], 403);
    });

    it("decodes a body in chunks with a checksum after it, as the SDK sends streams", async () => {
        const client = new S3Client({ ...configuration(), requestStreamBufferSize: 8192 });
        const { Readable } = await import("node:stream");
        const Body = Readable.from([Buffer.alloc(70_000, 1), Buffer.alloc(5, 2)]);
        await client.send(new PutObjectCommand({ Bucket: "b", Key: "k", Body, ContentLength: 70_005 }));
        client.destroy();
        const [request] = requests;
        assert.deepEqual(request?.body, Buffer.concat([Buffer.alloc(70_000, 1), Buffer.alloc(5, 2)]));
        assert.equal(request?.headers["content-encoding"], undefined);
        assert.equal(request?.headers["content-length"], "70005");
        assert.match(String(request?.headers["x-amz-checksum-crc32"]), /^[\w+/]{6}==$/);
    });

    it("refuses chunks that are cut short or of another length than announced", async () => {
        const chunked = { ...signed("s3"), "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER" };
        for (const [body, length] of [
            ["5\r\nab", "5"],
            ["2\r\nab\r\n0\r\n\r\n", "3"],
            ["zz\r\n", "2"],
            ["", "0"],
        ] as const) {
            const headers = { ...chunked, "x-amz-decoded-content-length": length };
            const { status, body: error } = await send({ headers, body });
            assert.deepEqual([status, /<Code>IncompleteBody</.test(error)], [400, true], JSON.stringify(body));
        }
        const signedChunks = "2;chunk-signature=0a\r\nab\r\n1;chunk-signature=0b\r\nc\r\n0;chunk-signature=0c\r\n\r\n";
        await send({ headers: { ...chunked, "x-amz-decoded-content-length": "3" }, body: signedChunks });
        assert.deepEqual(
            requests.map(({ body }) => body.toString()),
            ["abc"],
        );
    });

    it("answers 413 to what is larger than 64 MiB, and lives", async () => {
        const { status } = await send({ headers: signed("kinesis"), body: Buffer.alloc((64 << 20) + 1) });
        assert.equal(status, 413);
        assert.equal((await send({ headers: signed("kinesis"), body: "x" })).status, 200);
        assert.equal(requests.length, 1);
    });

    it("asks clients that wait for it to send their body", async () => {
        const { continued, status } = await send({
            headers: { ...signed("s3"), expect: "100-continue" },
            body: "text",
        });
        assert.deepEqual([continued, status, requests[0]?.body.toString()], [true, 200, "text"]);
    });

    it("answers 500 to failures inside, and tells where without the text of the error", async () => {
        answer = async () => JSON.parse("secret mail text");
        const { status, body, headers } = await send({ headers: signed("kinesis") });
        assert.equal(status, 500);
        assert.equal(JSON.parse(body).__type, "InternalFailure");
        assert.equal(reports.length, 1);
        assert.match(String(reports[0]), /^Request [\w-]{36} failed: SyntaxError at /);
        assert.ok(reports[0]?.includes(String(headers["x-amzn-requestid"])));
        assert.ok(!`${reports[0]}${body}`.includes("secret"));
        answer = async () => {
            throw new StoreError("The store cannot be written: the disk is full.");
        };
        assert.match((await send({ headers: signed("kinesis") })).body, /the disk is full/);
        answer = async () => {
            throw new AwsError("Throttled", "Too fast.", 429);
        };
        assert.equal((await send({ headers: signed("kinesis") })).status, 429);
        assert.equal(reports.length, 2);
    });

    it("answers a request without a body to HEAD, and streams what a service streams", async () => {
        const { Readable } = await import("node:stream");
        answer = async ({ method }): Promise<AwsResponse> =>
            method === "HEAD"
                ? { status: 200, headers: { "content-length": "7" }, body: "" }
                : { status: 200, headers: {}, body: Readable.from(["a", "b"]) };
        const head = await send({ method: "HEAD", headers: signed("s3") });
        assert.deepEqual([head.headers["content-length"], head.body], ["7", ""]);
        const client = new S3Client(configuration());
        const object = await client.send(new GetObjectCommand({ Bucket: "b", Key: "k" }));
        assert.equal(await object.Body?.transformToString(), "ab");
        client.destroy();
    });

    it("ends idle connections at once when it closes, and lets a request finish", async () => {
        const idle = connect(server.port, "127.0.0.1");
        const ended = new Promise((resolve) => idle.on("close", resolve));
        await new Promise((resolve) => idle.on("connect", resolve));
        const session = connectHttp2(server.address);
        session.on("error", () => {});
        await new Promise((resolve) => session.on("connect", resolve));
        const sessionEnded = new Promise((resolve) => session.on("close", resolve));
        let finish: () => void = () => {};
        const arrived = new Promise<void>((resolve) => {
            answer = async () => {
                resolve();
                await new Promise<void>((done) => {
                    finish = done;
                });
                return { status: 200, headers: {}, body: "finished" };
            };
        });
        const response = send({ headers: signed("kinesis") });
        await arrived;
        const closed = server.close();
        finish();
        assert.equal((await response).body, "finished");
        await Promise.all([closed, ended, sessionEnded]);
    });

    it("says that a port is taken", async () => {
        const options = {
            context: {
                iam,
                store,
                services: () => ({}) as unknown as Services,
                report: () => {},
                faults: createFaults(),
            },
            rootAccessKeyId: "",
        };
        await assert.rejects(createServer({ ...options, port: server.port }), /is in use by another program/);
    });
});
