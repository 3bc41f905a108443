import assert from "node:assert/strict";
import * as path from "node:path";
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type Local, startLocal } from "../../testing";
import type * as program from "../fixtures/programs/alarms";

describe("a stage's alarms, on the twin,", function () {
    this.timeout(120_000);
    let local: Local<typeof program>;
    let sqs: SQSClient;
    before(async () => {
        local = await startLocal<typeof program>({
            project: path.join(__dirname, "..", "fixtures", "programs", "alarms"),
        });
        sqs = new SQSClient(local.client);
    });
    after(async () => {
        sqs?.destroy();
        await local?.close();
    });

    const toldOf = new Map<string, string[]>();

    /** Every state that the topic's subscriber has been told of for an alarm, once they are so many. */
    async function statesOf(alarm: string, count: number): Promise<readonly string[]> {
        const QueueUrl = String(local.deployed.outputs.queueUrl);
        for (;;) {
            const states = toldOf.get(alarm) ?? [];
            if (states.length >= count) return states;
            const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
            for (const { Body = "{}", ReceiptHandle } of Messages) {
                const { AlarmName = "", NewStateValue = "" } = JSON.parse(Body) as Record<string, string>;
                const name = AlarmName.replace(/-[0-9a-f]{7}$/, "");
                toldOf.set(name, [...(toldOf.get(name) ?? []), NewStateValue]);
                await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
            }
        }
    }

    async function fail(fault: string, id: string): Promise<void> {
        await local.put("letters", { id, fault });
        await local.settle();
        local.clock.advance({ minutes: 1 });
    }

    for (const fault of ["rejected", "exhausted"]) {
        it(`go off for so many ${fault} records as they say, not for fewer, and are over in the end`, async () => {
            const alarm = `check-${fault}-alarm`;
            await fail(fault, "1");
            assert.deepEqual(await statesOf(alarm, 1), ["OK"]);
            await fail(fault, "2");
            assert.deepEqual(await statesOf(alarm, 2), ["OK", "ALARM"]);
            local.clock.advance({ minutes: 6 });
            assert.deepEqual(await statesOf(alarm, 3), ["OK", "ALARM", "OK"]);
        });
    }
});
