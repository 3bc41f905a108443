import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { status } from "@grpc/grpc-js";
import {
    CheckRequest,
    type CheckResponse,
    ConstructRequest,
    GetSchemaRequest,
    ListRequest,
    ProviderHandshakeRequest,
} from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { root } from "../../../local/aws/service";
import { fromStruct, toStruct } from "../../../local/pulumi/requests";
import {
    holdsUnknown,
    mapProperties,
    type Properties,
    plain,
    shown,
    signed,
    unknownText,
} from "../../../local/pulumi/values";
import { startTwinUnderTest, type TwinUnderTest } from "../twin-under-test";
import { programs, startEngine } from "./engine";
import { type EngineStandIn, engineStandIn } from "./engine-stand-in";
import { openPort, providerClient } from "./provider-client";

const reference = resolve(__dirname, "../../..");
const program = (name: string) => join(programs, name);
const urn = (type: string, name: string) => `urn:pulumi:dev::project::${type}::${name}`;
const stream = urn("aws:kinesis/stream:Stream", "stream");

describe("the twin as the provider of the real Pulumi command", () => {
    let twin: TwinUnderTest;
    let engine: EngineStandIn;
    beforeEach(async () => {
        twin = await startTwinUnderTest();
        engine = engineStandIn(twin.twin);
    });
    afterEach(() => twin.close());
    const services = () => twin.twin.services;
    const streamNames = async () => (await services().kinesis.operations.ListStreams({}, root)).StreamNames;

    it("previews the reference program, deploys it, and finds nothing to change afterwards", async () => {
        await engine.preview(reference);
        const previewed = [...engine.steps].sort();
        assert.equal(engine.state.size, 0);
        assert.deepEqual(await streamNames(), []);
        await engine.up(reference);
        assert.deepEqual([...engine.steps].sort(), previewed);
        assert.deepEqual(await engine.refresh(), []);
        await engine.preview(reference);
        assert.deepEqual(engine.steps, []);
        await engine.up(reference);
        assert.deepEqual(engine.steps, []);
    });

    it("gives the outputs that the embedded engine gives, for every resource type", async () => {
        await engine.up(program("services"));
        const embedded = await startEngine(undefined, twin.twin.file.address);
        try {
            await embedded.deploy("services");
            for (const { type, name, outputs, custom } of embedded.export().resources) {
                if (!custom || type.startsWith("pulumi:")) continue;
                const own = [...engine.state.values()].find((each) => each.type === type && each.name === name);
                assert.deepEqual(comparable(own?.outputs ?? {}), comparable(outputs), `${type} ${name}`);
            }
        } finally {
            await embedded.close();
        }
    });

    it("updates what can be updated as it was previewed, finds it so, and deletes all", async () => {
        await engine.up(program("services"));
        assert.deepEqual(await engine.refresh(), []);
        await engine.preview(program("services"), { "services:changed": "true" });
        const previewed = [...engine.steps].sort();
        await engine.up(program("services"), { "services:changed": "true" });
        assert.deepEqual(
            engine.steps.filter((step) => !step.startsWith("delete")).sort(),
            previewed.filter((step) => !step.startsWith("delete")),
        );
        assert.deepEqual(
            engine.steps.filter((step) => !step.startsWith("update")),
            ["replace model", "replace configuration", "delete configuration", "delete model"],
        );
        assert.deepEqual(await engine.refresh(), []);
        await engine.up(program("services"), { "services:changed": "true" });
        assert.deepEqual(engine.steps, []);
        await engine.destroy();
        assert.deepEqual(await streamNames(), []);
        assert.deepEqual((await services().s3.operations.ListBuckets({}, root)).Buckets ?? [], []);
    });

    it("keeps chosen names, whatever the seed, and gives a replacement another one", async () => {
        const config = { "replaced:named": "false" };
        const { queueUrl } = await engine.up(program("replaced"), config);
        await engine.up(program("replaced"), config);
        assert.deepEqual(engine.steps, []);
        const second = await engine.up(program("replaced"), { ...config, "replaced:fifo": "true" });
        assert.deepEqual(engine.steps, ["replace work", "update work-policy", "delete work"]);
        assert.notEqual(second.queueUrl, queueUrl);
    });

    it("asks for the old one to go first where the new one has its name", async () => {
        await engine.up(program("replaced"));
        const [role] = [...engine.state.values()].filter(({ name }) => name === "worker");
        assert.ok(role);
        const changed = (inputs: Properties) =>
            engine.ask((provider) => provider.diff(role.urn, role.id, role, { ...role.inputs, ...inputs }));
        assert.deepEqual(await changed({ path: "/teams/" }), {
            changed: true,
            changes: ["path"],
            replaces: ["path"],
            deleteBeforeReplace: true,
        });
        assert.equal((await changed({ path: "/teams/", name: "other" })).deleteBeforeReplace, false);
        assert.equal((await changed({})).changed, false);
    });

    it("finds what was changed or deleted by others", async () => {
        const { streamName, queueUrl } = await engine.up(program("streams"), { "streams:hours": "24" });
        const StreamName = String(streamName);
        await services().kinesis.operations.IncreaseStreamRetentionPeriod(
            { StreamName, RetentionPeriodHours: 48 },
            root,
        );
        await services().sqs.operations.DeleteQueue({ QueueUrl: String(queueUrl) }, root);
        assert.deepEqual((await engine.refresh()).sort(), ["delete failures", "update input"]);
        await engine.up(program("streams"), { "streams:hours": "24" });
        assert.deepEqual([...engine.steps].sort(), ["create failures", "update input"]);
        assert.deepEqual(await engine.refresh(), []);
    });

    it("gives what it finds of a resource as the arguments that would make it, for an import", async () => {
        await services().kinesis.operations.CreateStream({ StreamName: "mine", ShardCount: 2 }, root);
        const id = "arn:aws:kinesis:eu-central-1:000000000000:stream/mine";
        const found = await engine.ask((provider) => provider.read(stream, id));
        assert.deepEqual(found?.inputs, { name: "mine", shardCount: 2 });
        assert.equal(found?.outputs.arn, id);
        assert.equal(await engine.ask((provider) => provider.read(stream, `${id}-not`)), undefined);
    });

    it("finds what a bucket tells others than functions, for an import", async () => {
        const { s3, sqs, sns } = services();
        await s3.operations.CreateBucket({ Bucket: "raw" }, root);
        const { QueueUrl } = await sqs.operations.CreateQueue({ QueueName: "mail" }, root);
        const QueueArn = "arn:aws:sqs:eu-central-1:000000000000:mail";
        await sqs.operations.SetQueueAttributes(
            { QueueUrl, Attributes: { Policy: open(QueueArn, "sqs:SendMessage") } },
            root,
        );
        const { TopicArn = "" } = await sns.operations.CreateTopic({ Name: "mail" }, root);
        await sns.operations.SetTopicAttributes(
            { TopicArn, AttributeName: "Policy", AttributeValue: open(TopicArn, "sns:Publish") },
            root,
        );
        const notification = urn("aws:s3/bucketNotification:BucketNotification", "raw");
        const inputs = async (NotificationConfiguration: object) => {
            await s3.operations.PutBucketNotificationConfiguration({ Bucket: "raw", NotificationConfiguration }, root);
            return (await engine.ask((provider) => provider.read(notification, "raw")))?.inputs;
        };
        const Events = ["s3:ObjectCreated:*"];
        const told = { id: "told", events: Events };
        assert.deepEqual(await inputs({ QueueConfigurations: [{ Id: "told", Events, QueueArn }] }), {
            bucket: "raw",
            queues: [{ ...told, queueArn: QueueArn }],
        });
        assert.deepEqual(await inputs({ TopicConfigurations: [{ Id: "told", Events, TopicArn }] }), {
            bucket: "raw",
            topics: [{ ...told, topicArn: TopicArn }],
        });
        assert.deepEqual(await inputs({ EventBridgeConfiguration: {} }), { bucket: "raw", eventbridge: true });
        assert.equal(await inputs({}), undefined);
    });

    it("checks what is known, passes on what is not, and knows before an update what that leaves alone", async () => {
        await engine.ask(async (provider) => {
            const inputs = await provider.check(stream, { shardCount: unknownText, tags: { a: unknownText } }, {});
            assert.equal(inputs.shardCount, unknownText);
            await assert.rejects(
                provider.check(stream, { shardCount: unknownText, tags: 1 }, {}),
                /tags: must be a map/,
            );
            const { id, outputs } = await provider.create(stream, inputs, true);
            assert.equal(id, "");
            assert.deepEqual([outputs.name, outputs.shardCount, outputs.arn], [inputs.name, unknownText, undefined]);
        });
        await engine.up(program("services"));
        const [handler] = [...engine.state.values()].filter(({ name }) => name === "handler");
        assert.ok(handler);
        const news = { ...handler.inputs, timeout: unknownText };
        const outputs = await engine.ask((provider) => provider.update(handler.urn, handler.id, handler, news, true));
        assert.deepEqual([outputs.arn, outputs.timeout], [handler.outputs.arn, unknownText]);
        assert.equal(outputs.lastModified, undefined);
    });

    it("chooses a name by the seed that it is given, as a plan expects", async () => {
        const named = (seed: string) =>
            engine.ask(async (provider) => {
                const request = new CheckRequest();
                request.setUrn(stream);
                request.setNews(toStruct({ shardCount: 1 }));
                request.setRandomseed(Buffer.from(seed));
                return fromStruct((await provider.call<CheckResponse>("check", request)).getInputs()).name;
            });
        assert.equal(await named("a"), await named("a"));
        assert.notEqual(await named("a"), await named("b"));
    });

    it("tells all that is wrong with arguments at once, and by property", async () => {
        const remote = signed("asset", { uri: "https://example.com/x" });
        const object = urn("aws:s3/bucketObjectv2:BucketObjectv2", "object");
        const failures = (about: string, news: Properties) =>
            engine.ask((provider) =>
                provider.check(about, news, {}).then(
                    () => "",
                    (error: Error) => error.message,
                ),
            );
        const found = await failures(stream, { shardCount: "many", tags: { a: [] }, color: 1 });
        assert.match(found, /^color: is not supported on this machine/m);
        assert.match(found, /^shardCount: must be a number/m);
        assert.match(found, /^: tags\.a must be text, not a list$/m);
        assert.match(
            await failures(object, { bucket: "b", source: remote }),
            /^source: cannot be used: .*not supported/m,
        );
        assert.match(await failures(urn("aws:ec2/vpc:Vpc", "v"), {}), /ec2\/vpc:Vpc is not supported/);
    });

    it("fails with AWS's words, and says by the code that nothing was made", async () => {
        const bucket = urn("aws:s3/bucket:Bucket", "bucket");
        await services().s3.operations.CreateBucket({ Bucket: "taken" }, root);
        const attempt = engine.ask((provider) => provider.create(bucket, { bucket: "taken" }));
        await assert.rejects(attempt, { code: status.FAILED_PRECONDITION, details: /^BucketAlreadyOwnedByYou: / });
        const invoke = (token: string) => engine.ask((provider) => provider.invoke(token, { color: 1 }));
        await assert.rejects(invoke("aws:ec2/getAmi:getAmi"), /getAmi is not supported on this machine/);
        await assert.rejects(invoke("aws:index/getRegion:getRegion"), /color is not supported/);
    });

    it("marks as secret what is so by its type", async () => {
        const parameter = urn("aws:ssm/parameter:Parameter", "key");
        await engine.ask(async (provider) => {
            const { outputs } = await provider.create(parameter, { name: "key", type: "SecureString", value: "word" });
            assert.equal(holdsSecretly(outputs.value ?? null), "word");
            const found = await provider.read(parameter, "key", { inputs: { name: "key" }, outputs });
            assert.equal(holdsSecretly(found?.outputs.value ?? null), "word");
        });
    });

    it("follows the twin to another port", async () => {
        const { queueUrl } = await engine.up(program("streams"));
        const earlier = [...engine.state];
        twin = await twin.restart();
        const second = engineStandIn(twin.twin);
        for (const [key, resource] of earlier) second.state.set(key, resource);
        assert.deepEqual(await second.refresh(), []);
        const outputs = await second.up(program("streams"));
        assert.deepEqual(second.steps, []);
        assert.notEqual(outputs.queueUrl, queueUrl);
    });

    it("says what has no effect here through the engine", async () => {
        await engine.up(program("services"));
        assert.ok(engine.told.some((line) => /kms\/key:Key is only recorded here/.test(line)));
    });

    it("refuses a stack with the name of the twin's own, which would choose the same names", async () => {
        const failures = (stack: string) =>
            engine.ask(async (provider) => {
                const request = new CheckRequest();
                request.setUrn(`urn:pulumi:${stack}::streams::pulumi:providers:aws::default`);
                request.setNews(toStruct({}));
                const response = await provider.call<CheckResponse>("checkConfig", request);
                return response.getFailuresList().map((failure) => failure.getReason());
            });
        assert.deepEqual(await failures("local"), []);
        await twin.twin.stack.up(() => {});
        const [refusal = ""] = await failures("local");
        assert.match(refusal, /the twin has deployed its own stack local of that project.*pulumi stack init NAME/);
        assert.equal((await failures("LOCAL")).length, 1);
        assert.deepEqual(await failures("second"), []);
    });

    it("names what it does not do", async () => {
        await engine.ask(async (provider) => {
            const requests = { getSchema: new GetSchemaRequest(), construct: new ConstructRequest() };
            for (const [method, request] of Object.entries(requests)) {
                const refusal = { code: status.UNIMPLEMENTED, details: new RegExp(`does not support ${method}`) };
                await assert.rejects(provider.call(method, request), refusal);
            }
            const [refusal] = await once(provider.list(new ListRequest()).resume(), "error");
            assert.deepEqual(
                [refusal.code, /does not support list/.test(refusal.details)],
                [status.UNIMPLEMENTED, true],
            );
        });
    });
});

