import assert from "node:assert/strict";
import { EventBridge } from "@aws-sdk/client-eventbridge";
import { createEvents, type Events } from "../../../local/aws/events";
import { schedule } from "../../../local/aws/events/schedule";
import { type ServiceUnderTest, startService } from "./service-under-test";

describe("a schedule of EventBridge", () => {
    const cases: [expression: string, after: string, next: string | undefined][] = [
        ["rate(1 minute)", "2026-01-01T00:00:30Z", "2026-01-01T00:01:00Z"],
        ["rate(5 minutes)", "2026-01-01T00:05:00Z", "2026-01-01T00:10:00Z"],
        ["rate(2 days)", "2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z"],
        ["cron(0 10 * * ? *)", "2026-01-01T10:00:00Z", "2026-01-02T10:00:00Z"],
        ["cron(15 12 * * ? *)", "2026-01-01T12:14:59Z", "2026-01-01T12:15:00Z"],
        ["cron(0 18 ? * MON-FRI *)", "2026-01-02T18:00:00Z", "2026-01-05T18:00:00Z"],
        ["cron(0 8 1 * ? *)", "2026-01-01T08:00:00Z", "2026-02-01T08:00:00Z"],
        ["cron(0/15 * * * ? *)", "2026-01-01T00:46:00Z", "2026-01-01T01:00:00Z"],
        ["cron(0/5 8-17 ? * MON-FRI *)", "2026-01-02T17:55:00Z", "2026-01-05T08:00:00Z"],
        ["cron(0 0 L * ? *)", "2026-02-01T00:00:00Z", "2026-02-28T00:00:00Z"],
        ["cron(0 0 15W * ? *)", "2026-02-01T00:00:00Z", "2026-02-16T00:00:00Z"],
        ["cron(0 0 1W * ? *)", "2026-08-01T00:00:00Z", "2026-08-03T00:00:00Z"],
        ["cron(0 9 ? * 2#1 *)", "2026-01-01T00:00:00Z", "2026-01-05T09:00:00Z"],
        ["cron(0 9 ? * 6L *)", "2026-01-01T00:00:00Z", "2026-01-30T09:00:00Z"],
        ["cron(0 9 29 2 ? *)", "2026-01-01T00:00:00Z", "2028-02-29T09:00:00Z"],
        ["cron(0 9 1 JAN,JUL ? 2027)", "2026-01-01T00:00:00Z", "2027-01-01T09:00:00Z"],
        ["cron(0 9 1 1 ? 2020)", "2026-01-01T00:00:00Z", undefined],
        ["cron(0 9 31 2 ? *)", "2026-01-01T00:00:00Z", undefined],
    ];
    for (const [expression, after, next] of cases) {
        it(`${expression} comes after ${after} at ${next ?? "no time"}`, () => {
            const since = Date.parse("2026-01-01T00:00:00Z");
            const found = schedule(expression).next(Date.parse(after), since);
            assert.equal(found, next === undefined ? undefined : Date.parse(next));
        });
    }

    it("is refused when EventBridge refuses it", () => {
        for (const expression of [
            "rate(1 minutes)",
            "rate(5 minute)",
            "rate(0 minutes)",
            "rate(1 week)",
            "rate(1.5 hours)",
            "cron(0 10 * * * *)",
            "cron(0 10 ? * ? *)",
            "cron(0 10 * * ?)",
            "cron(60 10 * * ? *)",
            "cron(0 24 * * ? *)",
            "cron(0 0 32 * ? *)",
            "cron(0 0 ? * 8 *)",
            "cron(0 0 ? * MOON *)",
            "cron(0 0 ? * 2#6 *)",
            "cron(5-1 0 * * ? *)",
            "every day",
        ]) {
            assert.throws(() => schedule(expression), {
                code: "ValidationException",
                message: "Parameter ScheduleExpression is not valid.",
            });
        }
    });
});

describe("Schedules of the twin's EventBridge", () => {
    const Arn = "arn:aws:lambda:eu-central-1:000000000000:function:nightly";
    const hour = 3_600_000;
    let twin: ServiceUnderTest<Events>;
    let client: EventBridge;
    let events: Record<string, unknown>[];

    const lambda = {
        enqueue(_: string, payload: string) {
            events.push(JSON.parse(payload));
            return true;
        },
    };

    beforeEach(async () => {
        events = [];
        twin = await startService(createEvents, { services: { lambda } });
        twin.service.start();
        client = new EventBridge(twin.client);
    });

    afterEach(async () => {
        client.destroy();
        await twin.stop();
    });

    async function put(ScheduleExpression: string): Promise<void> {
        await client.putRule({ Name: "nightly", ScheduleExpression });
        await client.putTargets({ Rule: "nightly", Targets: [{ Id: "1", Arn }] });
    }

    it("call the target each time that the clock comes to, with AWS's event", async () => {
        await put("rate(1 hour)");
        const started = twin.context.clock.now();
        twin.context.clock.advance(3 * hour);
        assert.equal(events.length, 3);
        const { id, time, ...event } = events[0] ?? {};
        assert.match(String(id), /^[0-9a-f-]{36}$/);
        const late = Date.parse(String(time)) - started;
        assert.ok(late > hour - 60_000 && late <= hour, `an hour after it was put, not ${late} ms`);
        assert.deepEqual(event, {
            version: "0",
            "detail-type": "Scheduled Event",
            source: "aws.events",
            account: "000000000000",
            region: "eu-central-1",
            resources: ["arn:aws:events:eu-central-1:000000000000:rule/nightly"],
            detail: {},
        });
    });

    it("go on after a restart, and end when the rule is disabled or removed", async () => {
        await put("cron(0 * * * ? *)");
        client.destroy();
        twin = await twin.restart();
        twin.service.start();
        client = new EventBridge(twin.client);
        twin.context.clock.advance(2 * hour);
        assert.equal(events.length, 2);
        await client.disableRule({ Name: "nightly" });
        twin.context.clock.advance(2 * hour);
        await client.enableRule({ Name: "nightly" });
        twin.context.clock.advance(hour);
        assert.equal(events.length, 3);
        await client.removeTargets({ Rule: "nightly", Ids: ["1"] });
        await client.deleteRule({ Name: "nightly" });
        twin.context.clock.advance(2 * hour);
        assert.equal(events.length, 3);
    });

    it("are for the default bus", async () => {
        await client.createEventBus({ Name: "orders" });
        const rule = { Name: "nightly", ScheduleExpression: "rate(1 day)", EventBusName: "orders" };
        await assert.rejects(client.putRule(rule), { message: /only on the default event bus/ });
    });
});
