import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { homeFolder } from "../../automation/home";
import { promotionCommands, sortlineCommand } from "../../automation/next-command";
import type { RegisteredModel } from "../../automation/registry/models";

const model: RegisteredModel = {
    version: 3,
    registry: undefined,
    arn: "arn:aws:sagemaker:eu-central-1:123456789012:model-package/models/3",
    approval: "Approved",
    decision: undefined,
    note: undefined,
    artefact: "s3://bucket/jobs/run/output/model.tar.gz",
    evaluation: undefined,
    job: "run",
    accuracy: 1,
    macroF1: 1,
    labels: 2,
    labelsDigest: "",
    createdAt: new Date(0),
    live: false,
};

describe("the command that goes on with the same pipeline", () => {
    it("names the twin's home where it is not the one that commands take by themselves", () => {
        const home = "/tmp/it's here";
        const typed = sortlineCommand({ home }, "train --follow job");
        assert.equal(typed, "npx sortline train --follow job --home '/tmp/it'\\''s here'");
        assert.equal(promotionCommands({ home: "/tmp/a" }, model), "npx sortline promote 3 --home /tmp/a");
        assert.equal(sortlineCommand({ home: homeFolder(undefined) }, "models"), "npx sortline models");
    });

    it("names a stack instead, which has no home", () => {
        const place = { home: "/tmp/a", stack: "dev" };
        assert.equal(sortlineCommand(place, "models"), "npx sortline models --stack dev");
    });
});

describe("the command that brings a model into service on a stack", () => {
    /** The words that a shell makes of the line that begins with `pulumi config`. */
    const words = (given: RegisteredModel) => {
        const [line = ""] = promotionCommands({ stack: "dev" }, given)
            .split("\n")
            .filter((each) => each.includes("pulumi config"));
        const [command, rest = ""] = line.split("set-all");
        assert.equal(command?.trim(), "pulumi config");
        return execFileSync("sh", ["-c", `printf '%s\\n' ${rest}`], { encoding: "utf8" })
            .split("\n")
            .slice(0, -1);
    };

    it("is plain where names are", () => {
        assert.match(promotionCommands({ stack: "dev" }, model), / --plaintext sortline:model\.artefact=s3:\S+gz\n/);
    });

    it("runs nothing of what another account's registry says, and hands it on as it is", () => {
        for (const folder of ["$(echo run)", "`echo run`", "a b", "it's", 'a"b', ";echo run", "a&b|c>d", "#1"]) {
            const artefact = `s3://bucket/${folder}/model.tar.gz`;
            assert.deepEqual(words({ ...model, artefact }), [
                "--stack",
                "dev",
                "--path",
                "--plaintext",
                `sortline:model.package=${model.arn}`,
                "--plaintext",
                `sortline:model.artefact=${artefact}`,
            ]);
        }
    });

    it("names a registry of the program in one word", () => {
        const commands = promotionCommands({ stack: undefined }, { ...model, registry: "my models" });
        assert.equal(commands, "npx sortline promote 3 --registry 'my models'");
    });
});
