import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { createKinesis, type Kinesis } from "../../../local/aws/kinesis";
import { developmentPython } from "../../python";
import { type ServiceUnderTest, startService } from "./service-under-test";

const shard = (number: number) => `shardId-${String(number).padStart(12, "0")}`;

describe("Kinesis of the twin, for boto3", function () {
    // The first run makes a Python environment.
    this.timeout(600_000);
    let python: string;
    let twin: ServiceUnderTest<Kinesis>;
    before(async () => {
        python = await developmentPython();
        twin = await startService(createKinesis);
    });
    after(() => twin?.stop());

    it("puts, reshards and reads to the end of a closed shard and on in its children", async () => {
        const { endpoint, credentials } = twin.client;
        const script = join(__dirname, "kinesis_client.py");
        const { stdout } = await promisify(execFile)(python, [script, endpoint, credentials.accessKeyId]);
        assert.deepEqual(JSON.parse(stdout), {
            failed: 0,
            whole: true,
            keys: Array.from({ length: 5 }, (_, n) => `ключ ${n}`),
            inOrder: true,
            children: [shard(1), shard(2)],
            later: ["later"],
            shards: [0, 1, 2].map(shard),
            ofCreation: 3,
            refused:
                "Shard shardId-000000000000 in stream mail under account 000000000000 has already been merged or split, and thus is not eligible for merging or splitting.",
        });
    });
});
