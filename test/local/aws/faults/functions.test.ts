import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { readFaultPlan } from "../../../../local/aws/faults";
import { root } from "../../../../local/aws/service";
import {
    bundle,
    createRole,
    type LambdaTwin,
    logsGrant,
    startLambdaTwin,
    temporaryFolder,
    until,
} from "../lambda-twin";

describe("faults of functions", () => {
    const home = temporaryFolder();
    let twin: LambdaTwin;
    let role: string;

    before(async () => {
        twin = await startLambdaTwin(home.folder);
        role = await createRole(twin, "plain", [
            logsGrant,
            {
                Effect: "Allow",
                Action: [
                    "kinesis:GetRecords",
                    "kinesis:GetShardIterator",
                    "kinesis:DescribeStream",
                    "kinesis:ListShards",
                ],
                Resource: "*",
            },
        ]);
    });
    afterEach(() => twin.faults.use(undefined));
    after(async () => {
        await twin.close();
        home.remove();
    });

    const create = (name: string, body: string) =>
        twin.lambda.operations.CreateFunction(
            {
                FunctionName: name,
                Role: role,
                Runtime: "nodejs22.x",
                Handler: "index.handler",
                Code: { folder: bundle(home.folder, body) },
            },
            root,
        );
    const leavesMark = (file: string) => `import { writeFileSync } from "node:fs";
        export const handler = async () => { writeFileSync(${JSON.stringify(file)}, ""); return process.pid; };`;
    const inject = (...rules: object[]) => twin.faults.use(readFaultPlan({ seed: 7, rules }, new Map()));

    async function invoke(FunctionName: string) {
        const { FunctionError, Payload, LogResult } = await twin.client.send(
            new InvokeCommand({ FunctionName, LogType: "Tail" }),
        );
        return {
            failed: FunctionError,
            result: JSON.parse(Buffer.from(Payload ?? []).toString()) as { errorType?: string; errorMessage?: string },
            log: Buffer.from(LogResult ?? "", "base64").toString(),
        };
    }

    for (const [when, ran] of [
        ["before", false],
        ["after", true],
    ] as const) {
        it(`crash ${when} the handler runs, as a process that was killed; the log says that it was on demand`, async () => {
            const name = `crash-${when}`;
            const mark = join(home.folder, name);
            await create(name, leavesMark(mark));
            // In a fresh environment, and in a warm one.
            inject({ function: name, fault: "crash", when, calls: [1, 3] });
            for (const _ of [1, 2]) {
                const { failed, result, log } = await invoke(name);
                assert.equal(failed, "Unhandled");
                assert.equal(result.errorType, "Runtime.ExitError");
                assert.match(String(result.errorMessage), /Runtime exited with error: signal: killed$/);
                assert.match(log, /^Injected on demand: crash \(rule 1, call [13]\)$/m);
                assert.match(log, /^REPORT /m);
                if (_ === 1) assert.equal(existsSync(mark), ran);
                if (_ === 1) assert.equal((await invoke(name)).failed, undefined);
            }
        });
    }

    it("do not lose or reorder what comes from a stream", async () => {
        const { kinesis } = twin.services;
        await kinesis.operations.CreateStream({ StreamName: "records", ShardCount: 1 }, root);
        const seen = join(home.folder, "seen");
        await create(
            "reader",
            `import { appendFileSync } from "node:fs";
            export const handler = async (event) => {
                for (const { kinesis } of event.Records) appendFileSync(${JSON.stringify(seen)}, kinesis.partitionKey + "\\n");
            };`,
        );
        inject(
            { function: "reader", fault: "crash", rate: 0.4 },
            { function: "reader", fault: "crash", when: "after", rate: 0.3 },
        );
        await twin.lambda.operations.CreateEventSourceMapping(
            {
                FunctionName: "reader",
                EventSourceArn: "arn:aws:kinesis:eu-central-1:000000000000:stream/records",
                StartingPosition: "TRIM_HORIZON",
                BatchSize: 2,
            },
            root,
        );
        const keys = Array.from({ length: 12 }, (_, index) => `${index}`);
        await kinesis.operations.PutRecords(
            { StreamName: "records", Records: keys.map((PartitionKey) => ({ PartitionKey, Data: Buffer.from("x") })) },
            root,
        );
        await until(() => twin.lambda.idle());
        const handled = readFileSync(seen, "utf8").trim().split("\n");
        assert.deepEqual([...new Set(handled)], keys);
        assert.ok(handled.length > keys.length, "a batch whose result was lost is handled again");
    });
});
