import assert from "node:assert/strict";
import { CommandError, exitCodes } from "../../automation/exit";
import { pinOf } from "../../automation/pin";
import { promotable } from "../../automation/promotion";
import { findModel, type RegisteredModel } from "../../automation/registry";

function model(version: number, changes: Partial<RegisteredModel> = {}): RegisteredModel {
    return {
        version,
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
        assert.equal(promotable(models).version, 2);
    });

    it("passes over a newer model with other labels than the one in service", () => {
        const models = [model(3, { labelsDigest: "other" }), model(2), model(1, { live: true })];
        assert.equal(promotable(models).version, 2);
    });

    it("refuses when only models with other labels are approved, and says how a person can", () => {
        const models = [model(2, { labelsDigest: "other" }), model(1, { live: true, approval: "Rejected" })];
        refuses(() => promotable(models), /\(2\) have other labels .*\n?.*npx sortline promote MODEL/);
    });

    it("says what to do where none is approved or registered", () => {
        refuses(() => promotable([model(1, { approval: "PendingManualApproval" })]), /No model is approved/);
        refuses(() => promotable([]), /No model is registered yet: run npx sortline train/);
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

describe("a pin", () => {
    it("carries today's instance count only where there are instances", () => {
        assert.deepEqual(pinOf(model(1), undefined), { package: model(1).arn, artefact: model(1).artefact });
        assert.equal(pinOf(model(1), 0).instances, 0);
    });
});
