/**
 * Whether the twin keeps what it has acknowledged: it is killed with SIGKILL at 200 moments from a seed (`SORTLINE_SEED`,
 * by default 1), one in eight of them during its start, while a client in another process puts records and objects
 * and a pipeline passes the records on into an index that is idempotent by id.
 *
 * - `crash_lost`, `crash_duplicated`, `crash_reordered`: acknowledged records, objects and results that are missing or
 *   changed; results that were written with effect twice; records that come before an earlier one of their key.
 * - `crash_acknowledged`, `crash_acknowledged_per_s`: how much was acknowledged, and how fast while the twin was up.
 * - `crash_objects_small`, `crash_objects_large`: the acknowledged objects that are kept in a row, and in a file.
 * - `crash_repeated`: records that a stage wrote twice, which "at least once" allows.
 */
import { crash } from "./crash/run";
import { type Figures, figure } from "./harness/figures";
import { progress } from "./harness/progress";

export const summary = "what the twin has acknowledged, after 200 kills: nothing may be missing, twice or out of order";

const KILLS = 200;

export async function measure(): Promise<Figures> {
    const seed = process.env.SORTLINE_SEED ?? "1";
    const result = await crash({
        kills: KILLS,
        seed,
        onRound(round) {
            if (round % 20 === 0) progress(`Kill ${round + 1} to ${round + 20} of ${KILLS} (seed ${seed}) …`);
        },
    });
    return {
        crash_lost: figure(result.lost, "records"),
        crash_duplicated: figure(result.duplicated, "records"),
        crash_reordered: figure(result.reordered, "records"),
        crash_acknowledged: figure(result.acknowledged, "records"),
        crash_acknowledged_per_s: figure(result.acknowledgedPerSecond, "records/s"),
        crash_objects_small: figure(result.objects.small, "files"),
        crash_objects_large: figure(result.objects.large, "files"),
        crash_repeated: figure(result.repeated, "records"),
    };
}
