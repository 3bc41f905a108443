import assert from "node:assert/strict";
import { createKinesis, type Kinesis } from "../../../local/aws/kinesis";
import { type ApiModel, apiModel, violations } from "./api-model";
import { jsonCall } from "./json-call";
import { type ServiceUnderTest, startService } from "./service-under-test";

/** Members by which AWS offers what the twin has not: it says so instead of checking them. */
const unsupported = ["StreamId", "DryRun", "WarmThroughputMiBps"];

describe("Kinesis of the twin, by AWS's model of its API", function () {
    // The first run makes a Python environment.
    this.timeout(600_000);
    let twin: ServiceUnderTest<Kinesis>;
    let model: ApiModel;

    before(async () => {
        model = await apiModel("kinesis");
        twin = await startService(createKinesis);
    });
    after(() => twin?.stop());

    const call = (operation: string, body: unknown) =>
        jsonCall(twin.client, { signingName: "kinesis", target: `Kinesis_20131202.${operation}` }, body);

    it("keeps each documented minimum, maximum, pattern, set of values and required member", async () => {
        const problems: string[] = [];
        let checked = 0;
        for (const operation of Object.keys(twin.service.operations)) {
            assert.ok(model.operations[operation], operation);
            for (const { member, input, atBound, constraint } of violations(model, operation)) {
                const top = member.split(".")[0] ?? "";
                const { code, message } = await call(operation, input);
                const as = unsupported.includes(top)
                    ? code === "NotImplemented" && message.includes(`${operation} with ${top}`)
                    : code === "ValidationException" && message.includes(`${constraint}`) && names(message, member);
                checked++;
                if (atBound !== undefined && !unsupported.includes(top)) {
                    const { message: other } = await call(operation, atBound);
                    if (other.includes(constraint)) problems.push(`${operation} ${member}: ${constraint}: too strict`);
                }
                if (!as) problems.push(`${operation} ${member}: ${constraint}: ${code} ${message.slice(0, 200)}`);
            }
        }
        assert.deepEqual(problems, []);
        assert.ok(checked > 200, String(checked));
    });

    /** Does a message speak of a member, as AWS writes it, with each name's first letter small? */
    function names(message: string, member: string): boolean {
        const path = member.replace(/(^|\.)([A-Z])/g, (_, dot: string, letter: string) => dot + letter.toLowerCase());
        return message.includes(`at '${path}'`) || member.includes("key");
    }

    it("says of each operation that it lacks that it is not implemented", async () => {
        const lacking = Object.keys(model.operations).filter((name) => !(name in twin.service.operations));
        assert.ok(lacking.includes("SubscribeToShard"));
        for (const operation of lacking) {
            assert.deepEqual(await call(operation, {}), {
                code: "NotImplemented",
                message: `The local twin does not implement kinesis ${operation}.`,
            });
        }
    });

    it("refuses values of another type, and bodies that are none, with SerializationException", async () => {
        const bodies: readonly (readonly [string, unknown])[] = [
            ["PutRecords", { StreamName: "s", Records: "x" }],
            ["PutRecords", { StreamName: "s", Records: [null] }],
            ["PutRecords", { StreamName: "s", Records: [[]] }],
            ["PutRecords", { StreamName: "s", Records: [{ Data: 1, PartitionKey: "k" }] }],
            ["PutRecord", { StreamName: "s", Data: "eA==", PartitionKey: {} }],
            ["PutRecord", { StreamName: "s", Data: "no base64!", PartitionKey: "k" }],
            ["PutRecord", { StreamName: "s", Data: "eA", PartitionKey: "k" }],
            ["PutRecord", { StreamName: "s", Data: "e===", PartitionKey: "k" }],
            ["ListShards", { StreamName: "s", StreamCreationTimestamp: 1e300 }],
            ["CreateStream", { StreamName: "s", ShardCount: "1" }],
            ["CreateStream", { StreamName: "s", ShardCount: 1.5 }],
            ["CreateStream", { StreamName: "s", StreamModeDetails: [] }],
            [
                "GetShardIterator",
                { StreamName: "s", ShardId: "x", ShardIteratorType: "AT_TIMESTAMP", Timestamp: "now" },
            ],
            ["DeleteStream", { StreamName: "s", EnforceConsumerDeletion: "yes" }],
            ["AddTagsToStream", { StreamName: "s", Tags: ["a"] }],
            ["AddTagsToStream", { StreamName: "s", Tags: { a: 1 } }],
            ["PutRecord", "not JSON"],
            ["PutRecord", "[]"],
        ];
        for (const [operation, body] of bodies) {
            const { code, message } = await call(operation, body);
            assert.equal(code, "SerializationException", `${operation} ${JSON.stringify(body)}: ${code} ${message}`);
        }
    });

    it("takes a member that is null for one that was left out, and passes over those that it does not know", async () => {
        const { code, message } = await call("DescribeStream", { StreamName: "s", Limit: null, Later: { x: 1 } });
        assert.deepEqual(
            [code, message],
            ["ResourceNotFoundException", "Stream s under account 000000000000 not found."],
        );
    });

    it("repeats no partition key that it refuses", async () => {
        const { message } = await call("PutRecord", { StreamName: "s", Data: "", PartitionKey: "secret".repeat(50) });
        assert.match(message, /at 'partitionKey' .*less than or equal to 256/);
        assert.doesNotMatch(message, /secret/);
    });
});
