import assert from "node:assert/strict";
import {
    CopyObjectCommand,
    CreateBucketCommand,
    DeleteObjectCommand,
    GetBucketNotificationConfigurationCommand,
    PutBucketNotificationConfigurationCommand,
    PutObjectCommand,
    S3Client,
} from "@aws-sdk/client-s3";
import { createS3, type S3 } from "../../../local/aws/s3";
import { AwsError } from "../../../local/aws/service";
import { type ServiceUnderTest, startService } from "./service-under-test";

const functionArn = "arn:aws:lambda:eu-central-1:000000000000:function:accept";

interface Invocation {
    readonly functionArn: string;
    readonly payload: string;
    readonly source: { readonly service: string; readonly sourceArn: string };
}

/** The part of Lambda that S3 meets: it writes invocations into the same store. */
function lambdaOf(twin: () => ServiceUnderTest<S3>) {
    const table = () =>
        twin().store.database.exec("CREATE TABLE IF NOT EXISTS invocations (invocation TEXT NOT NULL) STRICT");
    return {
        refuses: false,
        operations: {
            async GetPolicy({ FunctionName }: { FunctionName: string }) {
                if (FunctionName !== functionArn) throw new AwsError("ResourceNotFoundException", "no policy", 404);
                return {
                    Policy: JSON.stringify({
                        Version: "2012-10-17",
                        Statement: [
                            {
                                Effect: "Allow",
                                Principal: { Service: "s3.amazonaws.com" },
                                Action: "lambda:InvokeFunction",
                                Resource: functionArn,
                                Condition: { ArnLike: { "AWS:SourceArn": "arn:aws:s3:::mail" } },
                            },
                        ],
                    }),
                };
            },
        },
        enqueue(...[arn, payload, source]: [string, string, Invocation["source"]]) {
            if (this.refuses) throw new AwsError("AccessDeniedException", "not permitted");
            table();
            const invocation: Invocation = { functionArn: arn, payload, source };
            twin().store.database.prepare("INSERT INTO invocations VALUES (?)").run(JSON.stringify(invocation));
        },
        invocations(): Invocation[] {
            table();
            const rows = twin().store.database.prepare("SELECT invocation FROM invocations ORDER BY rowid").all();
            return rows.map((row) => JSON.parse(String(row.invocation)) as Invocation);
        },
    };
}

