import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { connectTo, type TwinConnection } from "../../automation/connection";
import { account, region, root as twinRoot } from "../../local/aws/service";
import { type Local, startLocal } from "../../testing";
import { labelled } from "../automation/labelled";
import { checkpointOf, configOf, fakePulumi } from "../automation/stack-export";
import { jsonLines, root, sortline, temporaryFolder } from "./command";

// The services are the twin's, which the command must know as AWS only: by the environment of AWS's SDK.
describe("commands on a stack that Pulumi deployed", function () {
    // The first training on a machine makes the Python environment.
    this.timeout(300_000);
    const { folder, remove } = temporaryFolder();
    const home = path.join(folder, "none");
    let local: Local;
    let connection: TwinConnection;
    let environment: Record<string, string | undefined>;

    before(async () => {
        local = await startLocal({ project: path.join(root, "test", "fixtures", "programs", "retrained") });
        connection = connectTo(local.twin.file);
        const exported = checkpointOf(await connection.exportStack());
        const stacks = {
            dev: { exported, config: configOf({ "aws:region": "eu-central-1" }) },
            regionless: { exported, config: configOf({}) },
            empty: { exported: { version: 3, deployment: {} }, config: configOf({ "aws:region": "eu-central-1" }) },
        };
        const { address, token } = local.twin.file;
        environment = {
            PATH: fakePulumi(folder, stacks),
            AWS_ENDPOINT_URL: address,
            AWS_ACCESS_KEY_ID: token,
            AWS_SECRET_ACCESS_KEY: token,
            AWS_SESSION_TOKEN: undefined,
            AWS_PROFILE: undefined,
            AWS_REGION: undefined,
            AWS_DEFAULT_REGION: undefined,
            AWS_CONFIG_FILE: path.join(folder, "no-config"),
            AWS_SHARED_CREDENTIALS_FILE: path.join(folder, "no-credentials"),
            AWS_EC2_METADATA_DISABLED: "true",
        };
        fs.writeFileSync(path.join(folder, "labels.csv"), labelled({ a: 30, b: 30 }).replaceAll(",b", " beta beta,b"));
    });
    after(async () => {
        connection?.close();
        await local?.close();
        remove();
    });

    const command = (args: readonly string[], more: Readonly<Record<string, string | undefined>> = {}) =>
        sortline(args, { home, environment: { ...environment, ...more } });
    const train = ["train", "--name", "training", "--data", path.join(folder, "labels.csv")];

    it("trains there, with no twin of its own, and lists, approves and rejects what is registered", async () => {
        const trained = await command([...train, "--stack", "dev", "--output", path.join(folder, "model")]);
        assert.equal(trained.code, 0, trained.stderr);
        assert.match(trained.stdout, /Model 1: accuracy/);
        assert.match(
            trained.stdout,
            /npx sortline approve 1 --stack dev\n {2}pulumi config set-all --stack dev --path /,
        );
        assert.doesNotMatch(trained.stdout + trained.stderr, /twin|sortline (up|promote|start)/);
        assert.ok(!fs.existsSync(home));
        assert.ok(fs.existsSync(path.join(folder, "model", "evaluation.json")));

        const [model] = jsonLines((await command(["models", "--stack", "dev", "--json"])).stdout);
        assert.equal(model?.approval, "PendingManualApproval");
        const approved = await command(["approve", "1", "--stack", "dev", "--reason", "looks good"]);
        assert.match(
            approved.stdout,
            new RegExp(`sortline:model\\.artefact=${model?.artefact}\\n {2}pulumi up --stack dev`),
        );
        const [now] = jsonLines((await command(["models", "--stack", "dev", "--json"])).stdout);
        assert.deepEqual([now?.approval, now?.note], ["Approved", "looks good"]);
        const rejected = await command(["reject", "1", "--stack", "dev", "--reason", "not good"]);
        assert.equal(rejected.stdout, "Model 1 is rejected.\n");
        const compared = await command(["compare", "1", "1", "--stack", "dev", "--json"]);
        assert.equal(jsonLines(compared.stdout)[0]?.sameTestSet, true, compared.stderr);
        const log = await command(["logs", String(model?.job), "--stack", "dev"]);
        assert.match(log.stdout, /validation:macro_f1=/);
    });

    it("starts a run, leaves it, and follows it with the region of the environment", async () => {
        const started = await command([...train, "--stack", "regionless", "--no-follow", "--json"], {
            AWS_REGION: "eu-central-1",
        });
        const job = String(jsonLines(started.stdout)[0]?.job);
        const followed = await command(["train", "--follow", job, "--stack", "dev", "--json"]);
        assert.equal(jsonLines(followed.stdout)[0]?.job, job, followed.stderr);
    });

    it("says what is missing: the command, a login, the stack, a deployment, the region, credentials, permissions", async () => {
        const models = (stack: string, more?: Record<string, string | undefined>) =>
            command(["models", "--stack", stack], more);
        const { code: without, stderr: noCommand } = await models("dev", { PATH: folder });
        assert.match(noCommand, /`pulumi`, which is not on the PATH\. Install it: https/);
        const { stderr: noLogin } = await models("elsewhere");
        assert.match(noLogin, /not logged in .*Run: pulumi login\n/);
        const { code: unknown, stderr: noStack } = await models("prod");
        assert.match(noStack, /has no stack "prod" in the backend .*pulumi stack ls/);
        assert.deepEqual([without, unknown], [1, 2]);
        const { stderr: nothing } = await models("empty");
        assert.match(nothing, /Nothing is deployed yet\. .*\(on a stack: pulumi up\)/);
        const { stderr: noRegion } = await models("regionless");
        assert.match(noRegion, /pulumi config set aws:region REGION --stack regionless/);
        const gone = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
        const { stderr: noCredentials } = await models("dev", gone);
        assert.match(noCredentials, /no credentials for AWS: .*\n.*pulumi config set aws:profile NAME --stack dev/);
        const { stderr: wrong } = await models("dev", { AWS_ACCESS_KEY_ID: "AKIA0000000000000000" });
        assert.match(wrong, /^AWS /);
    });

    it("takes the profile of the stack's configuration before the environment's credentials", async () => {
        const { token } = local.twin.file;
        const credentials = path.join(folder, "credentials");
        fs.writeFileSync(credentials, `[team]\naws_access_key_id = ${token}\naws_secret_access_key = ${token}\n`);
        const exported = checkpointOf(await connection.exportStack());
        const config = configOf({ "aws:region": "eu-central-1", "aws:profile": "team" });
        const { folder: other, remove: removeOther } = temporaryFolder();
        const { code, stderr } = await command(["models", "--stack", "dev"], {
            PATH: fakePulumi(other, { dev: { exported, config } }),
            AWS_SHARED_CREDENTIALS_FILE: credentials,
            AWS_ACCESS_KEY_ID: "AKIA0000000000000000",
        });
        removeOther();
        assert.equal(code, 0, stderr);
    });

    it("needs no more than what docs/runs.md lists", async () => {
        const { resources } = await connection.exportStack();
        const job = resources.find(({ type, name }) => type === "sortline:index:TrainingJob" && name === "training");
        const others = resources
            .filter(({ type }) => /^sortline:index:(Training|Tuning)Job$/.test(type))
            .map(({ outputs }) => `"arn:aws:s3:::${outputs.artifactBucket}/templates/*"`);
        const names: Record<string, string> = {
            BUCKET: String(job?.outputs.artifactBucket),
            PREFIX: String(job?.outputs.jobPrefix),
            GROUP: String(job?.outputs.modelPackageGroupName),
            ROLE: String(resources.find(({ name }) => name === "training-role")?.outputs.arn),
            REGION: region,
            ACCOUNT: account,
        };
        const documented = fs.readFileSync(path.join(root, "docs", "runs.md"), "utf8");
        const [, policy = ""] = /```json\n(\{\s+"Version".+?)```/s.exec(documented) ?? [];
        const PolicyDocument = policy
            .replace(/"[^"]*OTHER[^"]*"/, others.join())
            .replace(/\b(BUCKET|PREFIX|GROUP|ROLE|REGION|ACCOUNT)\b/g, (name) => names[name] ?? name);
        const { iam } = local.twin.services;
        const trusted = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
        const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trusted] });
        const { Role } = await iam.operations.CreateRole({ RoleName: "person", AssumeRolePolicyDocument }, twinRoot);
        const key = iam.accessKey(Role.Arn);
        const allowed = { AWS_ACCESS_KEY_ID: key.accessKeyId, AWS_SECRET_ACCESS_KEY: key.secretAccessKey };
        const denied = await command(["models", "--stack", "dev"], allowed);
        assert.match(denied.stderr, /^AWS refuses: .*ListModelPackages.*\n.*docs\/runs\.md, "On AWS"/);
        await iam.operations.PutRolePolicy({ RoleName: "person", PolicyName: "runs", PolicyDocument }, twinRoot);
        const output = path.join(folder, "allowed");
        const trained = await command([...train, "--stack", "dev", "--json", "--output", output], allowed);
        assert.equal(trained.code, 0, trained.stderr);
        const { version, job: run } = jsonLines(trained.stdout)[0] ?? {};
        for (const args of [
            ["approve", String(version)],
            ["compare", String(version), "1"],
            ["logs", String(run)],
        ]) {
            const { code, stderr } = await command([...args, "--stack", "dev"], allowed);
            assert.equal(code, 0, stderr);
        }
    });

    it("refuses what only the twin has, and says what to do instead", async () => {
        const promoted = await command(["promote", "1", "--stack", "dev"]);
        assert.equal(promoted.code, 2);
        assert.match(promoted.stderr, /`promote` works on the twin only.*npx sortline approve MODEL --stack dev/);
        assert.match((await command(["up", "--stack", "dev"])).stderr, /pulumi up --stack dev/);
        assert.match((await command(["faults", "--stack", "dev"])).stderr, /^`faults` works on the twin only/);
        const both = await command(["models", "--stack", "dev", "--home", home]);
        assert.match(both.stderr, /--home says which twin is meant and --stack which stack/);
    });
});
