import assert from "node:assert/strict";
import { S3Client } from "@aws-sdk/client-s3";
import { s3Sources } from "../../../automation/dataset/s3-source";
import { storedDataSet } from "../../../automation/dataset/stored";
import { CommandError } from "../../../automation/exit";
import { type Answer, type AwsServer, awsServer } from "../../components/aws-server";

describe("what S3 refuses", () => {
    let server: AwsServer;
    let s3: S3Client;
    let answers: Record<string, Answer> = {};
    const address = { bucket: "records", key: "raw/" };
    const listing =
        "<ListBucketResult><Contents><Key>raw/a.csv</Key><Size>10</Size><ETag>&quot;1&quot;</ETag></Contents></ListBucketResult>";

    before(async () => {
        server = await awsServer(
            "http1",
            ({ operation, path }) => answers[path.includes("list-type") ? "list" : operation.slice(0, 4).trim()] ?? {},
        );
        const credentials = { accessKeyId: "test", secretAccessKey: "test" };
        s3 = new S3Client({
            endpoint: server.address,
            region: "eu-central-1",
            credentials,
            forcePathStyle: true,
            maxAttempts: 1,
        });
    });
    after(async () => {
        s3.destroy();
        await server.close();
    });

    const read = async () => {
        for (const source of await s3Sources(s3, address, "1"))
            for await (const chunk of source.open()) assert.ok(chunk);
    };
    const error = (status: number, code: string) => ({ status, body: `<Error><Code>${code}</Code></Error>` });

    for (const [told, given] of [
        [
            /^s3:\/\/records\/raw\/ cannot be read \(PermanentRedirect\): the bucket is in another region/,
            { list: error(301, "PermanentRedirect") },
        ],
        [
            /^s3:\/\/records\/raw\/ cannot be read \(AccessDenied\): access is denied/,
            { list: error(403, "AccessDenied") },
        ],
        [/there is no such bucket; look at the address/, { list: error(404, "NoSuchBucket") }],
        [/^s3:\/\/records\/raw\/a\.csv cannot be read \(\w+\): access is denied/, { HEAD: { status: 403, body: "" } }],
        [
            /^s3:\/\/records\/raw\/a\.csv .*changed while it was read; run the command again/,
            { GET: error(412, "PreconditionFailed") },
        ],
        [/it is archived \(Glacier\); restore it first/, { GET: error(403, "InvalidObjectState") }],
        [/it is not there/, { GET: error(404, "NoSuchKey") }],
    ] as const) {
        it(`is told with the address and what to do: ${told.source}`, async () => {
            answers = { list: { body: listing }, HEAD: { body: "" }, ...given };
            await assert.rejects(
                read(),
                (thrown: unknown) =>
                    thrown instanceof CommandError && thrown.exitCode === 2 && told.test(thrown.message),
            );
        });
    }

    it("is told of the manifest of a data set, too", async () => {
        answers = { GET: error(403, "AccessDenied") };
        await assert.rejects(
            storedDataSet(s3, address, "1", {}),
            /raw\/dataset\.json cannot be read .*access is denied/,
        );
    });
});
