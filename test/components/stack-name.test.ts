import assert from "node:assert/strict";
import { stackName } from "../../components/stack-name";
import { mockDeployment } from "./deployment";

describe("a name that Pulumi does not choose", () => {
    const named = async (project: string, stack: string, maximum: number) => {
        await mockDeployment({ project, stack });
        return stackName("training", maximum);
    };

    it("says project, stack and component, in what SageMaker and SES take and keep as it is", async () => {
        assert.equal(await named("shop", "dev", 36), "shop-dev-training");
        assert.equal(await named("_My.Shop_", "Dev--1", 36), "my-shop-dev-1-training");
    });

    it("differs between stacks also where it has to be shortened", async () => {
        const long = "a-project-with-quite-a-long-name";
        const names = [
            await named(`${long}-1`, "dev", 36),
            await named(`${long}-2`, "dev", 36),
            await named(`${long}-1`, "live", 36),
        ];
        assert.equal(new Set(names).size, 3);
        for (const name of names) assert.match(name, /^a-project-[a-z0-9-]{0,17}[a-z0-9]-[0-9a-f]{8}$/);
    });

    it("has no two hyphens together where it is cut", async () => {
        for (const maximum of [20, 21, 22, 23, 24]) {
            const name = await named("one-two-three-four", "dev", maximum);
            assert.ok(name.length <= maximum);
            assert.doesNotMatch(name, /--|^-|-$/);
        }
    });
});
