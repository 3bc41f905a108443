import assert from "node:assert/strict";
import { AwsError } from "../../../local/aws/service";
import type { Services } from "../../../local/aws/services";
import { done, type Engine, startEngine, withOperation } from "./engine";

/** An endpoint that comes into service at the second look, fails, or goes back to where it was. */
function scriptedEndpoint(services: Services) {
    const script = {
        outcome: "serves" as "serves" | "fails" | "rolls back",
        exists: false,
        config: "",
        earlier: "",
        looks: 0,
    };
    const begin = (config: string | undefined) => {
        script.exists = true;
        script.looks = 0;
        script.earlier = script.config;
        script.config = config ?? "";
    };
    const scripted = withOperation(services, "sagemaker", {
        CreateEndpoint: async ({ EndpointConfigName }) => {
            begin(EndpointConfigName);
            return { EndpointArn: "arn" };
        },
        UpdateEndpoint: async ({ EndpointConfigName }) => {
            begin(EndpointConfigName);
            return { EndpointArn: "arn" };
        },
        DeleteEndpoint: async () => {
            script.exists = false;
            return {};
        },
        DescribeEndpoint: async ({ EndpointName }) => {
            if (!script.exists) throw new AwsError("ValidationException", `Could not find endpoint "${EndpointName}".`);
            const times = { CreationTime: new Date(0), LastModifiedTime: new Date(0) };
            const shape = { EndpointName, EndpointArn: "arn", ...times };
            if (script.looks++ === 0)
                return { ...shape, EndpointConfigName: script.earlier, EndpointStatus: "Updating" };
            if (script.outcome === "fails")
                return { ...shape, EndpointStatus: "Failed", FailureReason: "no such model" };
            const back = script.outcome === "rolls back";
            return { ...shape, EndpointConfigName: back ? script.earlier : script.config, EndpointStatus: "InService" };
        },
    });
    return { script, scripted };
}

describe("an endpoint", () => {
    let engine: Engine;
    beforeEach(async () => {
        engine = await startEngine();
    });
    afterEach(() => engine.close());

    it("is deployed once it is in service, and switched to a new configuration before the old one goes", async () => {
        const { script, scripted } = scriptedEndpoint(engine.services);
        await engine.deploy("endpoint", {}, scripted);
        const { outputs } = await engine.deploy("endpoint", { "endpoint:version": "2" }, scripted);
        assert.equal(script.config, outputs.configurationName);
        assert.deepEqual(done(engine.events), [
            "replace model",
            "replace configuration",
            "update endpoint",
            "delete configuration",
            "delete model",
        ]);
    });

    it("that does not come into service fails the deployment with SageMaker's reason, and is taken back", async () => {
        const { script, scripted } = scriptedEndpoint(engine.services);
        script.outcome = "fails";
        await assert.rejects(
            engine.deploy("endpoint", {}, scripted),
            /sagemaker\/endpoint:Endpoint "endpoint": could not be created: .*did not come into service: no such model/,
        );
        assert.equal(script.exists, false);
    });

    it("that SageMaker rolled back fails the update, and the next deployment tries again", async () => {
        const { script, scripted } = scriptedEndpoint(engine.services);
        await engine.deploy("endpoint", {}, scripted);
        script.outcome = "rolls back";
        await assert.rejects(
            engine.deploy("endpoint", { "endpoint:version": "2" }, scripted),
            /could not be updated: .*went back to the earlier configuration/,
        );
        script.config = script.earlier;
        script.outcome = "serves";
        const { outputs } = await engine.deploy("endpoint", { "endpoint:version": "2" }, scripted);
        assert.ok(done(engine.events).includes("update endpoint"));
        assert.equal(script.config, outputs.configurationName);
    });
});
