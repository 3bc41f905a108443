import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CloudWatch } from "../../../local/aws/cloudwatch";
import { developmentPython } from "../../python";
import { type ServiceUnderTest, startService } from "./service-under-test";

describe("CloudWatch of the twin, for boto3", function () {
    // The first run makes a Python environment.
    this.timeout(600_000);
    let python: string;
    let twin: ServiceUnderTest<CloudWatch>;
    before(async () => {
        python = await developmentPython();
        const services = { events: { emit: () => "" } };
        twin = await startService((context) => context.services().cloudwatch, { services });
    });
    after(() => twin?.stop());

    it("takes metrics and alarms, gives statistics and history, and names errors", async () => {
        const { endpoint, credentials } = twin.client;
        const script = join(__dirname, "cloudwatch_client.py");
        const { stdout } = await promisify(execFile)(python, [script, endpoint, credentials.accessKeyId]);
        assert.deepEqual(JSON.parse(stdout), {
            read: [{ Sum: 6, SampleCount: 3, ExtendedStatistics: { p90: 3 }, Unit: "None" }],
            alarm: ["ALARM", "tried", 2],
            fresh: true,
            history: ["StateUpdate", "ConfigurationUpdate"],
            missing: "ResourceNotFound",
            refused: "InvalidParameterValue",
        });
    });
});
