import assert from "node:assert/strict";
import { createEvents, type Events } from "../../../local/aws/events";
import { type ApiModel, apiModel, violations } from "./api-model";
import { jsonCall } from "./json-call";
import { type ServiceUnderTest, startService } from "./service-under-test";

/** Members by which AWS offers what the twin has not: it says so instead of checking them. */
const unsupported =
    /^(KmsKeyIdentifier|LogConfig|EventSourceName|EndpointId|InvocationConnectivityParameters|Action|Principal|Condition|RoleArn|StatementId|AuthParameters\.ConnectivityParameters|Targets(\.\d+|\.member)*\.(RunCommand|Ecs|Batch|RedshiftData|SageMakerPipeline|AppSync)Parameters)(\.|$)/;

/** Patterns that the twin says in another way, since AWS's own take forever on hostile values. */
const rewritten = /^AuthParameters\.|^InvocationEndpoint$|\.HttpParameters\./;

describe("EventBridge of the twin, by AWS's model of its API", function () {
    // The first run makes a Python environment.
    this.timeout(600_000);
    let twin: ServiceUnderTest<Events>;
    let model: ApiModel;

    before(async () => {
        model = await apiModel("events");
        twin = await startService(createEvents);
    });
    after(() => twin?.stop());

    const call = (operation: string, body: unknown) =>
        jsonCall(twin.client, { signingName: "events", target: `AWSEvents.${operation}` }, body);

    it("keeps each documented minimum, maximum, pattern, set of values and required member", async () => {
        const problems: string[] = [];
        let checked = 0;
        for (const operation of Object.keys(twin.service.operations)) {
            for (const { member, input, constraint } of violations(model, operation)) {
                if (unsupported.test(member)) continue;
                if (rewritten.test(member) && constraint.includes("pattern")) continue;
                // Which every line of text fits.
                if (constraint.endsWith("pattern: .*")) continue;
                const { code, message } = await call(operation, input);
                checked++;
                if (code === "ValidationException" && message.includes(constraint)) continue;
                problems.push(`${operation} ${member}: ${constraint}: ${code} ${message.slice(0, 160)}`);
            }
        }
        assert.deepEqual(problems, []);
        assert.ok(checked > 200, String(checked));
    });

    it("says of each operation that it lacks that it is not implemented", async () => {
        const lacking = Object.keys(model.operations).filter((name) => !(name in twin.service.operations));
        assert.ok(lacking.includes("CreateArchive"));
        for (const operation of lacking) assert.equal((await call(operation, {})).code, "NotImplemented", operation);
    });

    it("answers a value that would take AWS's own pattern forever at once", async () => {
        const ApiKeyValue = `${"a ".repeat(250)}\u0001`;
        const { code } = await call("CreateConnection", {
            Name: "slow",
            AuthorizationType: "API_KEY",
            AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: "k", ApiKeyValue } },
        });
        assert.equal(code, "ValidationException");
    });
});
