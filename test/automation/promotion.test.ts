import assert from "node:assert/strict";
import { CommandError, exitCodes } from "../../automation/exit";
import { argumentsFor, findModel, type RegisteredModel } from "../../automation/registry/models";
import { pinOf } from "../../automation/registry/pin";
import { modelToPromote, promotable } from "../../automation/registry/promotion";
import { chosenRegistries, registriesOf } from "../../automation/registry/registries";
import type { StackExport } from "../../local/pulumi";

function model(version: number, changes: Partial<RegisteredModel> = {}): RegisteredModel {
    return {
        version,
        registry: undefined,
        decision: undefined,
        arn: `arn:aws:sagemaker:eu-central-1:000000000000:model-package/models/${version}`,
        approval: "Approved",
        note: undefined,
        artefact: `s3://artifacts/jobs/job-${version}/output/model.tar.gz`,
        evaluation: undefined,
        job: `job-${version}`,
        accuracy: 0.9,
        macroF1: 0.9,
        labels: 8,
        labelsDigest: "same",
        createdAt: new Date(version),
        live: false,
        ...changes,
    };
}

const refuses = (work: () => unknown, pattern: RegExp) =>
    assert.throws(work, (error: unknown) => {
        assert.ok(error instanceof CommandError);
        assert.equal(error.exitCode, exitCodes.badInput);
        assert.match(error.message, pattern);
        return true;
    });

describe("promotion without a name", () => {
    it("takes the newest approved model", () => {
        const models = [model(3, { approval: "PendingManualApproval" }), model(2), model(1, { live: true })];
        assert.equal(promotable(models, {}).version, 2);
    });

    it("passes over a newer model with other labels than the one in service", () => {
        const models = [model(3, { labelsDigest: "other" }), model(2), model(1, { live: true })];
        assert.equal(promotable(models, {}).version, 2);
    });

    it("refuses when only models with other labels are approved, and says how a person can", () => {
        const models = [model(2, { labelsDigest: "other" }), model(1, { live: true, approval: "Rejected" })];
        refuses(() => promotable(models, {}), /\(2\) have other labels .*\n?.*npx sortline promote MODEL/);
    });

    it("says what to do where none is approved or registered", () => {
        refuses(() => promotable([model(1, { approval: "PendingManualApproval" })], {}), /No model is approved/);
        refuses(() => promotable([], {}), /No model is registered yet: run npx sortline train/);
    });
});

describe("promotion by name", () => {
    it("takes a model that nobody has decided about, as the person who names it decides", () => {
        assert.equal(modelToPromote([model(1, { approval: "PendingManualApproval" })], "1", {}).version, 1);
    });

    it("refuses a rejected model, with the reason and what to do first", () => {
        const rejected = model(1, { approval: "Rejected", note: "worse on invoices" });
        refuses(
            () => modelToPromote([model(2), rejected], "1", {}),
            /^Model 1 was rejected: worse on invoices\n.*npx sortline approve 1 --reason TEXT$/,
        );
    });
});

describe("a model's name", () => {
    const models = [model(2), model(1)];

    it("is its version, its ARN, its training job or its artefact", () => {
        for (const name of [
            "1",
            "v1",
            models[1]?.arn ?? "",
            "job-1",
            "s3://artifacts/jobs/job-1/output/model.tar.gz",
        ]) {
            assert.equal(findModel(models, name).version, 1, name);
        }
    });

    it("that nobody has is refused with what there is", () => {
        refuses(() => findModel(models, "7"), /no model "7"\. Registered: 2 \(job-2\), 1 \(job-1\)/);
    });
});

describe("models of several registries", () => {
    const models = [
        model(2, { registry: "models" }),
        model(1, { registry: "models" }),
        model(2, { registry: "quick", job: "quick-2", arn: "arn:quick/2", artefact: "s3://quick/2" }),
    ];

    it("are named by their jobs, and by a version that only one of them has", () => {
        assert.equal(findModel(models, "quick-2").registry, "quick");
        assert.equal(findModel(models, "1").registry, "models");
        assert.equal(argumentsFor(findModel(models, "quick-2")), "2 --registry quick");
        refuses(() => findModel(models, "2"), /2 of models \(job-2\) or 2 of quick \(quick-2\).*--registry NAME/);
    });

    it("are promoted without a name only within the registry of the one in service", () => {
        refuses(() => promotable(models, {}), /several registries \(models, quick\).*--registry NAME/);
        const served = models.map((each) => ({ ...each, live: each.job === "quick-2" }));
        assert.equal(promotable(served, {}).job, "quick-2");
    });
});

describe("the registries of a program", () => {
    const stack = (...registries: readonly [name: string, group: string][]) =>
        ({
            resources: registries.map(([name, group]) => ({
                type: "sortline:index:ModelRegistry",
                name,
                outputs: { modelPackageGroupName: group },
            })),
        }) as unknown as StackExport;

    it("are all that it has, each group once", () => {
        const found = registriesOf(stack(["models", "a"], ["quick", "b"], ["again", "a"]));
        assert.deepEqual(
            found.map(({ name }) => name),
            ["models", "quick"],
        );
        assert.deepEqual(
            chosenRegistries(found, "quick").map(({ group }) => group),
            ["b"],
        );
        refuses(() => chosenRegistries(found, "slow"), /no ModelRegistry "slow".*one of models, quick/);
    });
});

describe("a pin", () => {
    it("carries today's instance count only where there are instances", () => {
        assert.deepEqual(pinOf(model(1), undefined), { package: model(1).arn, artefact: model(1).artefact });
        assert.equal(pinOf(model(1), 0).instances, 0);
    });
});
