import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { allow, allowOnAll, EventStream } from "../../components";
import { functionVariables } from "../../components/function-variables";
import { grantedPermissions } from "../../components/granted-permissions";
import { actionsWithoutResources, inline } from "../../components/inline";
import { type Deployment, mockDeployment } from "./deployment";
import { adapter, settled } from "./inline/artefact";
import { warnings } from "./warnings";

const Letter = z.object({ id: z.string(), text: z.string() });

describe("a stage's outputs", () => {
    let deployment: Deployment;
    before(async () => {
        deployment = await mockDeployment();
    });
    beforeEach(() => deployment.clear());

    /** The variables of a stage that carry outputs. */
    const variablesOf = (stage: string) => {
        const environment = deployment.named(`${stage}-function`).inputs.environment;
        const { variables } = environment as { variables: Record<string, string> };
        return Object.fromEntries(Object.entries(variables).filter(([name]) => /^OUTPUT_|_PARAMETERS$/.test(name)));
    };

    it("are environment variables with readable names", async () => {
        const letters = new EventStream("letters", { schema: Letter });
        const settings = { mailServer: pulumi.output("mail.example.com"), port: pulumi.output(25) };
        letters.stage("plain", {}, async () => {
            if (settings.mailServer.get() === String(settings.port.get())) throw new Error();
        });
        await deployment.settled();
        assert.deepEqual(variablesOf("plain"), {
            OUTPUT_SETTINGS_MAIL_SERVER: "mail.example.com",
            OUTPUT_SETTINGS_PORT: "25",
        });
        assert.equal(deployment.counts()["aws:ssm/parameter:Parameter"], undefined);
    });

    it("that are secret go to one encrypted parameter, by its version, and the function may read it and no other", async () => {
        const letters = new EventStream("letters", { schema: Letter });
        const password = pulumi.secret("correct horse");
        const token = pulumi.interpolate`token-${password}`;
        const server = pulumi.output("mail.example.com");
        letters.stage("login", {}, async () => {
            if (password.get() === token.get()) throw new Error(server.get());
        });
        await deployment.settled();
        const { value, ...parameter } = deployment.named("login-secrets").inputs;
        assert.deepEqual(parameter, {
            description: "Secrets that login reads",
            type: "SecureString",
            tier: "Intelligent-Tiering",
        });
        assert.match(JSON.stringify(value), /correct horse/);
        assert.deepEqual(variablesOf("login"), {
            OUTPUT_SERVER: "mail.example.com",
            SORTLINE_PARAMETERS: "login-secrets:1",
        });
        const ssm = deployment.statements("login-policy").filter(({ Action }) => Action.includes("ssm:GetParameters"));
        assert.deepEqual(ssm, [
            {
                Effect: "Allow",
                Action: ["ssm:GetParameters"],
                Resource: ["arn:aws:ssm:eu-central-1:123456789012:login-secrets"],
            },
        ]);
    });

    it("of more than four kilobytes together go to one parameter, and a secret to another", async () => {
        const letters = new EventStream("letters", { schema: Letter });
        const rates = pulumi.output("r".repeat(2000));
        const words = pulumi.output("w".repeat(2000));
        const key = pulumi.secret("k");
        letters.stage("large", {}, async () => {
            if (rates.get() === words.get()) throw new Error(key.get());
        });
        await deployment.settled();
        const { type, tier, value } = deployment.named("large-outputs").inputs;
        assert.deepEqual([type, tier], ["String", "Intelligent-Tiering"]);
        // The provider treats every parameter's value as a secret.
        const text = (value as { readonly value: string }).value;
        assert.deepEqual(Object.keys(JSON.parse(text) as object), ["OUTPUT_RATES", "OUTPUT_WORDS"]);
        assert.deepEqual(variablesOf("large"), {
            SORTLINE_PARAMETERS: "large-secrets:1,large-outputs:1",
        });
    });

    it("are refused where they hold a secret setting that nobody marked, or what JSON does not bring back", async () => {
        pulumi.runtime.setAllConfig({ "shop:token": "correct horse battery" }, ["shop:token"]);
        try {
            const hidden = pulumi
                .output(new pulumi.Config("shop").require("token"))
                .apply((token) => `Bearer ${token}`);
            const variables = functionVariables(
                "s",
                new pulumi.ComponentResource("a:b:C", "own"),
                {},
                { HIDDEN: hidden },
            );
            await assert.rejects(settled(pulumi.output(variables.environment)), (error: Error) => {
                assert.match(
                    error.message,
                    /HIDDEN holds the secret setting "shop:token"[\s\S]*config\.requireSecret\("token"\)/,
                );
                assert.doesNotMatch(error.message, /correct horse/);
                return true;
            });
        } finally {
            pulumi.runtime.setAllConfig({}, []);
        }
        const table = pulumi.output(1).apply(() => new Map([["a", 1]]));
        const made = inline("table", async () => table.get().get("a"), { adapter });
        await assert.rejects(settled(made.environment.OUTPUT_TABLE as pulumi.Output<string>), (error: Error) => {
            assert.match(
                error.message,
                /The output "table" holds an object of class Map, which JSON does not bring back/,
            );
            return true;
        });
    });

    it("warn where nothing is allowed on what they belong to, with the line to add", async () => {
        const letters = new EventStream("letters", { schema: Letter });
        const archive = new aws.s3.Bucket("archive");
        const known = new aws.s3.Bucket("known");
        const silent = new aws.s3.Bucket("silent");
        const free = pulumi.output("free");
        const permissions = [allow(["s3:GetObject"], pulumi.interpolate`${known.arn}/*`), allow([], silent.bucket)];
        const told = await warnings(async () => {
            letters.stage("keep", { permissions }, async () => {
                throw new Error(archive.bucket.get() + known.bucket.get() + silent.bucket.get() + free.get());
            });
            await deployment.settled();
        });
        assert.equal(told.length, 1, told.join("\n"));
        assert.match(
            told[0] ?? "",
            /^stage "keep": it reads "archive.bucket" of aws:s3\/bucket:Bucket, on which it is/,
        );
        assert.match(told[0] ?? "", /at test\/components\/function-variables\.test\.ts:\d+:\d+\n/);
        assert.ok(
            // biome-ignore lint/suspicious/noTemplateCurlyInString: the line to add
            told[0]?.includes('permissions: [allow(["s3:GetObject"], pulumi.interpolate`${archive.arn}/*`)]'),
            told[0],
        );
        const s3 = deployment.statements("keep-policy").filter(({ Action }) => Action.includes("s3:GetObject"));
        assert.deepEqual(s3.map(({ Resource }) => Resource).at(-1), ["arn:aws:s3:eu-central-1:123456789012:known/*"]);
    });
});

