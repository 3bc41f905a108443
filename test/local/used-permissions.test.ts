import assert from "node:assert/strict";
import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { resourcesApart, type UsedPermission } from "../../local/aws/iam/used-permissions";
import { root } from "../../local/aws/service";
import { startTwinUnderTest, type TwinUnderTest } from "./twin-under-test";

const stream = "arn:aws:kinesis:eu-central-1:000000000000:stream/mail";
const roleArn = "arn:aws:iam::000000000000:role/worker";

describe("the permissions that roles use", () => {
    let running: TwinUnderTest;

    beforeEach(async () => {
        running = await startTwinUnderTest();
        const { kinesis, s3 } = running.twin.services;
        await kinesis.operations.CreateStream({ StreamName: "mail", ShardCount: 1 }, root);
        await s3.operations.CreateBucket({ Bucket: "mail" }, root);
    });
    afterEach(() => running.close());

    const worker = () =>
        running.clientOf("worker", [
            { Effect: "Allow", Action: ["s3:*", "kinesis:PutRecord"], Resource: ["arn:aws:s3:::mail/*", stream] },
        ]);
    const used = async () => (await running.control("permissions/used")).content as UsedPermission[];
    /** Without the times, of which only the form is known. */
    const counts = async () =>
        (await used()).map(({ lastUsed, ...counted }) => {
            assert.equal(new Date(lastUsed).toISOString(), lastUsed);
            return counted;
        });
    const uses = (action: string, resource: string, allowed: number, denied: number) => ({
        roleArn,
        action,
        resource,
        allowed,
        denied,
    });

    it("are counted by action and resource, allowed and denied, objects by their folder, and outlive a restart", async () => {
        assert.deepEqual(await used(), []);
        const options = await worker();
        const s3 = new S3Client({ ...options, forcePathStyle: true });
        const kinesis = new KinesisClient(options);
        const ssm = new SSMClient(options);
        for (const Key of ["in/2026/a", "in/2026/b", "in/2027/a", "top"]) {
            await s3.send(new PutObjectCommand({ Bucket: "mail", Key, Body: "x" }));
        }
        await s3.send(new GetObjectCommand({ Bucket: "mail", Key: "in/2026/a" }));
        await kinesis.send(new PutRecordCommand({ StreamName: "mail", PartitionKey: "1", Data: Buffer.from("x") }));
        for (const _ of [1, 2])
            await assert.rejects(ssm.send(new GetParameterCommand({ Name: "/key" })), /AccessDenied/);
        for (const client of [s3, kinesis, ssm]) client.destroy();
        const expected = [
            uses("kinesis:PutRecord", stream, 1, 0),
            uses("s3:GetObject", "arn:aws:s3:::mail/in/2026/*", 1, 0),
            uses("s3:PutObject", "arn:aws:s3:::mail/*", 1, 0),
            uses("s3:PutObject", "arn:aws:s3:::mail/in/2026/*", 2, 0),
            uses("s3:PutObject", "arn:aws:s3:::mail/in/2027/*", 1, 0),
            uses("ssm:GetParameter", "arn:aws:ssm:eu-central-1:000000000000:parameter/key", 0, 2),
        ];
        assert.deepEqual(await counts(), expected);
        running = await running.restart();
        assert.deepEqual(await counts(), expected);
    });

    it("are forgotten with their role", async () => {
        await worker();
        const { iam } = running.twin.services;
        iam.authorize({ kind: "role", roleArn }, "kinesis:PutRecord", stream);
        assert.equal((await used()).length, 1);
        await iam.operations.DeleteRolePolicy({ RoleName: "worker", PolicyName: "inline" }, root);
        await iam.operations.DeleteRole({ RoleName: "worker" }, root);
        assert.deepEqual(await used(), []);
        running = await running.restart();
        assert.deepEqual(await used(), []);
    });

    it("take no memory without end: what comes after many resources is counted together", async () => {
        await worker();
        const { iam } = running.twin.services;
        for (let number = 0; number < resourcesApart + 20; number++) {
            for (const resource of [`arn:aws:s3:::mail/in/${number}/a`, `${stream}-${number}`]) {
                assert.equal(
                    attempt(() => iam.authorize({ kind: "role", roleArn }, "s3:GetObject", resource)),
                    resource.includes(":s3:"),
                );
            }
        }
        const found = await counts();
        assert.ok(found.length <= resourcesApart + 2);
        const together = found.filter(
            ({ resource }) => resource === "arn:aws:s3:::mail/*" || resource.endsWith("stream/*"),
        );
        assert.equal(
            together.reduce((sum, { allowed }) => sum + allowed, 0),
            70,
        );
        assert.equal(
            together.reduce((sum, { denied }) => sum + denied, 0),
            70,
        );
    });

    it("count what a service does as the role, streams of a log group together", async () => {
        await worker();
        const { iam } = running.twin.services;
        const group = "arn:aws:logs:eu-central-1:000000000000:log-group:/aws/lambda/parse";
        for (const name of ["2026/11/26/[$LATEST]1", "2026/11/26/[$LATEST]2"]) {
            attempt(() => iam.authorize({ kind: "role", roleArn }, "logs:PutLogEvents", `${group}:log-stream:${name}`));
        }
        assert.deepEqual(await counts(), [uses("logs:PutLogEvents", `${group}:log-stream:*`, 0, 2)]);
    });

    it("are told to nobody without the token", async () => {
        assert.equal((await running.control("permissions/used", "TWIN")).status, 403);
    });
});

/** Did it succeed? */
function attempt(work: () => void): boolean {
    try {
        work();
        return true;
    } catch {
        return false;
    }
}
