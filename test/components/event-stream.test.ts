import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { EventStream, RecordIndex, RejectRecord, type StreamCapacity, WorkQueue } from "../../components";
import { type Deployment, mockDeployment, resolved, urnOf } from "./deployment";

const Letter = z.object({ id: z.string(), text: z.string() });
const LETTERS = "arn:aws:kinesis:eu-central-1:123456789012:letters-stream";
const FAILURES = "arn:aws:s3:eu-central-1:123456789012:letters-failures";

/** The code of a function, as it would be uploaded. */
async function codeOf(archive: unknown): Promise<string> {
    return readFileSync(path.join(await (archive as pulumi.asset.FileArchive).path, "index.js"), "utf8");
}

describe("an event stream", () => {
    let deployment: Deployment;
    before(async () => {
        deployment = await mockDeployment();
    });
    beforeEach(() => deployment.clear());

    it("keeps its schema in the state, for the next deployment to compare", async () => {
        const stream = new EventStream("kept", { schema: Letter });
        await urnOf(stream);
        const { schema } = deployment.named("kept").inputs;
        assert.deepEqual(JSON.parse(String(schema)), stream.definition.schema);
        assert.throws(
            () => new EventStream("replaced", { schema: Letter, replacesSchemas: ["3f9c2a71b0de", "v1"] }),
            /EventStream "replaced": replacesSchemas has "v1"; it must be a digest of twelve hex digits/,
        );
    });

    it("is an encrypted Kinesis stream with a private, expiring bucket for failures", async () => {
        const stream = new EventStream("letters", { schema: Letter, shards: 2, retentionHours: 48 });
        assert.equal(await urnOf(stream), "urn:pulumi:dev::shop::sortline:index:EventStream::letters");
        assert.equal(await resolved(stream.streamName), "letters-stream");
        assert.equal(await resolved(stream.failureBucket), "letters-failures");
        await deployment.settled();
        assert.deepEqual(deployment.counts(), {
            "sortline:index:EventStream": 1,
            "aws:kinesis/stream:Stream": 1,
            "aws:s3/bucket:Bucket": 1,
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": 1,
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": 1,
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": 1,
        });
        assert.deepEqual(deployment.named("letters-stream").inputs, {
            shardCount: 2,
            streamModeDetails: { streamMode: "PROVISIONED" },
            retentionPeriod: 48,
            encryptionType: "KMS",
            kmsKeyId: "alias/aws/kinesis",
        });
        const kept = (prefix: string, days: number) => ({
            id: `expire-${prefix}`,
            status: "Enabled",
            filter: { prefix: `${prefix}/` },
            expiration: { days },
        });
        assert.deepEqual(deployment.named("letters-failures-lifecycle").inputs.rules, [
            { id: "expire", status: "Enabled", filter: {}, abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } },
            kept("rejected", 90),
            kept("aws", 90),
            // As long as a failure at the end of the retention may refer to them.
            kept("claims", 92),
        ]);
        const { bucket: _, ...access } = deployment.named("letters-failures-public-access").inputs;
        assert.deepEqual(Object.values(access), [true, true, true, true]);
        assert.match(
            await urnOf(stream.nodes.stream),
            /::sortline:index:EventStream\$aws:kinesis\/stream:Stream::letters-stream$/,
        );
    });

    it("tells all wrong arguments at once, each with its value and range", () => {
        assert.throws(
            () => new EventStream("Letters!", { schema: Letter, shards: 0, retentionHours: 23, keepFailuresDays: 1.5 }),
            (error: Error) => {
                assert.match(error.message, /^EventStream "Letters!": its name is "Letters!"; use 1 to 40 lower-case/);
                assert.match(error.message, /shards is 0; it must be a whole number from 1 to 500/);
                assert.match(error.message, /retentionHours is 23; it must be a whole number from 24 to 8760 hours/);
                assert.match(error.message, /keepFailuresDays is 1.5; it must be a whole number from 1 to 3650 days/);
                return true;
            },
        );
    });

    it("has shards, or the capacity that comes, and changes from one to the other in place", async () => {
        const capacityOf = async (name: string, capacity: StreamCapacity) => {
            new EventStream(name, { schema: Letter, ...capacity });
            await deployment.settled();
            const { shardCount, streamModeDetails } = deployment.named(`${name}-stream`).inputs;
            return [shardCount, (streamModeDetails as { streamMode: string }).streamMode];
        };
        assert.deepEqual(await capacityOf("one", {}), [1, "PROVISIONED"]);
        assert.deepEqual(await capacityOf("four", { capacity: "provisioned", shards: 4 }), [4, "PROVISIONED"]);
        assert.deepEqual(await capacityOf("any", { capacity: "on-demand" }), [undefined, "ON_DEMAND"]);
    });

    it("refuses shards where Kinesis chooses them, and capacities that there are not", () => {
        const stream = (capacity: object) => () => new EventStream("letters", { schema: Letter, ...capacity });
        assert.throws(
            stream({ capacity: "on-demand", shards: 2 }),
            /shards is 2 with capacity "on-demand"; leave it out/,
        );
        assert.throws(
            stream({ capacity: "serverless", shards: 501 }),
            /capacity is "serverless"; it must be "provisioned" or "on-demand"; shards is 501/,
        );
    });

    it("takes a child's arguments from a transform", async () => {
        new EventStream("letters", {
            schema: Letter,
            transform: { stream: { shardCount: 7 }, failures: (args) => ({ ...args, forceDestroy: true }) },
        });
        await deployment.settled();
        assert.equal(deployment.named("letters-stream").inputs.shardCount, 7);
        assert.equal(deployment.named("letters-failures").inputs.forceDestroy, true);
        const nothing = ((args: { shardCount: number }) => {
            args.shardCount = 7;
        }) as never;
        assert.throws(
            () => new EventStream("letters", { schema: Letter, transform: { stream: nothing } }),
            /The transform .*shardCount.* returned undefined; it must return the child's arguments/,
        );
    });

    describe("'s stage", () => {
        it("is a function, its role and log, and a mapping that loses nothing", async () => {
            const letters = new EventStream("letters", { schema: Letter });
            const answers = new EventStream("answers", { schema: Letter });
            await deployment.settled();
            deployment.clear();
            const options = { into: answers, batch: { size: 50, seconds: 2 }, memory: 256, timeout: 30, attempts: 0 };
            const stage = letters.stage("reply", options, async (letter) => {
                if (letter.text === "") throw new RejectRecord("It is empty.");
                return letter;
            });
            assert.equal(
                await urnOf(stage),
                "urn:pulumi:dev::shop::sortline:index:EventStream$sortline:index:LambdaStage::reply",
            );
            await deployment.settled();
            assert.deepEqual(deployment.counts(), {
                "sortline:index:LambdaStage": 1,
                "aws:cloudwatch/logGroup:LogGroup": 1,
                "aws:iam/role:Role": 1,
                "aws:iam/rolePolicy:RolePolicy": 1,
                "aws:lambda/function:Function": 1,
                "aws:lambda/eventSourceMapping:EventSourceMapping": 1,
            });
            const { code, ...inputs } = deployment.named("reply-function").inputs;
            assert.ok(code);
            assert.deepEqual(inputs, {
                description: "Stage reply of shop",
                runtime: "nodejs22.x",
                architectures: ["arm64"],
                handler: "index.handler",
                role: "arn:aws:iam:eu-central-1:123456789012:reply-role",
                memorySize: 256,
                timeout: 30,
                tracingConfig: { mode: "PassThrough" },
                environment: {
                    variables: {
                        SORTLINE_PIPELINE: "shop-dev",
                        SORTLINE_FAILURE_BUCKET: "letters-failures",
                        SORTLINE_INTO_STREAM: "answers-stream",
                        SORTLINE_INTO_BUCKET: "answers-failures",
                    },
                },
                loggingConfig: { logFormat: "JSON", logGroup: "reply-logs" },
            });
            assert.deepEqual(deployment.named("reply-mapping").inputs, {
                eventSourceArn: LETTERS,
                functionName: "arn:aws:lambda:eu-central-1:123456789012:reply-function",
                startingPosition: "TRIM_HORIZON",
                batchSize: 50,
                maximumBatchingWindowInSeconds: 2,
                parallelizationFactor: 1,
                functionResponseTypes: ["ReportBatchItemFailures"],
                bisectBatchOnFunctionError: true,
                maximumRetryAttempts: 0,
                maximumRecordAgeInSeconds: 23 * 3600,
                destinationConfig: { onFailure: { destinationArn: FAILURES } },
            });
        });

        it("may do what its handler uses and no more", async () => {
            const letters = new EventStream("letters", { schema: Letter });
            const index = new RecordIndex("index");
            const queue = new WorkQueue("work");
            const unused = new WorkQueue("unused");
            assert.ok(unused);
            letters.stage("file", {}, async (letter) => {
                await queue.send(letter);
                await index.put(letter);
            });
            await deployment.settled();
            assert.deepEqual(
                deployment.statements("file-policy").map(({ Action, Resource }) => [Action, Resource]),
                [
                    [
                        ["logs:CreateLogStream", "logs:PutLogEvents"],
                        ["arn:aws:cloudwatch:eu-central-1:123456789012:file-logs:*"],
                    ],
                    [
                        [
                            "kinesis:DescribeStream",
                            "kinesis:DescribeStreamSummary",
                            "kinesis:GetRecords",
                            "kinesis:GetShardIterator",
                            "kinesis:ListShards",
                        ],
                        [LETTERS],
                    ],
                    [["s3:GetObject"], [`${FAILURES}/claims/*`]],
                    [["s3:PutObject"], [`${FAILURES}/*`]],
                    [["s3:ListBucket"], [FAILURES]],
                    [["sqs:SendMessage"], ["arn:aws:sqs:eu-central-1:123456789012:work-queue"]],
                    [["dynamodb:PutItem"], ["arn:aws:dynamodb:eu-central-1:123456789012:index-table"]],
                ],
            );
        });

        it("may write data that are too big for a record to the next stream's bucket, and nothing else there", async () => {
            const letters = new EventStream("letters", { schema: Letter });
            const answers = new EventStream("answers", { schema: Letter });
            letters.stage("reply", { into: answers }, async (letter) => letter);
            await deployment.settled();
            const there = deployment
                .statements("reply-policy")
                .filter(({ Resource }) => Resource.some((arn) => arn.includes(":answers-")))
                .map(({ Action, Resource }) => [Action, Resource]);
            assert.deepEqual(there, [
                [["kinesis:PutRecords"], ["arn:aws:kinesis:eu-central-1:123456789012:answers-stream"]],
                [["s3:PutObject"], ["arn:aws:s3:eu-central-1:123456789012:answers-failures/claims/*"]],
            ]);
        });

        it("runs on the runtime and processor that it names, with bundling options, or from a file", async () => {
            const letters = new EventStream("letters", { schema: Letter });
            const entry = path.join(__dirname, "inline", "fixtures", "bundling", "handler.ts");
            letters.stage("file", { runtime: "nodejs24.x", architecture: "x86_64" }, { entry });
            letters.batchStage("readable", { bundle: { minify: false } }, async (batch) => batch.map(() => undefined));
            await deployment.settled();
            const { runtime, architectures, code } = deployment.named("file-function").inputs;
            assert.deepEqual([runtime, architectures], ["nodejs24.x", ["x86_64"]]);
            assert.match(await codeOf(code), /=>3/);
            assert.match(
                await codeOf(deployment.named("readable-function").inputs.code),
                /batch\.map\(\(\) => void 0\)/,
            );
        });
    });
});

describe("a run-time method", () => {
    before(() => mockDeployment());

    it("says where it works when it is called while deploying", () => {
        const queue = new WorkQueue("work");
        assert.throws(() => queue.send({ id: "a" }), /WorkQueue "work": send\(\) was called while deploying/);
    });
});
