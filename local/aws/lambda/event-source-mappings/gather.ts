import { type EventItem, eventItem, fitting, roomBeside } from "./event";
import type { LaneParts } from "./lane";
import { readLane } from "./shard-reader";
import { windowAt } from "./tumbling-window";

/** A batch to hand over, or, when there is none, how far the lane has looked in vain. */
export interface Gathered {
    readonly items: readonly EventItem[];
    readonly seen: string | undefined;
    /** The shard is closed, and nothing comes after this. */
    readonly ended: boolean;
}

/**
 * Reads the next batch as the function's role. Where there is a record but no full batch, waits as long as the mapping's
 * window says.
 * @throws AwsError when the role may not read, or the stream or the function is gone.
 */
export async function gather({ mapping, at, dependencies, sleeper, progress, because }: LaneParts): Promise<Gathered> {
    const { iam, clock, services } = dependencies.context;
    const { functions } = dependencies;
    const { batchSize, batchingWindow, tumblingWindow } = mapping.settings;
    const { streamArn } = mapping;
    const of = functions.get(mapping.functionName);
    const roleArn = of.settings.Role;
    for (const action of ["kinesis:GetShardIterator", "kinesis:GetRecords"]) {
        iam.authorize({ kind: "role", roleArn, sessionName: of.name }, action, streamArn);
    }
    const items: EventItem[] = [];
    const deadline = clock.now() + batchingWindow * 1000;
    let seen: string | undefined;
    for (;;) {
        sleeper.rearm();
        const limits = { records: batchSize - items.length, bytes: roomBeside(items) };
        const found = readLane(services().kinesis, mapping, at, seen ?? progress.done, limits);
        seen = found.seen ?? seen;
        for (const record of found.records) items.push(eventItem(record, { streamArn, shardId: at.shardId, roleArn }));
        const fit = fitting(items);
        const [first] = items;
        // A batch has the records of one tumbling window: with its end, nothing more can come.
        const end =
            first === undefined || tumblingWindow === 0 ? deadline : windowAt(first.arrival, tumblingWindow).end;
        const left = Math.min(deadline, end) - clock.now();
        const complete = found.full || fit.length < items.length || left <= 0 || found.ended;
        if (items.length === 0 || complete || sleeper.stopped) return { items: fit, seen, ended: found.ended };
        const until = new Date(clock.now() + left).toISOString();
        because(`it waits for a full batch until ${until} by the twin's clock (a stage's \`batch.seconds\`)`);
        await sleeper.untilWoken(left);
        because(undefined);
    }
}
