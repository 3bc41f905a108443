import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createIam, type Iam, type PolicyDocument, type PolicyStatement, parsePolicy } from "../../../local/aws/iam";
import { root } from "../../../local/aws/service";
import { openStore, type Store } from "../../../local/aws/store";
import { allow, type Case, deny, type Outcome, of, roleArn, sessionArn } from "./iam-cases/case";
import { conditionCases } from "./iam-cases/conditions";
import { identityCases } from "./iam-cases/identity";
import { resourceCases, serviceCases, sourceOfService } from "./iam-cases/resources";

describe("IAM of the twin decides that a role may do what it asks", () => {
    let folder: string;
    let store: Store;
    let iam: Iam;

    beforeEach(async () => {
        folder = mkdtempSync(join(tmpdir(), "sortline-iam-cases-"));
        store = openStore(folder);
        iam = createIam(store);
        await iam.operations.CreateRole({ RoleName: "reader", AssumeRolePolicyDocument: trust() }, root);
    });

    afterEach(() => {
        store.close();
        rmSync(folder, { recursive: true });
    });

    const put = (Statement: readonly PolicyStatement[], PolicyName = "inline", Version = "2012-10-17") =>
        iam.operations.PutRolePolicy(
            { RoleName: "reader", PolicyName, PolicyDocument: JSON.stringify({ Version, Statement }) },
            root,
        );

    function decision({ request: [action, resource], context, resourcePolicy }: Case): Outcome {
        try {
            iam.authorize({ kind: "role", roleArn, sessionName: "parse" }, action, resource, {
                context,
                resourcePolicy: resourcePolicy === undefined ? undefined : policyOf(resourcePolicy),
            });
            return "allowed";
        } catch (error) {
            const { message } = error as Error;
            if (message.endsWith("with an explicit deny in an identity-based policy")) return "denied by its policy";
            if (message.endsWith("with an explicit deny in a resource-based policy")) return "denied by the resource";
            assert.equal(
                message,
                `User: ${sessionArn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
            );
            return "denied";
        }
    }

    for (const [title, cases] of [
        ["by its own policies", identityCases],
        ["on a condition", conditionCases],
        ["by the resource's policy", resourceCases],
    ] as const) {
        describe(title, () => {
            for (const each of cases) {
                it(`${each.does}: ${each.is}`, async () => {
                    for (const [index, statements] of each.policies.entries()) {
                        if (statements.length > 0) await put(statements, `policy-${index}`, each.version);
                    }
                    assert.equal(decision(each), each.is);
                });
            }
        });
    }

    describe("or a service", () => {
        const may = (policy: PolicyDocument | undefined, service: string) =>
            iam.servicePrincipalAllowed(policy, service, "lambda:InvokeFunction", "arn:aws:lambda:f", sourceOfService);

        for (const [does, allowed, statement, service = "s3.amazonaws.com"] of serviceCases) {
            it(`${does}: ${allowed ? "allowed" : "denied"}`, () => {
                assert.equal(may(policyOf([statement]), service), allowed);
            });
        }

        it("without a policy: denied", () => assert.equal(may(undefined, "s3.amazonaws.com"), false));
    });

    describe("and refuses by its name what it does not evaluate:", () => {
        const unknown: [string, PolicyStatement, string][] = [
            ["an operator", allow("*", "*", { IpAddress: { "aws:PrincipalArn": "1" } }), "operator IpAddress"],
            [
                "a form that an operator has not",
                allow("*", "*", { NullIfExists: { "s3:prefix": "true" } }),
                "operator NullIfExists",
            ],
            [
                "a global key",
                allow("*", "*", { StringEquals: { "aws:PrincipalTag/team": "mail" } }),
                "key aws:PrincipalTag/team",
            ],
            [
                "a key of a service that it has",
                deny("*", "*", { StringNotEquals: { "s3:x-amz-acl": "private" } }),
                "key s3:x-amz-acl",
            ],
            ["a variable in a resource", allow("*", `arn:aws:s3:::\${aws:userid}/*`), `variable \${aws:userid}`],
            [
                "a variable in a condition",
                allow("*", "*", { StringEquals: { "s3:prefix": `\${aws:SourceIp}` } }),
                `variable \${aws:SourceIp}`,
            ],
        ];
        for (const [what, statement, named] of unknown) {
            it(what, async () => {
                await assert.rejects(put([statement]), {
                    code: "NotImplemented",
                    message: `The local twin does not evaluate in IAM policies: ${named}.`,
                });
            });
        }

        it("principals of a kind, and all principals but some", () => {
            for (const [principal, named] of [
                [{ Principal: { CanonicalUser: "79a5" } }, /principals of type CanonicalUser/],
                [{ NotPrincipal: { AWS: roleArn } }, /NotPrincipal/],
            ] as const) {
                const text = JSON.stringify({
                    Statement: { Effect: "Deny", Action: "*", Resource: "*", ...principal },
                });
                assert.throws(() => parsePolicy(text, "resource"), { code: "NotImplemented", message: named });
            }
        });

        it("the source of a service in a trust policy", async () => {
            const AssumeRolePolicyDocument = trust({ ArnLike: { "aws:SourceArn": "arn:aws:lambda:*:*:function:a" } });
            await assert.rejects(iam.operations.CreateRole({ RoleName: "other", AssumeRolePolicyDocument }, root), {
                code: "NotImplemented",
                message: /key aws:SourceArn in trust policies/,
            });
        });
    });

    describe("and refuses a policy", () => {
        const malformed: [string, object, RegExp][] = [
            ["with an action without its service", allow("GetObject"), /action GetObject, which must be prefaced/],
            [
                "with a resource that is no ARN",
                allow("s3:*", "mail/*"),
                /resource mail\/\*, which must be in ARN format/,
            ],
            ["of a role with a principal", of("Allow", "*"), /has a Principal, which identity policies have not/],
            [
                "with a condition without values",
                { ...allow("*"), Condition: { Null: { a: {} } } },
                /Condition that is not/,
            ],
            ["with both Action and NotAction", { ...allow("*"), NotAction: "s3:*" }, /either Action or NotAction/],
        ];
        for (const [what, statement, message] of malformed) {
            it(what, async () => {
                await assert.rejects(put([statement as PolicyStatement]), { code: "MalformedPolicyDocument", message });
            });
        }

        it("of a version that is none", async () => {
            await assert.rejects(put([allow("*")], "inline", "2012-10-18"), /Version must be 2012-10-17 or 2008-10-17/);
        });

        it("with a wildcard in a principal", () => {
            assert.throws(
                () => policyOf([of("Allow", { AWS: "arn:aws:iam::*:role/a" })]),
                /no wildcards in principals/,
            );
        });
    });
});

function policyOf(Statement: readonly PolicyStatement[]): PolicyDocument {
    return parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement }), "resource");
}

function trust(Condition?: object): string {
    const Principal = { Service: "lambda.amazonaws.com" };
    const statement = { Effect: "Allow", Principal, Action: "sts:AssumeRole", Condition };
    return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}
