// Checked by the compiler alone: what has to be a type error is marked as such, and the mark is an error once it is not.
import { z } from "zod";
import {
    EventStream,
    instances,
    ModelRegistry,
    oneOf,
    type RecordFilter,
    range,
    serverless,
    TuningJob,
} from "../../components";

const Letter = z.object({ id: z.string(), text: z.string() });
const Answer = z.object({ id: z.string(), length: z.number() });

export function types(): void {
    const letters = new EventStream("letters", { schema: Letter, partitionBy: (letter) => letter.text });
    const answers = new EventStream("answers", { schema: Answer });

    letters.stage("one", { into: answers }, async ({ id, text }) => ({ id, length: text.length }));
    letters.stage("none-or-several", { into: answers }, async ({ id }) =>
        id === "" ? undefined : [{ id, length: 0 }],
    );
    letters.stage("end", {}, async ({ text }) => console.log(text.length));
    letters.batchStage("batch", { into: answers }, async (batch) => batch.map(({ id }) => ({ id, length: 0 })));

    // @ts-expect-error the result does not fit the stream
    letters.stage("misfit", { into: answers }, async ({ id }) => ({ id }));
    // @ts-expect-error records have no such field
    letters.stage("no-field", {}, async ({ subject }) => console.log(subject));
    // @ts-expect-error a batch handler answers for each record
    letters.batchStage("one-for-all", { into: answers }, async () => ({ id: "", length: 0 }));
    // @ts-expect-error the partition key is text
    new EventStream("keyed", { schema: Answer, partitionBy: ({ length }) => length });

    new EventStream("provisioned", { schema: Letter, capacity: "provisioned", shards: 4 });
    new EventStream("on-demand", { schema: Letter, capacity: "on-demand" });
    // @ts-expect-error Kinesis chooses the shards of a stream on demand
    new EventStream("both", { schema: Letter, capacity: "on-demand", shards: 4 });
    letters.stage("options", { startAt: "latest", logs: { retentionDays: 14 }, tracing: "active" }, async () => {});
    // @ts-expect-error CloudWatch keeps logs for certain numbers of days
    letters.stage("log", { logs: { retentionDays: 15 } }, async () => {});
    // @ts-expect-error a function is traced actively or passes on
    letters.stage("traced", { tracing: "on" }, async () => {});

    filters();
    windows();
    trainings();

    serverless({ memory: 2048, maxConcurrency: 10 });
    // @ts-expect-error serverless capacity comes in these sizes only
    serverless({ memory: 8192 });
    // @ts-expect-error serverless capacity has no instances
    serverless({ memory: 2048, type: "ml.m5.large" });
    // @ts-expect-error instances have no memory to choose
    instances({ type: "ml.m5.large", memory: 2048 });
}

function trainings(): void {
    const registry = new ModelRegistry("models", {
        policy: async ({ accuracy }, champion) =>
            champion === undefined || accuracy > champion.accuracy
                ? "approve"
                : { decision: "reject", reason: `less accurate than ${champion.model}` },
    });
    // @ts-expect-error a policy approves, rejects or leaves
    new ModelRegistry("hesitant", { policy: () => "perhaps" });
    // @ts-expect-error a decision has a reason
    new ModelRegistry("silent", { policy: () => ({ decision: "approve" }) });

    const common = { registry, algorithm: "bert", instances: { type: "ml.g6.xlarge" }, cleaning: "1" } as const;
    new TuningJob("search", { ...common, ranges: { epochs: range(1, 3), "batch-size": oneOf([8, 16]) }, jobs: 4 });
    // @ts-expect-error what is searched is a range
    new TuningJob("fixed", { ...common, ranges: { epochs: 3 }, jobs: 4 });
    // @ts-expect-error there are four strategies
    new TuningJob("guess", { ...common, strategy: "Evolutionary", ranges: { epochs: range(1, 3) }, jobs: 4 });
}

const Order = z.object({
    id: z.string(),
    kind: z.enum(["retail", "trade"]),
    amount: z.number().nullable(),
    note: z.string().optional(),
    paid: z.boolean(),
    tags: z.array(z.string()),
    lines: z.array(z.object({ article: z.string(), count: z.number() })),
    customer: z.object({ country: z.string().optional() }).optional(),
    payment: z.union([
        z.object({ by: z.literal("card"), last4: z.string() }),
        z.object({ by: z.literal("invoice"), days: z.number() }),
    ]),
    counts: z.record(z.string(), z.number()),
    extra: z.unknown(),
});

