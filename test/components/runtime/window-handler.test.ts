import assert from "node:assert/strict";
import { RejectRecord } from "../../../components/runtime/reject-record";
import type { WindowEvent } from "../../../components/runtime/stream-window";
import type { WindowResponse } from "../../../components/runtime/window-handler";
import { context, raw, record, stageUnderTest } from "./stage-under-test";

const start = "2026-05-01T10:00:00Z";
const end = "2026-05-01T10:01:00Z";
const shardId = "shardId-000000000000";
const id = `upper/2026-05-01T10:00:00.000Z/${shardId}`;

/** An event as Lambda sends it to a function with a tumbling window. */
function event(Records: WindowEvent["Records"], more: Partial<WindowEvent> = {}): WindowEvent {
    const flags = { isFinalInvokeForWindow: false, isWindowTerminatedEarly: false };
    return { Records, window: { start, end }, state: {}, shardId, ...flags, ...more };
}

const last = (state: unknown, Records: WindowEvent["Records"] = []) =>
    event(Records, { state, isFinalInvokeForWindow: true });
const letter = (name: string, text: unknown = name) => record(name, { text });
/** What Lambda hands to the next call. */
const carried = (response: WindowResponse) => JSON.parse(JSON.stringify(response.state)) as unknown;

describe("a stage with windows", () => {
    const { answers, windowStage, put, setAside, printed, metrics } = stageUnderTest();
    const texts = (data: readonly unknown[]) => data.map((datum) => (datum as { text: string }).text);
    /** Joins the texts of a window. */
    const joining = {
        initial: [] as string[],
        fold: (state: unknown, data: readonly unknown[]) => [...(state as string[]), ...texts(data)],
        close: (state: unknown) => ({ text: (state as string[]).join(" ") }) as unknown,
    };

    it("takes batch after batch into the state, and writes what it gives when the window ends", async () => {
        const stage = windowStage(joining);
        const first = await stage(event([letter("a"), letter("b")]), context);
        assert.deepEqual(first, { state: { value: ["a", "b"], first: "seq-a" }, batchItemFailures: [] });
        const second = await stage(event([letter("c")], { state: carried(first) }), context);
        assert.deepEqual(put(), []);
        assert.deepEqual(await stage(last(carried(second)), context), { state: {}, batchItemFailures: [] });
        const [{ envelope, key } = { envelope: {}, key: "" }] = put();
        assert.deepEqual([envelope.id, key, envelope.data], [id, id, { text: "a b c" }]);
        assert.match(String(envelope.traceparent), /^00-[0-9a-f]{32}-/);
        assert.deepEqual(
            metrics.map(({ Records, Results }) => [Records, Results]),
            [
                [2, 0],
                [1, 0],
                [0, 1],
            ],
        );
    });

    it("takes the records of the last call in before it closes", async () => {
        await windowStage(joining)(last({ value: ["a"], first: "seq-a" }, [letter("b")]), context);
        assert.deepEqual(put()[0]?.envelope.data, { text: "a b" });
    });

    it("tells the handler of the window", async () => {
        const seen: unknown[] = [];
        const noted = (state: unknown, window: unknown) => {
            seen.push(window);
            return state;
        };
        const stage = windowStage({
            initial: 0,
            fold: (state, _, window) => noted(state, window),
            close: () => undefined,
        });
        await stage(event([letter("a")]), context);
        assert.deepEqual(seen, [{ id, start: new Date(start), end: new Date(end), shardId, terminatedEarly: false }]);
    });

    it("begins every window with the initial state, whatever a handler did to it", async () => {
        const initial = { count: 0 };
        const counting = (state: unknown, data: readonly unknown[]) => {
            (state as typeof initial).count += data.length;
            return state;
        };
        const stage = windowStage({ initial, fold: counting, close: () => undefined });
        for (const state of [{}, undefined, null]) {
            const response = await stage(event([letter("a")], { state }), context);
            assert.deepEqual(carried(response), { value: { count: 1 }, first: "seq-a" });
        }
    });

    it("gives several results ids by window and position, however often it closes", async () => {
        const stage = windowStage({ ...joining, close: (state) => (state as string[]).map((text) => ({ text })) });
        const state = { value: ["x", "y"], first: "seq-x" };
        await stage(last(state), context);
        await stage(last(state), context);
        assert.deepEqual(
            put().map(({ envelope }) => envelope.id),
            [`${id}/0`, `${id}/1`, `${id}/0`, `${id}/1`],
        );
    });

    it("keeps the parts of a window that Lambda ended early apart", async () => {
        const stage = windowStage(joining);
        const early = { isWindowTerminatedEarly: true, isFinalInvokeForWindow: true };
        const response = await stage(event([], { ...early, state: { value: ["a"], first: "seq-a" } }), context);
        assert.deepEqual(response.state, {});
        await stage(event([letter("b")], early), context);
        await stage(last({ value: ["c"], first: "seq-c" }), context);
        assert.deepEqual(
            put().map(({ envelope }) => envelope.id),
            [`${id}/seq-a`, `${id}/seq-b`, id],
        );
    });

    it("stops at an error, and keeps the state from before", async () => {
        const stage = windowStage({
            ...joining,
            fold: (state, data) => {
                (state as string[]).push("half done");
                if (texts(data).includes("b")) throw new Error("Text that must not be logged.");
                return state;
            },
        });
        const state = { value: ["0"], first: "seq-0" };
        const response = await stage(event([letter("a"), letter("b")], { state }), context);
        assert.deepEqual(response, { state, batchItemFailures: [{ itemIdentifier: "seq-a" }] });
        assert.doesNotMatch(printed.join(), /must not be logged/);
    });

    it("sets aside what cannot be read, and what a handler rejects, alone", async () => {
        const stage = windowStage({
            ...joining,
            fold: (state, data) => {
                if (texts(data).includes("bad")) throw new RejectRecord("It is bad.");
                return joining.fold(state, data);
            },
        });
        const records = ["a", "b", "bad", "c", "d"].map((name) => letter(name));
        const response = await stage(event([raw("noise", "{"), letter("number", 3), ...records]), context);
        assert.deepEqual(response, {
            state: { value: ["a", "b", "c", "d"], first: "seq-noise" },
            batchItemFailures: [],
        });
        assert.deepEqual(
            setAside().map(({ body }) => body.reason),
            ["The record is not JSON.", "The record does not fit the schema: /text must be string.", "It is bad."],
        );
        assert.equal(metrics[0]?.Rejected, 3);
    });

    it("sets aside the records for which the state has no room, and goes on with the others", async () => {
        const large = "x".repeat(600_000);
        const stage = windowStage(joining);
        const response = await stage(event([letter("1", large), letter("2", large), letter("3")]), context);
        assert.deepEqual(response.batchItemFailures, []);
        assert.deepEqual(carried(response), { value: [large, "3"], first: "seq-1" });
        assert.match(
            String(setAside()[0]?.body.reason),
            /With it the window's state would have 12\d{5} bytes of JSON; at most 1000000 are kept/,
        );
        assert.deepEqual(
            setAside().map(({ body }) => (body.record as { id: string }).id),
            ["2"],
        );
    });

    it("fails at a state that is no JSON, and says what it got", async () => {
        for (const [state, got] of [
            [undefined, "nothing"],
            [10n, "a bigint that is no JSON"],
        ]) {
            printed.length = 0;
            const response = await windowStage({ ...joining, fold: () => state })(event([letter("a")]), context);
            assert.equal(response.batchItemFailures.length, 1);
            assert.ok(printed.join().includes(`returns the new state: got ${got}`), printed.join());
        }
    });

    it("fails as a whole when the last call cannot succeed: no window is passed over", async () => {
        const state = { value: ["a"], first: "seq-a" };
        const secret = () => {
            throw new Error("Text that must not be logged.");
        };
        const again = { name: "WindowError", message: new RegExp(`the window ${id} .*tried again`) };
        await assert.rejects(windowStage({ ...joining, close: secret })(last(state), context), again);
        await assert.rejects(windowStage({ ...joining, fold: secret })(last(state, [letter("b")]), context), again);
        answers.put = () => ({ status: 400, body: { __type: "AccessDeniedException", message: "No." } });
        await assert.rejects(windowStage(joining)(last(state), context), again);
        assert.doesNotMatch(printed.join(), /must not be logged/);
    });

    it("sets a state aside of which nothing fitting can be made, once for all repetitions", async () => {
        const closers: [close: () => unknown, reason: RegExp][] = [
            [() => ({ text: 3 }), /does not fit the stream letters: \/text must be string/],
            [
                () => {
                    throw new RejectRecord("Nothing to say.");
                },
                /Nothing to say/,
            ],
        ];
        for (const [close, reason] of closers) {
            await windowStage({ ...joining, close })(last({ value: ["a"], first: "seq-a" }), context);
            const [kept, ...others] = setAside().map(({ body }) => body);
            assert.match(String(kept?.reason), reason);
            assert.deepEqual(kept?.record, {
                specversion: "1.0",
                id,
                source: "/test/upper",
                type: "upper.window",
                datacontenttype: "application/json",
                data: {
                    window: {
                        id,
                        start: "2026-05-01T10:00:00.000Z",
                        end: "2026-05-01T10:01:00.000Z",
                        shardId,
                        terminatedEarly: false,
                    },
                    state: ["a"],
                },
            });
            assert.deepEqual(others, []);
        }
        assert.deepEqual(put(), []);
    });

    it("applies the stage's filter", async () => {
        const stage = windowStage({ ...joining, filter: { text: [{ prefix: "a" }] } });
        const response = await stage(event([letter("a1"), letter("b"), letter("a2")]), context);
        assert.deepEqual(carried(response), { value: ["a1", "a2"], first: "seq-a1" });
    });

    it("says that it is called by its mapping only, where an event has no window", async () => {
        const { window: _, ...plain } = event([letter("a")]);
        await assert.rejects(
            windowStage(joining)(plain as WindowEvent, context),
            /The event has no window: the stage upper can be called by its event source mapping only/,
        );
    });
});
