import assert from "node:assert/strict";
import { registryHost } from "../../components/sagemaker-registry";

describe("the registries of SageMaker's images", () => {
    it("are in one account in most regions and in others elsewhere", () => {
        assert.equal(registryHost("deep-learning", "us-east-1"), "763104351884.dkr.ecr.us-east-1.amazonaws.com");
        assert.equal(registryHost("deep-learning", "eu-south-1"), "692866216735.dkr.ecr.eu-south-1.amazonaws.com");
        assert.equal(registryHost("scikit-learn", "eu-central-1"), "492215442770.dkr.ecr.eu-central-1.amazonaws.com");
        assert.equal(registryHost("scikit-learn", "cn-north-1"), "450853457545.dkr.ecr.cn-north-1.amazonaws.com.cn");
    });

    it("are told where a region has none that is known", () => {
        for (const region of ["xx-north-9", "toString"]) {
            assert.throws(
                () => registryHost("scikit-learn", region),
                ({ message }: Error) =>
                    message.startsWith(`The region is ${region}, in which no registry`) &&
                    message.includes("eu-central-1"),
            );
        }
    });
});