describe("the port of an operation of the real Pulumi command", () => {
    const operation = { engine: "127.0.0.1:9", folder: "/" };
    let twin: TwinUnderTest;
    beforeEach(async () => {
        twin = await startTwinUnderTest();
    });
    afterEach(() => twin.close());

    it("is opened only for who has the twin's token, and an engine on this machine", async () => {
        const ask = (content: string, token = twin.twin.file.token) =>
            fetch(`${twin.twin.file.address}/_sortline/provider`, {
                method: "POST",
                headers: { authorization: `Bearer ${token}` },
                body: content,
            });
        assert.equal((await ask(JSON.stringify(operation), "TWIN")).status, 403);
        for (const content of [
            "",
            "{}",
            '{"engine":"example.com:1","folder":"/"}',
            '{"engine":"127.0.0.1:1","folder":"x"}',
        ]) {
            assert.equal((await ask(content)).status, 400, content);
        }
    });

    it("answers nothing before a handshake in the engine's name", async () => {
        const { port, end } = await openPort(twin.twin, operation);
        const provider = providerClient(port, operation.engine);
        const denied = { code: status.PERMISSION_DENIED };
        await assert.rejects(provider.invoke("aws:index/getRegion:getRegion", {}), denied);
        const handshake = new ProviderHandshakeRequest();
        handshake.setEngineAddress("127.0.0.1:10");
        await assert.rejects(provider.call("handshake", handshake), denied);
        await assert.rejects(provider.call("getPluginInfo", new Empty()), denied);
        await provider.begin();
        assert.equal((await provider.invoke("aws:index/getRegion:getRegion", {})).region, "eu-central-1");
        await provider.end();
        end();
    });

    it("takes one connection at a time", async () => {
        const { port, end } = await openPort(twin.twin, operation);
        const provider = providerClient(port, operation.engine);
        await provider.begin();
        await closed(port);
        await provider.end();
        end();
    });

    it("closes with the plugin that asked for it", async () => {
        const { port, end } = await openPort(twin.twin, operation);
        const provider = providerClient(port, operation.engine);
        await provider.begin();
        end();
        await closed(port);
        await assert.rejects(provider.call("getPluginInfo", new Empty()));
    });

    it("closes when the engine is gone, and with the twin", async () => {
        // Nobody listens on the engine's port: once it lets go, it is gone.
        const first = await openPort(twin.twin, operation);
        const provider = providerClient(first.port, operation.engine);
        await provider.begin();
        await provider.end();
        await first.ended;
        const second = await openPort(twin.twin, operation);
        await twin.twin.close();
        await second.ended;
    });
});

/** Resolves when the port does not take, or does not keep, a connection. */
function closed(port: number): Promise<void> {
    return new Promise((done) => {
        const socket = connect(port, "127.0.0.1");
        socket.on("error", () => {});
        socket.on("close", () => done());
    });
}

/** Outputs without what differs from one twin to the next: random parts of names, times, ports, folders. */
function comparable(outputs: Properties): unknown {
    const text = JSON.stringify(mapProperties(outputs, shown), (name, value) =>
        ["hash", "lastModified", "createDate", "versionId"].includes(name) ? undefined : value,
    );
    return JSON.parse(
        text
            .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UUID")
            .replace(/-[0-9a-f]{7}\b/g, "-RANDOM")
            .replace(/"uniqueId":"\w+"/g, '"uniqueId":"ID"')
            .replace(/:\d{4,5}\//g, ":PORT/"),
    );
}

function holdsSecretly(value: Parameters<typeof plain>[0]): unknown {
    assert.ok(!holdsUnknown(value));
    assert.notEqual(typeof value, "string");
    return plain(value);
}

/** A policy by which buckets may do something to a resource. */
function open(Resource: string, Action: string): string {
    const Principal = { Service: "s3.amazonaws.com" };
    return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal, Action, Resource }] });
}
