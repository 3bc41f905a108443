import assert from "node:assert/strict";
import { tuningShapes } from "../../../local/aws/sagemaker/tuning";
import { type ApiModel, apiModel, violations } from "./api-model";
import { jsonCall } from "./json-call";
import { type SageMakerUnderTest, startSageMaker } from "./sagemaker-under-test";

/** Members by which AWS offers what the twin has not: it says so instead of checking them. */
const unsupported =
    /(^|\.)(TrainingJobDefinitions|Autotune|AutoParameters|AlgorithmName|FileSystemDataSource|DatasetSource|HyperParameterTuningResourceConfig|InstanceGroups|InstancePreferences|AttributeNames|InstanceGroupNames|ModelAccessConfig|HubAccessConfig|TrainingPlanArn|InstancePlacementConfig|SelectedInstanceCount)(\.|$)/;

/** The list of AWS's instance types changes from month to month, and the machine is the same whatever is asked for. */
const instanceTypes = /InstanceType$/;

describe("tuning jobs of the twin, by AWS's model of its API", function () {
    // The first run makes a Python environment.
    this.timeout(600_000);
    let twin: SageMakerUnderTest;
    let model: ApiModel;

    before(async () => {
        model = await apiModel("sagemaker");
        twin = await startSageMaker();
    });
    after(() => twin?.stop());

    it("keep each documented minimum, maximum, pattern, set of values and required member", async () => {
        const problems: string[] = [];
        let checked = 0;
        for (const operation of Object.keys(tuningShapes)) {
            for (const { member, input, constraint } of violations(model, operation)) {
                if (unsupported.test(member) || instanceTypes.test(member)) continue;
                // Which every text, or every line of it, fits.
                if (/pattern: (\.\*|\.\+|\[\\S\\s\]\*)$/.test(constraint)) continue;
                const target = `SageMaker.${operation}`;
                const { code, message } = await jsonCall(twin.twin.client, { signingName: "sagemaker", target }, input);
                checked++;
                if (code === "ValidationException" && message.includes(constraint)) continue;
                problems.push(`${operation} ${member}: ${constraint}: ${code} ${message.slice(0, 160)}`);
            }
        }
        assert.deepEqual(problems, []);
        assert.ok(checked > 100, String(checked));
    });
});