function filters(): void {
    const orders = new EventStream("orders", { schema: Order });
    const on = (filter: RecordFilter<z.infer<typeof Order>>) => orders.stage("filtered", { filter }, async () => {});

    on({ kind: ["retail", { "anything-but": "trade" }], amount: [null, { numeric: [">", 0, "<=", 10] }] });
    on({ note: [{ exists: false }, { prefix: "a" }, { suffix: "z" }, { "equals-ignore-case": "x" }], paid: [true] });
    on({ tags: ["urgent"], lines: { article: [{ "anything-but": ["a", "b"] }], count: [{ numeric: ["=", 1] }] } });
    on({ customer: { country: ["DE", { exists: true }] }, payment: { by: ["card"], days: [30], last4: ["1234"] } });
    on({ $or: [{ paid: [true] }, { customer: { $or: [{ country: ["DE"] }, { country: [{ exists: false }] }] } }] });
    on({ counts: { seen: [{ numeric: [">", 1] }] }, extra: { anything: { at: ["all", 1] } } });

    // @ts-expect-error no such field
    on({ sort: ["retail"] });
    // @ts-expect-error no such kind
    on({ kind: ["wholesale"] });
    // @ts-expect-error a field has a list of what it may be
    on({ kind: "retail" });
    // @ts-expect-error one rule at least
    on({ kind: [] });
    // @ts-expect-error a text has no numbers
    on({ note: [{ numeric: [">", 1] }] });
    // @ts-expect-error a number has no beginning
    on({ amount: [{ prefix: "1" }] });
    // @ts-expect-error a range goes up
    on({ amount: [{ numeric: ["<", 1, ">", 0] }] });
    // @ts-expect-error only a field that may be null is compared with it
    on({ note: [null] });
    // @ts-expect-error an object has fields of its own
    on({ customer: ["DE"] });
    // @ts-expect-error a list of objects has fields of theirs
    on({ lines: ["a"] });
    // @ts-expect-error no payment has such a field
    on({ payment: { iban: ["x"] } });
    // @ts-expect-error two alternatives at least
    on({ $or: [{ paid: [true] }] });
    // @ts-expect-error no such comparison
    on({ note: [{ contains: "x" }] });
    // @ts-expect-error the item's count is a number
    on({ lines: { count: ["1"] } });

    orders.batchStage("batch", { filter: { paid: [true] } }, async (batch) => batch.map(() => undefined));
    // @ts-expect-error no such field
    orders.stage("typo", { filter: { payed: [true] } }, async () => {});
    // @ts-expect-error no such field
    orders.stage("file", { filter: { payed: [true] } }, { entry: "./handler.ts" });
}

function windows(): void {
    const letters = new EventStream("letters", { schema: Letter });
    const answers = new EventStream("answers", { schema: Answer });
    const seconds = 60;
    const initial = { count: 0 };
    const add = (state: { count: number }, records: readonly unknown[]) => ({ count: state.count + records.length });

    letters.windowStage(
        "counted",
        {
            seconds,
            initial,
            into: answers,
            close: ({ count }, { id }) => (count > 0 ? { id, length: count } : undefined),
        },
        (state, records) => ({ count: state.count + records.map(({ text }) => text).length }),
    );
    letters.windowStage("set", { seconds, initial: [] as string[], close: async () => {} }, async (state, records) => [
        ...state,
        ...records.map(({ id }) => id),
    ]);
    letters.windowStage("file", { seconds, initial: 0, close: () => {} }, { entry: "./handler.ts" });

    // @ts-expect-error the state keeps its type
    letters.windowStage("other-state", { seconds, initial, close: () => {} }, () => 1);
    // @ts-expect-error a state comes back
    letters.windowStage("no-state", { seconds, initial, close: () => {} }, () => {});
    // @ts-expect-error what a window gives must fit the stream
    letters.windowStage("misfit", { seconds, initial, into: answers, close: ({ count }) => ({ count }) }, add);
    // @ts-expect-error there is no stream to write to
    letters.windowStage("nowhere", { seconds, initial, close: ({ count }) => ({ id: "", length: count }) }, add);
    // @ts-expect-error windows are built in order
    letters.windowStage("parallel", { seconds, initial, batch: { parallel: 2 }, close: () => {} }, add);
    // @ts-expect-error a window is closed
    letters.windowStage("open", { seconds, initial }, add);
    // @ts-expect-error records have no such field
    letters.windowStage("filtered", { seconds, initial, filter: { subject: ["x"] }, close: () => {} }, add);
}
