import assert from "node:assert/strict";
import { ModelRegistry, RecordIndex, runTimeSide, WorkQueue } from "../../components";
import { type Deployment, mockDeployment, resolved, urnOf } from "./deployment";

describe("storage components", () => {
    let deployment: Deployment;
    before(async () => {
        deployment = await mockDeployment();
    });
    beforeEach(() => deployment.clear());

    it("an index is one table on demand, encrypted and recoverable", async () => {
        const index = new RecordIndex("index");
        assert.equal(await resolved(index.tableName), "index-table");
        await deployment.settled();
        assert.equal(deployment.resources.length, 2);
        assert.deepEqual(deployment.named("index-table").inputs, {
            billingMode: "PAY_PER_REQUEST",
            attributes: [{ name: "id", type: "S" }],
            hashKey: "id",
            pointInTimeRecovery: { enabled: true },
            serverSideEncryption: { enabled: true },
        });
        assert.match(
            await urnOf(index.nodes.table),
            /sortline:index:RecordIndex\$aws:dynamodb\/table:Table::index-table$/,
        );
        assert.deepEqual(Object.keys(index[runTimeSide].methods), ["put", "get"]);
    });

    it("a queue is one encrypted FIFO queue in high-throughput mode", async () => {
        const queue = new WorkQueue("sales", { retentionDays: 3, visibilitySeconds: 0 });
        assert.equal(await resolved(queue.queueName), "sales-queue");
        await deployment.settled();
        assert.equal(deployment.resources.length, 2);
        assert.deepEqual(deployment.named("sales-queue").inputs, {
            fifoQueue: true,
            deduplicationScope: "messageGroup",
            fifoThroughputLimit: "perMessageGroupId",
            sqsManagedSseEnabled: true,
            maxMessageSize: 1_048_576,
            messageRetentionSeconds: 259_200,
            visibilityTimeoutSeconds: 0,
        });
        assert.throws(
            () => new WorkQueue("sales", { retentionDays: 15, visibilitySeconds: 43_201 }),
            /retentionDays is 15; .* 1 to 14 days; visibilitySeconds is 43201; .* 0 to 43200 seconds/,
        );
    });

    it("a registry of a group that is there already makes none", async () => {
        const group = "arn:aws:sagemaker:eu-central-1:222222222222:model-package-group/shared";
        const registry = new ModelRegistry("models", { group });
        assert.equal(await resolved(registry.modelPackageGroupArn), group);
        assert.equal(registry.nodes.group, undefined);
        await deployment.settled();
        assert.deepEqual(deployment.counts(), { "sortline:index:ModelRegistry": 1 });
        assert.throws(
            () => new ModelRegistry("models", { group, transform: { group: { tags: {} } } }),
            /transform.group is given, and so is group/,
        );
    });

    it("a registry is one model package group that belongs to its stack", async () => {
        const registry = new ModelRegistry("models");
        assert.equal(await resolved(registry.modelPackageGroupName), "shop-dev-models");
        await deployment.settled();
        assert.equal(deployment.resources.length, 2);
    });
});
