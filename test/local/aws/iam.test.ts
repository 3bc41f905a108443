import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createIam, type Iam, type PolicyStatement } from "../../../local/aws/iam";
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

    function may(action: string, resource: string): boolean {
        try {
            iam.authorize(caller, action, resource);
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

    it("names a managed policy that it lacks", async () => {
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
