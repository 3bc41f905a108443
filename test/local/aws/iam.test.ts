import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createIam, type Iam, type PolicyStatement, parsePolicy } from "../../../local/aws/iam";
import { type Caller, root } from "../../../local/aws/service";
import { openStore, type Store } from "../../../local/aws/store";

const stream = "arn:aws:kinesis:eu-central-1:000000000000:stream/mail";
const trust = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

describe("IAM of the twin", () => {
    let folder: string;
    let store: Store;
    let iam: Iam;
    let caller: Caller;

    beforeEach(async () => {
        folder = mkdtempSync(join(tmpdir(), "sortline-iam-"));
        store = openStore(folder);
        iam = createIam(store);
        const { Role } = await iam.operations.CreateRole({ RoleName: "reader", AssumeRolePolicyDocument: trust }, root);
        caller = { kind: "role", roleArn: Role.Arn, sessionName: "parse" };
    });

    afterEach(() => {
        store.close();
        rmSync(folder, { recursive: true });
    });

    function put(...Statement: PolicyStatement[]): Promise<unknown> {
        const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
        return iam.operations.PutRolePolicy({ RoleName: "reader", PolicyName: "inline", PolicyDocument }, root);
    }

    function may(action: string, resource: string, context?: Record<string, string | string[]>): boolean {
        try {
            iam.authorize(caller, action, resource, { context });
            return true;
        } catch {
            return false;
        }
    }

    it("refuses in AWS's words what no policy allows", () => {
        assert.throws(() => iam.authorize(caller, "kinesis:PutRecord", stream), {
            code: "AccessDeniedException",
            status: 400,
            message: `User: arn:aws:sts::000000000000:assumed-role/reader/parse is not authorized to perform: kinesis:PutRecord on resource: ${stream} because no identity-based policy allows the kinesis:PutRecord action`,
        });
        assert.throws(() => iam.authorize(caller, "s3:GetObject", "arn:aws:s3:::b/k", { code: "AccessDenied" }), {
            status: 403,
        });
    });

    it("lets root do everything", () => {
        iam.authorize(root, "kinesis:DeleteStream", stream);
    });

    it("matches actions without case, and resources with it, by * and ?", async () => {
        await put({ Effect: "Allow", Action: "kinesis:put*", Resource: "arn:aws:kinesis:*:*:stream/mai?" });
        assert.equal(may("kinesis:PutRecords", stream), true);
        assert.equal(may("kinesis:GetRecords", stream), false);
        assert.equal(may("kinesis:PutRecords", `${stream}s`), false);
        assert.equal(may("kinesis:PutRecords", stream.replace("mail", "Mail")), false);
    });

    it("treats what regular expressions mean specially as plain text", async () => {
        await put({ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::a.b/(x)+*" });
        assert.equal(may("s3:GetObject", "arn:aws:s3:::a.b/(x)+1"), true);
        assert.equal(may("s3:GetObject", "arn:aws:s3:::aXb/(x)+1"), false);
    });

    it("lets an explicit deny win over every allow", async () => {
        await put(
            { Effect: "Allow", Action: "*", Resource: "*" },
            { Effect: "Deny", Action: "kinesis:Delete*", Resource: "*" },
        );
        assert.equal(may("kinesis:PutRecord", stream), true);
        assert.throws(
            () => iam.authorize(caller, "kinesis:DeleteStream", stream),
            /explicit deny in an identity-based policy/,
        );
    });

    it("evaluates NotAction and NotResource", async () => {
        await put({ Effect: "Allow", NotAction: "iam:*", NotResource: `${stream}-private` });
        assert.equal(may("kinesis:PutRecord", stream), true);
        assert.equal(may("iam:PassRole", stream), false);
        assert.equal(may("kinesis:PutRecord", `${stream}-private`), false);
    });

    const conditions: [PolicyStatement["Condition"], Record<string, string | string[]>, boolean][] = [
        [{ StringEquals: { "s3:prefix": ["in/", "out/"] } }, { "s3:prefix": "out/" }, true],
        [{ StringEquals: { "s3:prefix": "in/" } }, {}, false],
        [{ StringEqualsIfExists: { "s3:prefix": "in/" } }, {}, true],
        [{ StringEqualsIfExists: { "s3:prefix": "in/" } }, { "s3:prefix": "x" }, false],
        [{ StringNotEquals: { "s3:prefix": "in/" } }, {}, true],
        [{ StringNotEquals: { "s3:prefix": ["in/", "x"] } }, { "s3:prefix": "x" }, false],
        [{ StringLike: { "s3:prefix": "in/*" } }, { "S3:Prefix": "in/a" }, true],
        [{ ArnLike: { "aws:SourceArn": "arn:aws:s3:::mail-*" } }, { "aws:SourceArn": "arn:aws:s3:::mail-1" }, true],
        [{ Bool: { "aws:SecureTransport": false } }, {}, true],
        [{ NumericLessThanEquals: { "s3:max-keys": 10 } }, { "s3:max-keys": "10" }, true],
        [{ NumericGreaterThan: { "s3:max-keys": "10" } }, { "s3:max-keys": "10" }, false],
        [{ Null: { "s3:prefix": "true" } }, {}, true],
        [{ "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] } }, { "aws:TagKeys": ["a", "c"] }, false],
        [{ "ForAnyValue:StringEquals": { "aws:TagKeys": ["a", "b"] } }, { "aws:TagKeys": ["a", "c"] }, true],
        [{ StringEquals: { "aws:PrincipalAccount": "000000000000" }, StringLike: { x: "1" } }, { x: "2" }, false],
    ];
    for (const [condition, context, expected] of conditions) {
        it(`holds ${JSON.stringify(condition)} ${expected ? "true" : "false"} of ${JSON.stringify(context)}`, async () => {
            await put({ Effect: "Allow", Action: "*", Resource: "*", Condition: condition });
            assert.equal(may("s3:ListBucket", "arn:aws:s3:::b", context), expected);
        });
    }

    it("counts a resource's policy: its allow suffices, its deny wins, the account as principal delegates", async () => {
        const resourcePolicy = (Effect: "Allow" | "Deny", principal: string) =>
            parsePolicy(
                JSON.stringify({
                    Statement: [{ Effect, Principal: { AWS: principal }, Action: "sqs:*", Resource: "*" }],
                }),
                "resource",
            );
        const decide = (Effect: "Allow" | "Deny", principal: string) => () =>
            iam.authorize(caller, "sqs:SendMessage", "arn:q", { resourcePolicy: resourcePolicy(Effect, principal) });
        const roleArn = "arn:aws:iam::000000000000:role/reader";
        decide("Allow", roleArn)();
        assert.throws(decide("Allow", `${roleArn}2`), /no identity-based policy/);
        assert.throws(decide("Allow", "arn:aws:iam::000000000000:root"), /no identity-based policy/);
        await put({ Effect: "Allow", Action: "*", Resource: "*" });
        assert.throws(decide("Deny", "000000000000"), /explicit deny in a resource-based policy/);
    });

    it("asks a resource's policy whether a service may", () => {
        const policy = parsePolicy(
            JSON.stringify({
                Statement: {
                    Effect: "Allow",
                    Principal: { Service: "s3.amazonaws.com" },
                    Action: "lambda:InvokeFunction",
                    Resource: "arn:f",
                    Condition: { ArnLike: { "AWS:SourceArn": "arn:aws:s3:::mail" } },
                },
            }),
            "resource",
        );
        const asks = (service: string, source: string) =>
            iam.servicePrincipalAllowed(policy, service, "lambda:InvokeFunction", "arn:f", { "aws:SourceArn": source });
        assert.equal(asks("s3.amazonaws.com", "arn:aws:s3:::mail"), true);
        assert.equal(asks("s3.amazonaws.com", "arn:aws:s3:::other"), false);
        assert.equal(asks("events.amazonaws.com", "arn:aws:s3:::mail"), false);
        assert.equal(iam.servicePrincipalAllowed(undefined, "s3.amazonaws.com", "a:b", "arn:f", {}), false);
    });

    it("lets only the services of the trust policy assume a role", () => {
        const roleArn = "arn:aws:iam::000000000000:role/reader";
        assert.equal(iam.mayAssume(roleArn, "lambda.amazonaws.com"), true);
        assert.equal(iam.mayAssume(roleArn, "sagemaker.amazonaws.com"), false);
        assert.equal(iam.mayAssume(`${roleArn}2`, "lambda.amazonaws.com"), false);
    });

    it("names everything that is wrong with a policy", async () => {
        await assert.rejects(put({ Effect: "Maybe", Action: [] } as unknown as PolicyStatement), {
            code: "MalformedPolicyDocument",
            message:
                /statement 1 needs Effect Allow or Deny; .*Action that is not a text.*; .*either Resource or NotResource/,
        });
    });

    it("names a condition operator or managed policy that it lacks", async () => {
        const Condition = { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } };
        await assert.rejects(put({ Effect: "Allow", Action: "*", Resource: "*", Condition }), {
            code: "NotImplemented",
            message: /IpAddress/,
        });
        const PolicyArn = "arn:aws:iam::aws:policy/AdministratorAccess";
        await assert.rejects(
            iam.operations.AttachRolePolicy({ RoleName: "reader", PolicyArn }, root),
            /AdministratorAccess/,
        );
    });

    it("counts an attached managed policy until it is detached", async () => {
        const PolicyArn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        await iam.operations.AttachRolePolicy({ RoleName: "reader", PolicyArn }, root);
        assert.equal(may("logs:PutLogEvents", "arn:aws:logs:x"), true);
        await assert.rejects(iam.operations.DeleteRole({ RoleName: "reader" }, root), { code: "DeleteConflict" });
        await iam.operations.DetachRolePolicy({ RoleName: "reader", PolicyArn }, root);
        assert.equal(may("logs:PutLogEvents", "arn:aws:logs:x"), false);
    });

    it("gives a session the same key each time, over restarts, and nobody's key to nobody", () => {
        const roleArn = "arn:aws:iam::000000000000:role/reader";
        const key = iam.accessKey(roleArn, "parse");
        assert.match(key.accessKeyId, /^ASIA[A-Z2-7]{32}$/);
        store.close();
        store = openStore(folder);
        iam = createIam(store);
        assert.deepEqual(iam.accessKey(roleArn, "parse"), key);
        assert.notEqual(iam.accessKey(roleArn, "route").accessKeyId, key.accessKeyId);
        assert.deepEqual(iam.caller(key.accessKeyId), { kind: "role", roleArn, sessionName: "parse" });
        assert.equal(iam.caller("AKIANOBODY"), undefined);
        assert.throws(() => iam.accessKey(`${roleArn}2`), { code: "NoSuchEntity" });
    });

    it("revokes the keys of a deleted role, also when it is made again", async () => {
        const { accessKeyId } = iam.accessKey("arn:aws:iam::000000000000:role/reader");
        await iam.operations.DeleteRole({ RoleName: "reader" }, root);
        assert.equal(iam.caller(accessKeyId), undefined);
        await iam.operations.CreateRole({ RoleName: "reader", AssumeRolePolicyDocument: trust }, root);
        assert.equal(iam.caller(accessKeyId), undefined);
        assert.notEqual(iam.accessKey("arn:aws:iam::000000000000:role/reader").accessKeyId, accessKeyId);
    });

    it("keeps and lists inline policies, and refuses a second role of a name", async () => {
        await put({ Effect: "Allow", Action: "s3:*", Resource: "*" });
        const { PolicyNames } = await iam.operations.ListRolePolicies({ RoleName: "reader" }, root);
        assert.deepEqual(PolicyNames, ["inline"]);
        const policy = await iam.operations.GetRolePolicy({ RoleName: "reader", PolicyName: "inline" }, root);
        assert.match(policy.PolicyDocument, /s3:\*/);
        await iam.operations.DeleteRolePolicy({ RoleName: "reader", PolicyName: "inline" }, root);
        assert.equal(may("s3:GetObject", "arn:x"), false);
        const again = iam.operations.CreateRole({ RoleName: "reader", AssumeRolePolicyDocument: trust }, root);
        await assert.rejects(again, { code: "EntityAlreadyExists", status: 409 });
    });

    it("lets a role call IAM only with a grant", async () => {
        await assert.rejects(iam.operations.GetRole({ RoleName: "reader" }, caller), { code: "AccessDeniedException" });
        await put({ Effect: "Allow", Action: "iam:GetRole", Resource: "*" });
        assert.equal((await iam.operations.GetRole({ RoleName: "reader" }, caller)).Role.RoleName, "reader");
    });
});
