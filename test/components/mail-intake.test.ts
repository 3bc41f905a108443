import assert from "node:assert/strict";
import { EventStream, MailIntake, StoredMail } from "../../components";
import { type Deployment, mockDeployment, resolved } from "./deployment";

const BUCKET = "arn:aws:s3:eu-central-1:123456789012:intake-mail";

describe("a mail intake", () => {
    let deployment: Deployment;
    before(async () => {
        deployment = await mockDeployment();
    });
    beforeEach(() => deployment.clear());

    const intake = async (options: { recipients?: string[]; ruleSet?: string; retentionDays?: number }) => {
        const mail = new EventStream("mail", { schema: StoredMail });
        await deployment.settled();
        deployment.clear();
        const made = new MailIntake("intake", { into: mail, ...options });
        await deployment.settled();
        return made;
    };

    it("is a private bucket whose new mail calls a function", async () => {
        const made = await intake({ retentionDays: 30 });
        assert.equal(await resolved(made.bucketName), "intake-mail");
        assert.deepEqual(deployment.counts(), {
            "sortline:index:MailIntake": 1,
            "aws:s3/bucket:Bucket": 1,
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": 1,
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": 1,
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": 1,
            "aws:s3/bucketNotification:BucketNotification": 1,
            "aws:cloudwatch/logGroup:LogGroup": 1,
            "aws:iam/role:Role": 1,
            "aws:iam/rolePolicy:RolePolicy": 1,
            "aws:lambda/function:Function": 1,
            "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": 1,
            "aws:lambda/permission:Permission": 1,
        });
        assert.deepEqual(deployment.named("intake-notification").inputs, {
            bucket: "intake-mail",
            lambdaFunctions: [
                {
                    lambdaFunctionArn: "arn:aws:lambda:eu-central-1:123456789012:intake-function",
                    events: ["s3:ObjectCreated:*"],
                    filterPrefix: "inbox/",
                },
            ],
        });
        const [rule] = deployment.named("intake-mail-lifecycle").inputs.rules as { expiration: unknown }[];
        assert.deepEqual(rule?.expiration, { days: 30 });
    });

    it("lets only its own bucket in its own account call the function", async () => {
        await intake({});
        assert.deepEqual(deployment.named("intake-permission").inputs, {
            action: "lambda:InvokeFunction",
            function: "intake-function",
            principal: "s3.amazonaws.com",
            sourceAccount: "123456789012",
            sourceArn: BUCKET,
        });
    });

    it("keeps what its function could not handle in the stream's failure bucket", async () => {
        await intake({});
        assert.deepEqual(deployment.named("intake-invoke").inputs, {
            functionName: "intake-function",
            maximumRetryAttempts: 2,
            maximumEventAgeInSeconds: 21_600,
            destinationConfig: {
                onFailure: { destination: "arn:aws:s3:eu-central-1:123456789012:mail-failures" },
            },
        });
        const actions = deployment.statements("intake-policy").map(({ Action, Resource }) => [Action, Resource]);
        assert.deepEqual(actions.slice(1), [
            [["s3:GetObject"], [`${BUCKET}/inbox/*`]],
            [["s3:ListBucket"], [BUCKET]],
            [["kinesis:PutRecords"], ["arn:aws:kinesis:eu-central-1:123456789012:mail-stream"]],
            [["s3:PutObject"], ["arn:aws:s3:eu-central-1:123456789012:mail-failures/claims/*"]],
            [["s3:PutObject"], ["arn:aws:s3:eu-central-1:123456789012:mail-failures/*"]],
            [["s3:ListBucket"], ["arn:aws:s3:eu-central-1:123456789012:mail-failures"]],
        ]);
    });

    it("adds a rule to the named rule set, which alone may write mail into the bucket", async () => {
        await intake({ recipients: ["info@example.com"], ruleSet: "active" });
        assert.deepEqual(deployment.named("intake-rule").inputs, {
            name: "shop-dev-intake",
            ruleSetName: "active",
            recipients: ["info@example.com"],
            enabled: true,
            scanEnabled: true,
            s3Actions: [{ bucketName: "intake-mail", objectKeyPrefix: "inbox/", position: 1 }],
        });
        const [statement, ...others] = JSON.parse(
            String(deployment.named("intake-mail-policy").inputs.policy),
        ).Statement;
        assert.equal(others.length, 0);
        assert.deepEqual(statement, {
            Effect: "Allow",
            Principal: { Service: "ses.amazonaws.com" },
            Action: "s3:PutObject",
            Resource: `${BUCKET}/inbox/*`,
            Condition: {
                StringEquals: {
                    "aws:SourceAccount": "123456789012",
                    "aws:SourceArn":
                        "arn:aws:ses:eu-central-1:123456789012:receipt-rule-set/active:receipt-rule/shop-dev-intake",
                },
            },
        });
        const order = deployment.resources.map(({ name }) => name);
        assert.ok(order.indexOf("intake-mail-policy") < order.indexOf("intake-rule"), "the policy comes first");
    });

    it("asks for the rule set where recipients are given, and for recipients where a rule set is", async () => {
        await assert.rejects(
            intake({ recipients: ["info@example.com"] }),
            /recipients are given without ruleSet.*one active/,
        );
        await assert.rejects(intake({ ruleSet: "active" }), /ruleSet is "active" without recipients/);
        await intake({ recipients: [], ruleSet: "" });
    });

    it("tells which recipients and rule set SES would not take", async () => {
        const recipients = ["info@example.com", "example.com", ".example.com", "info@", "a b@example.com", ""];
        await assert.rejects(intake({ recipients, ruleSet: "my rules" }), (error: Error) => {
            for (const wrong of ['recipients has "info@"', 'recipients has "a b@example.com"', 'recipients has ""'])
                assert.ok(error.message.includes(wrong), wrong);
            assert.match(error.message, /ruleSet is "my rules"; .* 1 to 64 letters/);
            assert.ok(!/recipients has "(info@|\.)?example/.test(error.message));
            return true;
        });
    });
});
