import assert from "node:assert/strict";
import {
    DeleteRuleCommand,
    DisableRuleCommand,
    EventBridgeClient,
    ListRulesCommand,
    ListTargetsByRuleCommand,
    PutEventsCommand,
    PutRuleCommand,
    PutTargetsCommand,
    RemoveTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { createEvents, type Events } from "../../../local/aws/events";
import { eventPattern } from "../../../local/aws/events/pattern";
import { AwsError } from "../../../local/aws/service";
import { type ServiceUnderTest, startService } from "./service-under-test";

const Arn = "arn:aws:lambda:eu-central-1:000000000000:function:judge";
const pattern = JSON.stringify({ source: ["aws.sagemaker"], detail: { TrainingJobStatus: ["Completed"] } });
const completed = {
    source: "aws.sagemaker",
    detailType: "SageMaker Training Job State Change",
    detail: { TrainingJobName: "job-1", TrainingJobStatus: "Completed" },
    resources: ["arn:aws:sagemaker:eu-central-1:000000000000:training-job/job-1"],
};

describe("EventBridge of the twin", () => {
    let twin: ServiceUnderTest<Events>;
    let client: EventBridgeClient;
    let invocations: { functionArn: string; event: Record<string, unknown>; source: unknown }[];
    let refusal: Error | undefined;

    beforeEach(async () => {
        invocations = [];
        refusal = undefined;
        // Lambda's queue, which is tested with Lambda; here it is what was handed to it.
        const lambda = {
            enqueue(functionArn: string, payload: string, source: unknown) {
                if (refusal !== undefined) throw refusal;
                invocations.push({ functionArn, event: JSON.parse(payload), source });
                return true;
            },
        };
        twin = await startService(createEvents, { services: { lambda } });
        client = new EventBridgeClient(twin.client);
        await client.send(new PutRuleCommand({ Name: "judge", EventPattern: pattern }));
        await client.send(new PutTargetsCommand({ Rule: "judge", Targets: [{ Id: "lambda", Arn }] }));
    });

    afterEach(async () => {
        client.destroy();
        await twin.stop();
    });

    it("hands an event that matches to the function, as EventBridge writes it, also after a restart", async () => {
        client.destroy();
        twin = await twin.restart();
        client = new EventBridgeClient(twin.client);
        const id = twin.service.emit(completed);
        twin.service.emit({ ...completed, detail: { TrainingJobStatus: "InProgress" } });
        assert.equal(invocations.length, 1);
        const { functionArn, event, source } = invocations[0] ?? {};
        assert.equal(functionArn, Arn);
        assert.deepEqual(source, {
            service: "events.amazonaws.com",
            sourceArn: "arn:aws:events:eu-central-1:000000000000:rule/judge",
        });
        assert.match(String(event?.time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
        assert.deepEqual(
            { ...event, time: undefined },
            {
                version: "0",
                id,
                "detail-type": completed.detailType,
                source: "aws.sagemaker",
                account: "000000000000",
                time: undefined,
                region: "eu-central-1",
                resources: completed.resources,
                detail: completed.detail,
            },
        );
    });

    it("delivers with the transaction that emits, or not at all", () => {
        assert.throws(() =>
            twin.store.transaction(() => {
                twin.store.database.exec("CREATE TABLE jobs (name TEXT) STRICT");
                refusal = new AwsError("ResourceNotFoundException", "Function not found: judge");
                twin.service.emit(completed);
                // A function that is gone does not undo what it would have been told of.
                assert.equal(twin.store.database.prepare("SELECT count(*) AS n FROM jobs").get()?.n, 0);
                throw new Error("the job's own failure");
            }),
        );
        assert.match(String(twin.reports[0]?.message), /rule\/judge could not deliver .*Function not found: judge/);
    });

    it("gives a target its constant input, or the part that its path names", async () => {
        await client.send(
            new PutTargetsCommand({
                Rule: "judge",
                Targets: [
                    { Id: "constant", Arn, Input: '{"kind":"constant"}' },
                    { Id: "lambda", Arn, InputPath: "$.detail" },
                ],
            }),
        );
        twin.service.emit(completed);
        assert.deepEqual(
            invocations.map(({ event }) => event),
            [{ kind: "constant" }, completed.detail],
        );
    });

    it("delivers nothing for a rule that is disabled, or whose targets were removed", async () => {
        await client.send(new DisableRuleCommand({ Name: "judge" }));
        twin.service.emit(completed);
        await client.send(new PutRuleCommand({ Name: "judge", EventPattern: pattern }));
        twin.service.emit(completed);
        assert.equal(invocations.length, 1);
        await assert.rejects(client.send(new DeleteRuleCommand({ Name: "judge" })), /has targets/);
        await client.send(new RemoveTargetsCommand({ Rule: "judge", Ids: ["lambda"] }));
        twin.service.emit(completed);
        assert.equal(invocations.length, 1);
        await client.send(new DeleteRuleCommand({ Name: "judge" }));
        assert.deepEqual((await client.send(new ListRulesCommand())).Rules, []);
    });

    it("loses no target of calls at the same time", async () => {
        await Promise.all(
            ["a", "b", "c"].map((Id) => client.send(new PutTargetsCommand({ Rule: "judge", Targets: [{ Id, Arn }] }))),
        );
        const { Targets } = await client.send(new ListTargetsByRuleCommand({ Rule: "judge" }));
        assert.deepEqual(
            Targets?.map(({ Id }) => Id),
            ["a", "b", "c", "lambda"],
        );
    });

    it("takes a program's own events, and says which entries it refuses", async () => {
        await client.send(new PutRuleCommand({ Name: "own", EventPattern: '{"source":["labels"]}' }));
        await client.send(new PutTargetsCommand({ Rule: "own", Targets: [{ Id: "1", Arn }] }));
        const { Entries, FailedEntryCount } = await client.send(
            new PutEventsCommand({
                Entries: [
                    {
                        Source: "labels",
                        DetailType: "enough",
                        Detail: '{"count":100}',
                        Time: new Date(1_700_000_000_000),
                    },
                    { Source: "aws.sagemaker", DetailType: "x", Detail: "{}" },
                    { Source: "labels", DetailType: "x", Detail: "secret" },
                ],
            }),
        );
        assert.equal(FailedEntryCount, 2);
        assert.deepEqual(
            Entries?.map(({ ErrorCode }) => ErrorCode),
            [undefined, "NotAuthorizedForSourceException", "MalformedDetail"],
        );
        assert.equal(invocations.length, 1);
        assert.equal(invocations[0]?.event.time, "2023-11-14T22:13:20Z");
    });

    it("names what it does not implement", async () => {
        const refused = { name: "NotImplemented" };
        const target = (more: object) =>
            client.send(new PutTargetsCommand({ Rule: "judge", Targets: [{ Id: "1", Arn, ...more }] }));
        await assert.rejects(target({ Arn: "arn:aws:states:eu-central-1:000000000000:stateMachine:m" }), refused);
        await assert.rejects(target({ EcsParameters: { TaskDefinitionArn: "arn:t" } }), { message: /EcsParameters/ });
        await assert.rejects(target({ InputPath: "$.detail.*" }), { message: /the path/ });
    });

    it("lets a role put events only with a grant", async () => {
        const command = new PutEventsCommand({ Entries: [{ Source: "labels", DetailType: "x", Detail: "{}" }] });
        const stranger = new EventBridgeClient(await twin.clientOf("stranger"));
        await assert.rejects(stranger.send(command), { name: "AccessDeniedException" });
        stranger.destroy();
        const grant = {
            Effect: "Allow",
            Action: "events:PutEvents",
            Resource: "arn:aws:events:eu-central-1:000000000000:event-bus/default",
        };
        const sender = new EventBridgeClient(await twin.clientOf("sender", grant));
        assert.equal((await sender.send(command)).FailedEntryCount, 0);
        sender.destroy();
    });
});

describe("an event pattern", () => {
    const event = {
        source: "mail",
        detail: {
            state: "Done",
            count: 5,
            tags: ["a", "b"],
            flag: true,
            none: null,
            address: "10.0.0.7",
            path: "a*bc",
        },
    };
    const cases: [object, boolean][] = [
        [{ source: ["mail", "other"] }, true],
        [{ source: ["Mail"] }, false],
        [{ detail: { flag: [true], none: [null] } }, true],
        [{ detail: { flag: ["true"] } }, false],
        [{ detail: { tags: ["b"] } }, true],
        [{ detail: { tags: ["c"] } }, false],
        [{ detail: { state: [{ prefix: "Do" }] } }, true],
        [{ detail: { state: [{ prefix: "do" }] } }, false],
        [{ detail: { state: [{ suffix: "ne" }] } }, true],
        [{ detail: { state: [{ "equals-ignore-case": "DONE" }] } }, true],
        [{ detail: { state: [{ wildcard: "D*e" }] } }, true],
        [{ detail: { state: [{ wildcard: "D.ne" }] } }, false],
        [{ detail: { state: [{ "anything-but": ["Failed", "Stopped"] }] } }, true],
        [{ detail: { state: [{ "anything-but": "Done" }] } }, false],
        [{ detail: { state: [{ "anything-but": { prefix: "Do" } }] } }, false],
        [{ detail: { missing: [{ "anything-but": "x" }] } }, false],
        [{ detail: { state: [{ "anything-but": { prefix: ["Fa", "St"] } }] } }, true],
        [{ detail: { state: [{ "anything-but": { suffix: ["x", "ne"] } }] } }, false],
        [{ detail: { state: [{ "anything-but": { wildcard: "D*e" } }] } }, false],
        [{ detail: { state: [{ "anything-but": { "equals-ignore-case": ["done", "failed"] } }] } }, false],
        [{ detail: { state: [{ prefix: { "equals-ignore-case": "DO" } }] } }, true],
        [{ detail: { address: [{ cidr: "10.0.0.0/24" }] } }, true],
        [{ detail: { address: [{ cidr: "10.0.1.0/24" }] } }, false],
        [{ detail: { state: [{ cidr: "10.0.0.0/24" }] } }, false],
        [{ detail: { path: [{ wildcard: "a\\*b*" }] } }, true],
        [{ detail: { path: [{ wildcard: "a*b*c" }] } }, true],
        [{ detail: { path: [{ wildcard: "a*bc*c" }] } }, false],
        [{ detail: { path: [{ wildcard: "*" }] } }, true],
        [{ detail: { state: [{ wildcard: "Do*one" }] } }, false],
        [{ detail: { missing: [{ exists: false }] } }, true],
        [{ detail: { state: [{ exists: false }] } }, false],
        [{ nothing: { at: { all: [{ exists: false }] } } }, true],
        [{ detail: { state: [{ exists: true }] } }, true],
        [{ detail: { count: [{ numeric: [">", 0, "<=", 5] }] } }, true],
        [{ detail: { count: [{ numeric: ["<", 5] }] } }, false],
        [{ detail: { state: [{ numeric: ["<", 5] }] } }, false],
        [{ $or: [{ source: ["x"] }, { detail: { count: [5] } }] }, true],
        [{ source: ["mail"], $or: [{ source: ["x"] }, { detail: { count: [6] } }] }, false],
    ];
    for (const [pattern, expected] of cases) {
        it(`${expected ? "matches" : "does not match"} ${JSON.stringify(pattern)}`, () => {
            assert.equal(eventPattern(JSON.stringify(pattern))(event), expected);
        });
    }

    it("is refused with the place where it is wrong", () => {
        for (const [pattern, message] of [
            ["{", /not JSON/],
            ["{}", /it is empty/],
            ['{"detail":{"a":"x"}}', /detail\.a must be an object or a non-empty array/],
            ['{"a":[]}', /a is an empty array/],
            ['{"a":[{"cidr":"10.0.0.0"}]}', /a needs an address and a length for cidr/],
            ['{"a":[{"like":"x"}]}', /a has the unrecognized match type like/],
            ['{"a":[{"wildcard":"x**"}]}', /a has two \* in a row/],
            ['{"a":[{"anything-but":[]}]}', /a has an empty list for anything-but/],
            ['{"a":[{"numeric":["~",1]}]}', /a needs =/],
        ] as const) {
            assert.throws(() => eventPattern(pattern), { code: "InvalidEventPatternException", message });
        }
    });

    it("with many wildcards is decided at once", () => {
        const pattern = JSON.stringify({ detail: { text: [{ wildcard: `${"*a".repeat(500)}*b` }] } });
        assert.equal(eventPattern(pattern)({ detail: { text: "a".repeat(100_000) } }), false);
    });
});
