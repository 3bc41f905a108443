import assert from "node:assert/strict";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type Deployment, mockDeployment } from "./deployment";

const PROGRAM = path.join(__dirname, "../../index.ts");
const pin = {
    package: "arn:aws:sagemaker:eu-central-1:123456789012:model-package/models/3",
    artefact: "s3://artifacts/jobs/a/output/model.tar.gz",
};

describe("the reference program", () => {
    let deployment: Deployment;
    before(async () => {
        deployment = await mockDeployment();
    });
    afterEach(() => pulumi.runtime.setAllConfig({}));

    const run = async (config: Record<string, string>) => {
        deployment.clear();
        pulumi.runtime.setAllConfig(config);
        delete require.cache[PROGRAM];
        require(PROGRAM);
        await deployment.settled();
    };

    it("deploys with the defaults that Pulumi.yaml declares: no model, no recipients", async () => {
        const defaults = { model: "{}", threshold: "0.6", recipients: "[]", ruleSet: "" };
        await run(Object.fromEntries(Object.entries(defaults).map(([key, value]) => [`sortline:${key}`, value])));
        const components = Object.entries(deployment.counts()).filter(([type]) => type.startsWith("sortline:"));
        assert.deepEqual(Object.fromEntries(components), {
            "sortline:index:EventStream": 3,
            "sortline:index:LambdaStage": 3,
            "sortline:index:MailIntake": 1,
            "sortline:index:ModelEndpoint": 1,
            "sortline:index:ModelRegistry": 1,
            "sortline:index:RecordIndex": 1,
            "sortline:index:TrainingJob": 1,
            "sortline:index:WorkQueue": 5,
        });
        assert.equal(deployment.counts()["aws:lambda/function:Function"], 5);
        assert.equal(deployment.counts()["aws:sagemaker/endpoint:Endpoint"], undefined);
        assert.equal(deployment.counts()["aws:ses/receiptRule:ReceiptRule"], undefined);
    });

    it("serves the pinned model and lets the stage that classifies, and no other, ask it", async () => {
        await run({ "sortline:model": JSON.stringify(pin) });
        assert.equal(deployment.counts()["aws:sagemaker/endpoint:Endpoint"], 1);
        const invoking = ["parse", "classify", "route"].filter((stage) =>
            deployment.statements(`${stage}-policy`).some(({ Action }) => Action.includes("sagemaker:InvokeEndpoint")),
        );
        assert.deepEqual(invoking, ["classify"]);
    });

    it("has new models compared with the pinned one", async () => {
        await run({ "sortline:model": JSON.stringify(pin) });
        const { environment } = deployment.named("training-judge-function").inputs as {
            environment: { variables: Record<string, string> };
        };
        assert.equal(environment.variables.SORTLINE_CHAMPION_PACKAGE, pin.package);
    });

    it("receives mail by SES where recipients are configured", async () => {
        await run({ "sortline:recipients": '["info@example.com"]', "sortline:ruleSet": "active" });
        assert.deepEqual(deployment.named("intake-rule").inputs.recipients, ["info@example.com"]);
    });

    it("refuses a threshold that is no probability", async () => {
        for (const threshold of ["1.5", "-0.1"]) {
            await assert.rejects(
                run({ "sortline:threshold": threshold }),
                new RegExp(`threshold is ${threshold}; .* 0 to 1`),
            );
        }
    });

    it("grants nothing on every resource but what AWS has no resources for", async () => {
        await run({ "sortline:model": JSON.stringify(pin) });
        const broad = deployment.resources
            .filter(({ type }) => type === "aws:iam/rolePolicy:RolePolicy")
            .flatMap(({ name }) => deployment.statements(name))
            .filter(({ Action, Resource }) => Resource.includes("*") || Action.some((action) => action.includes("*")))
            .map(({ Action }) => Action.join());
        assert.deepEqual([...new Set(broad)].sort(), [
            "cloudwatch:PutMetricData",
            "ecr:GetAuthorizationToken",
            "sagemaker:ListModelPackages",
        ]);
    });
});