describe("Notifications of the twin's S3", () => {
    let twin: ServiceUnderTest<S3>;
    let s3: S3Client;
    const lambda = lambdaOf(() => twin);
    const Bucket = "mail";

    beforeEach(async () => {
        lambda.refuses = false;
        twin = await startService(createS3, { services: { lambda } });
        s3 = new S3Client(twin.client);
        await s3.send(new CreateBucketCommand({ Bucket }));
    });

    afterEach(async () => {
        s3.destroy();
        await twin.stop();
    });

    const configure = (Events: string[], rules: object[] = [], LambdaFunctionArn = functionArn) =>
        s3.send(
            new PutBucketNotificationConfigurationCommand({
                Bucket,
                NotificationConfiguration: {
                    LambdaFunctionConfigurations: [
                        {
                            Id: "accept",
                            LambdaFunctionArn,
                            Events: Events as never,
                            Filter: { Key: { FilterRules: rules } },
                        },
                    ],
                },
            }),
        );
    const put = (Key: string, more = {}) => s3.send(new PutObjectCommand({ Bucket, Key, Body: "text", ...more }));

    it("calls the function with AWS's event for what is put under the prefix and suffix", async () => {
        await configure(
            ["s3:ObjectCreated:*"],
            [
                { Name: "prefix", Value: "in/" },
                { Name: "suffix", Value: ".eml" },
            ],
        );
        await put("out/a.eml");
        await put("in/a.txt");
        assert.deepEqual(lambda.invocations(), []);
        await put("in/Grüße & 1+1 (a).eml");
        const [invocation, ...others] = lambda.invocations();
        assert.equal(others.length, 0);
        assert.equal(invocation?.functionArn, functionArn);
        assert.deepEqual(invocation?.source, { service: "s3.amazonaws.com", sourceArn: "arn:aws:s3:::mail" });
        const [record] = JSON.parse(invocation?.payload ?? "").Records;
        assert.equal(record.eventVersion, "2.1");
        assert.equal(record.eventSource, "aws:s3");
        assert.equal(record.eventName, "ObjectCreated:Put");
        assert.equal(record.awsRegion, "eu-central-1");
        assert.equal(record.s3.configurationId, "accept");
        assert.equal(record.s3.bucket.name, Bucket);
        assert.equal(record.s3.bucket.arn, "arn:aws:s3:::mail");
        const { sequencer, ...object } = record.s3.object;
        assert.match(sequencer, /^[0-9A-F]{18}$/);
        assert.deepEqual(object, {
            key: "in/Gr%C3%BC%C3%9Fe+%26+1%2B1+%28a%29.eml",
            size: 4,
            eTag: "1cb251ec0d568de6a929b520c4aed8d1",
        });
    });

    it("tells puts, copies and deletions apart, in an order that the sequencer shows", async () => {
        await configure(["s3:ObjectCreated:Copy", "s3:ObjectRemoved:*"]);
        await put("a");
        await s3.send(new CopyObjectCommand({ Bucket, Key: "b", CopySource: "mail/a" }));
        await s3.send(new DeleteObjectCommand({ Bucket, Key: "b" }));
        await s3.send(new DeleteObjectCommand({ Bucket, Key: "b" }));
        const records = lambda.invocations().map(({ payload }) => JSON.parse(payload).Records[0]);
        assert.deepEqual(
            records.map(({ eventName, s3: { object } }) => [eventName, object.key]),
            [
                ["ObjectCreated:Copy", "b"],
                ["ObjectRemoved:Delete", "b"],
            ],
        );
        assert.ok(records[0].s3.object.sequencer < records[1].s3.object.sequencer);
    });

    it("sends no event for a write whose condition fails", async () => {
        await configure(["s3:ObjectCreated:*"]);
        await put("a");
        await assert.rejects(put("a", { IfNoneMatch: "*" }), { name: "PreconditionFailed" });
        assert.equal(lambda.invocations().length, 1);
    });

    it("refuses a function that S3 has no permission to invoke", async () => {
        const other = functionArn.replace("accept", "other");
        await assert.rejects(configure(["s3:ObjectCreated:*"], [], other), {
            name: "InvalidArgument",
            message: /function:other/,
        });
        const stored = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
        assert.equal(stored.LambdaFunctionConfigurations, undefined);
    });

    it("keeps the object and tells the person when the function may not be called any more", async () => {
        await configure(["s3:ObjectCreated:*"]);
        lambda.refuses = true;
        await put("a");
        assert.equal(twin.service.readObject(Bucket, "a").toString(), "text");
        assert.match(twin.reports.map(({ message }) => message).join(), /could not notify .*accept: not permitted/);
    });

    it("refuses what S3 refuses: unknown events and filters, and entries that overlap", async () => {
        const put = (...entries: object[]) =>
            s3.send(
                new PutBucketNotificationConfigurationCommand({
                    Bucket,
                    NotificationConfiguration: {
                        LambdaFunctionConfigurations: entries.map((entry) => ({
                            LambdaFunctionArn: functionArn,
                            Events: ["s3:ObjectCreated:Put"],
                            ...entry,
                        })),
                    },
                }),
            );
        const filter = (...FilterRules: object[]) => ({ Filter: { Key: { FilterRules } } });
        const refused = (message: RegExp) => ({ name: "InvalidArgument", message });
        await assert.rejects(put({ Events: ["s3:ObjectEaten:*"] }), refused(/'s3:ObjectEaten:\*' is not supported/));
        await assert.rejects(put(filter({ Name: "middle", Value: "a" })), refused(/prefix or suffix/));
        const prefix = (Value: string) => filter({ Name: "prefix", Value });
        await assert.rejects(put(prefix("a"), { ...prefix("ab"), Events: ["s3:ObjectCreated:*"] }), refused(/overlap/));
        await put(prefix("a"), prefix("b"), { ...prefix("a"), Events: ["s3:ObjectRemoved:*"] });
        await put({ Events: ["s3:Replication:*"] });
        assert.match(twin.reports.map(({ message }) => message).join(), /causes s3:Replication:\*\./);
    });
});