describe("allow", () => {
    it("takes single actions on named resources, and every resource only where AWS has no others", () => {
        assert.deepEqual(allow(["s3:GetObject"], "arn:aws:s3:::a/*"), {
            actions: ["s3:GetObject"],
            resources: ["arn:aws:s3:::a/*"],
        });
        assert.deepEqual(allow(["cloudwatch:PutMetricData"], "*").resources, ["*"]);
    });

    it("knows the actions that IAM cannot limit to a resource", () => {
        // An addition is to be reviewed: each of these may stand with "*" in a policy, and no other.
        assert.deepEqual([...actionsWithoutResources].sort(), [
            "cloudwatch:PutMetricData",
            "ec2:DescribeDhcpOptions",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "ecr:GetAuthorizationToken",
            "kinesis:ListStreams",
            "s3:ListAllMyBuckets",
            "secretsmanager:GetRandomPassword",
            "ssm:DescribeParameters",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments",
        ]);
    });

    it("permits on every resource by a form of its own, with a reason that is shown", () => {
        const statement = allowOnAll(["comprehend:DetectSentiment"], "texts are no resources");
        assert.deepEqual([statement.resources, statement.because], [["*"], "texts are no resources"]);
        assert.throws(() => allowOnAll(["comprehend:*"], " "), /no single action[\s\S]*it has no reason/);
    });

    it("knows what means every resource", () => {
        for (const resource of ["*", "**", " *", "arn:*", "arn:*:*:*"]) {
            assert.throws(() => allow(["s3:GetObject"], resource), /reach everything; name the ARN/, resource);
        }
        allow(["s3:GetObject"], "arn:aws:s3:::*");
    });

    it("refuses what is too broad, all of it at once", () => {
        assert.throws(
            () => allow(["s3:*", "*", "s3:GetObject"], "*"),
            (error: Error) => {
                assert.match(error.message, /"s3:\*" is no single action; write it in full/);
                assert.match(error.message, /"\*" is no single action/);
                assert.match(error.message, /"\*" as resource lets .*s3:GetObject reach everything; name the ARN/);
                return true;
            },
        );
        assert.throws(() => allow(["s3:GetObject"]), /names no resource/);
    });

    it("says what is no action, resource or reason at all", () => {
        const bucket = pulumi.output("arn:aws:s3:::a");
        for (const [actions, what] of [
            ["s3:GetObject", '"s3:GetObject"'],
            [null, "null"],
            [undefined, "undefined"],
            [bucket, "an Output"],
        ] as const) {
            assert.throws(
                () => allow(actions as never, bucket),
                (error) => {
                    assert.ok(error instanceof pulumi.RunError, String(error));
                    assert.ok(error.message.includes(`${what} is no list; give one of actions that are known now`));
                    return true;
                },
            );
        }
        assert.throws(
            () =>
                allow(
                    [bucket, Symbol("x"), null] as never,
                    null as never,
                    5 as never,
                    bucket,
                    Promise.resolve("arn:x"),
                ),
            (error) => {
                assert.ok(error instanceof pulumi.RunError, String(error));
                for (const problem of [
                    "an Output is no single action",
                    "Symbol(x) is no single action",
                    "null is no single action",
                    "null is no resource; give an ARN",
                    "5 is no resource",
                ]) {
                    assert.ok(error.message.includes(problem), `${problem}\nin: ${error.message}`);
                }
                return true;
            },
        );
        assert.throws(() => allowOnAll(["comprehend:DetectSentiment"], undefined as never), /it has no reason/);
    });
});

describe("what a function may do", () => {
    it("is told also where an ARN is secret, without the ARN", async () => {
        const statements = pulumi
            .output([])
            .apply(() => [allow(["s3:GetObject"], pulumi.secret("arn:aws:s3:::hidden/*"))]);
        assert.equal(await pulumi.isSecret(grantedPermissions(statements, undefined)), false);
        assert.deepEqual(await settled(grantedPermissions(statements, undefined)), [
            { actions: ["s3:GetObject"], resources: ["[secret]"], because: "the stage's permissions", at: [] },
        ]);
    });
});
