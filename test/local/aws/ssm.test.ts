import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import {
    AddTagsToResourceCommand,
    DeleteParameterCommand,
    DeleteParametersCommand,
    GetParameterCommand,
    GetParametersByPathCommand,
    GetParametersCommand,
    ListTagsForResourceCommand,
    PutParameterCommand,
    type PutParameterCommandInput,
    RemoveTagsFromResourceCommand,
    SSMClient,
} from "@aws-sdk/client-ssm";
import { createSsm, type Ssm } from "../../../local/aws/ssm";
import { type ServiceUnderTest, startService } from "./service-under-test";

const arnOf = (path: string) => `arn:aws:ssm:eu-central-1:000000000000:parameter/${path}`;

describe("Parameter Store of the twin", () => {
    let twin: ServiceUnderTest<Ssm>;
    let client: SSMClient;

    beforeEach(async () => {
        twin = await startService(createSsm);
        client = new SSMClient(twin.client);
    });

    afterEach(async () => {
        client.destroy();
        await twin.stop();
    });

    const put = (Name: string, Value: string, more: Partial<PutParameterCommandInput> = {}) =>
        client.send(new PutParameterCommand({ Name, Value, Type: "String", ...more }));
    const get = async (Name: string, WithDecryption?: boolean, from = client) =>
        (await from.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter;

    it("gives a parameter back over a restart, by name and by ARN", async () => {
        assert.deepEqual((({ Version, Tier }) => [Version, Tier])(await put("/mail/threshold", "0.8")), [
            1,
            "Standard",
        ]);
        await put("limit", "5");
        twin = await twin.restart();
        client = new SSMClient(twin.client);
        const found = await get("/mail/threshold");
        assert.ok(found?.LastModifiedDate instanceof Date);
        assert.deepEqual(
            { ...found, LastModifiedDate: undefined },
            {
                Name: "/mail/threshold",
                Type: "String",
                Value: "0.8",
                Version: 1,
                ARN: arnOf("mail/threshold"),
                DataType: "text",
                LastModifiedDate: undefined,
            },
        );
        assert.equal((await get(arnOf("mail/threshold")))?.Value, "0.8");
        assert.deepEqual((({ Name, Value } = {}) => [Name, Value])(await get(arnOf("limit"))), ["limit", "5"]);
    });

    it("keeps the versions of a value, which only Overwrite may change", async () => {
        await put("name", "first");
        await assert.rejects(put("name", "second"), {
            name: "ParameterAlreadyExists",
            message:
                "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
        });
        assert.equal((await put("name", "second", { Overwrite: true, Type: undefined })).Version, 2);
        assert.deepEqual((({ Value, Version, Selector } = {}) => [Value, Version, Selector])(await get("name:1")), [
            "first",
            1,
            ":1",
        ]);
        assert.equal((await get("name"))?.Value, "second");
        await assert.rejects(get("name:3"), {
            name: "ParameterVersionNotFound",
            message: "Systems Manager could not find version 3 of name. Verify the version and try again.",
        });
        await assert.rejects(get("name:latest"), /labels/);
    });

    it("forgets the oldest of more than a hundred versions", async () => {
        for (let count = 1; count <= 101; count++) await put("name", `value ${count}`, { Overwrite: true });
        await assert.rejects(get("name:1"), { name: "ParameterVersionNotFound" });
        assert.equal((await get("name:2"))?.Value, "value 2");
    });

    it("gives a SecureString in clear only WithDecryption, and keeps it encrypted with a key for its owner only", async () => {
        const secret = "ein-sehr-geheimes-Passwort-4711";
        await put("password", secret, { Type: "SecureString" });
        assert.equal((await get("password", true))?.Value, secret);
        const sealed = (await get("password"))?.Value ?? "";
        assert.ok(sealed.length > secret.length && !Buffer.from(sealed, "base64").includes(secret));
        for (const name of readdirSync(twin.folder)) {
            assert.ok(!readFileSync(join(twin.folder, name)).includes(secret), `${name} holds the value`);
        }
        assert.equal(statSync(join(twin.folder, "secrets.key")).mode & 0o777, 0o600);
        twin = await twin.restart();
        client = new SSMClient(twin.client);
        assert.equal((await get("password", true))?.Value, secret);
    });

    it("gives up to ten at once, names what it does not have, and says how many are too many", async () => {
        await put("a", "1");
        await put("/b/c", "2", { Type: "SecureString" });
        const Names = ["/b/c", "missing", "a:1", "a:7"];
        const { Parameters = [], InvalidParameters } = await client.send(
            new GetParametersCommand({ Names, WithDecryption: true }),
        );
        assert.deepEqual(
            Parameters.map(({ Name, Value }) => [Name, Value]),
            [
                ["/b/c", "2"],
                ["a", "1"],
            ],
        );
        assert.deepEqual(InvalidParameters, ["missing", "a:7"]);
        const eleven = Array.from({ length: 11 }, (_, index) => `p${index}`);
        await assert.rejects(client.send(new GetParametersCommand({ Names: eleven })), {
            name: "ValidationException",
            message: `1 validation error detected: Value '[${eleven.join(", ")}]' at 'names' failed to satisfy constraint: Member must have length less than or equal to 10`,
        });
    });

    it("deletes one or many, and a parameter made again starts at version 1", async () => {
        await put("a", "1");
        await put("b", "1");
        await put("a", "2", { Overwrite: true });
        await client.send(new DeleteParameterCommand({ Name: "a" }));
        await assert.rejects(get("a"), { name: "ParameterNotFound" });
        await assert.rejects(client.send(new DeleteParameterCommand({ Name: "a" })), { name: "ParameterNotFound" });
        assert.equal((await put("a", "3")).Version, 1);
        const { DeletedParameters, InvalidParameters } = await client.send(
            new DeleteParametersCommand({ Names: ["a", "b", "c"] }),
        );
        assert.deepEqual([DeletedParameters, InvalidParameters], [["a", "b"], ["c"]]);
    });

    it("adds, removes and lists tags", async () => {
        await put("a", "1", { Tags: [{ Key: "stage", Value: "test" }] });
        const resource = { ResourceType: "Parameter", ResourceId: "a" } as const;
        await client.send(new AddTagsToResourceCommand({ ...resource, Tags: [{ Key: "team", Value: "mail" }] }));
        await client.send(new RemoveTagsFromResourceCommand({ ...resource, TagKeys: ["stage"] }));
        const { TagList } = await client.send(new ListTagsForResourceCommand(resource));
        assert.deepEqual(TagList, [{ Key: "team", Value: "mail" }]);
        await assert.rejects(client.send(new ListTagsForResourceCommand({ ...resource, ResourceId: "b" })), {
            name: "InvalidResourceId",
        });
    });

    const standardLimit = /^Standard tier parameters support a maximum parameter value of 4096 characters\. To create/;
    const refusals: [string, Partial<PutParameterCommandInput>, { name: string; message: RegExp | string }][] = [
        ["an empty value", { Value: "" }, { name: "ValidationException", message: /greater than or equal to 1/ }],
        ["no type", { Type: undefined }, { name: "ValidationException", message: /parameter type is required/ }],
        ["an unknown type", { Type: "Text" as "String" }, { name: "ValidationException", message: /enum value set/ }],
        [
            "a standard value of 4097 characters",
            { Value: "x".repeat(4097) },
            { name: "ValidationException", message: standardLimit },
        ],
        [
            "an advanced value of 8193 characters",
            { Value: "x".repeat(8193), Tier: "Intelligent-Tiering" },
            {
                name: "ValidationException",
                message: "Advanced tier parameters support a maximum parameter value of 8192 characters.",
            },
        ],
        ["a reserved name", { Name: "AWS-name" }, { name: "ValidationException", message: /can't be prefixed/ }],
        ["a path without its slash", { Name: "a/b" }, { name: "ValidationException", message: /fully qualified name/ }],
        ["a space in the name", { Name: "a b" }, { name: "ValidationException", message: /letters, numbers/ }],
        [
            "sixteen levels",
            { Name: "/a".repeat(16) },
            { name: "HierarchyLevelLimitExceededException", message: /at most 15 levels/ },
        ],
        [
            "a value that its pattern does not allow",
            { AllowedPattern: "\\d+" },
            { name: "ParameterPatternMismatchException", message: /allowedPattern: \\d\+/ },
        ],
        [
            "tags together with Overwrite",
            { Overwrite: true, Tags: [{ Key: "a", Value: "b" }] },
            { name: "ValidationException", message: /tags and overwrite can't be used together/ },
        ],
        ["a key for a String", { KeyId: "alias/own" }, { name: "ValidationException", message: /SecureString/ }],
        ["another parameter in its value", { Value: "{{ssm:a}}" }, { name: "ValidationException", message: /nest/ }],
        ["a policy", { Policies: "[{}]" }, { name: "NotImplemented", message: /Policies/ }],
        ["an image", { DataType: "aws:ec2:image" }, { name: "NotImplemented", message: /DataType aws:ec2:image/ }],
    ];
    for (const [what, input, error] of refusals) {
        it(`refuses ${what} without repeating the value`, async () => {
            await assert.rejects(put("name", "a-secret", input), (thrown: Error) => {
                assert.equal(thrown.name, error.name);
                if (typeof error.message === "string") assert.equal(thrown.message, error.message);
                else assert.match(thrown.message, error.message);
                assert.ok(!thrown.message.includes("a-secret"));
                return true;
            });
        });
    }

    it("takes 4096 characters as standard, more as advanced where asked, and never goes back", async () => {
        assert.equal((await put("a", "x".repeat(4096), { Tier: "Intelligent-Tiering" })).Tier, "Standard");
        assert.equal(
            (await put("a", "x".repeat(8192), { Tier: "Intelligent-Tiering", Overwrite: true })).Tier,
            "Advanced",
        );
        assert.equal((await put("a", "short", { Overwrite: true })).Tier, "Advanced");
        await assert.rejects(
            put("a", "short", { Overwrite: true, Tier: "Standard" }),
            /You can't downgrade a parameter/,
        );
    });

    it("lets a role read what its policy names, by the action of the call", async () => {
        await put("/mail/key", "1");
        await put("limit", "2");
        const reader = new SSMClient(
            await twin.clientOf(
                "reader",
                { Effect: "Allow", Action: "ssm:GetParameter", Resource: arnOf("mail/key") },
                { Effect: "Allow", Action: "ssm:GetParameters", Resource: arnOf("limit") },
            ),
        );
        assert.equal((await get("/mail/key", undefined, reader))?.Value, "1");
        const of = (...Names: string[]) => reader.send(new GetParametersCommand({ Names }));
        assert.equal((await of("limit")).Parameters?.[0]?.Value, "2");
        const refused = (action: string, resource: string) => ({
            name: "AccessDeniedException",
            message: `User: arn:aws:sts::000000000000:assumed-role/reader/session is not authorized to perform: ssm:${action} on resource: ${resource} because no identity-based policy allows the ssm:${action} action`,
        });
        await assert.rejects(get("limit", undefined, reader), refused("GetParameter", arnOf("limit")));
        await assert.rejects(of("limit", "/mail/key"), refused("GetParameters", arnOf("mail/key")));
        await assert.rejects(
            get("no/path", undefined, reader),
            refused("GetParameter", "arn:aws:ssm:eu-central-1:000000000000:*"),
        );
        reader.destroy();
    });

    it("asks for the use of a customer's key, by which a value is encrypted", async () => {
        const key = "arn:aws:kms:eu-central-1:000000000000:key/own";
        await put("secret", "1", { Type: "SecureString", KeyId: "own" });
        const grant = { Effect: "Allow", Action: ["ssm:GetParameter", "ssm:PutParameter"], Resource: "*" };
        const without = new SSMClient(await twin.clientOf("without", grant));
        await assert.rejects(get("secret", true, without), new RegExp(`kms:Decrypt on resource: ${key}`));
        assert.ok((await get("secret", false, without))?.Value);
        const again = { Name: "secret", Value: "2", Overwrite: true };
        await assert.rejects(without.send(new PutParameterCommand(again)), /kms:Encrypt/);
        await assert.rejects(
            without.send(new PutParameterCommand({ ...again, Tier: "Advanced" })),
            /kms:GenerateDataKey/,
        );
        const decrypt = (name: string) => ({
            Effect: "Allow",
            Action: "kms:Decrypt",
            Resource: key,
            Condition: {
                StringEquals: {
                    "kms:ViaService": "ssm.eu-central-1.amazonaws.com",
                    "kms:EncryptionContext:PARAMETER_ARN": arnOf(name),
                },
            },
        });
        const other = new SSMClient(await twin.clientOf("other", grant, decrypt("other")));
        await assert.rejects(get("secret", true, other), /kms:Decrypt/);
        const allowed = await twin.clientOf("allowed", grant, decrypt("secret"));
        const reader = new SSMClient(allowed);
        assert.equal((await get("secret", true, reader))?.Value, "1");
        for (const each of [without, other, reader]) each.destroy();
    });

    it("answers an operation that it lacks by its name", async () => {
        await assert.rejects(client.send(new GetParametersByPathCommand({ Path: "/" })), {
            name: "NotImplemented",
            message: "The local twin does not implement ssm GetParametersByPath.",
        });
    });
});
