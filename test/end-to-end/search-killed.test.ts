import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import {
    DescribeHyperParameterTuningJobCommand,
    type HyperParameterTrainingJobSummary,
    paginateListTrainingJobsForHyperParameterTuningJob,
} from "@aws-sdk/client-sagemaker";
import { type Connection, withConnection } from "../../automation/connection";
import { until } from "../../automation/until";
import { labelled } from "../automation/labelled";
import { jsonLines, type Running, root, sortline, startSortline, temporaryFolder } from "./command";

describe("a twin that is killed in the middle of a search", function () {
    // The first search on a machine makes the Python environments.
    this.timeout(600_000);
    const { folder, remove } = temporaryFolder();
    const home = path.join(folder, "home");
    const cwd = path.join(root, "test", "fixtures", "programs", "retrained");
    let running: Running | undefined;

    after(async () => {
        await running?.kill();
        remove();
    });

    const trialsOf = async ({ clients }: Connection, HyperParameterTuningJobName: string) => {
        const trials: HyperParameterTrainingJobSummary[] = [];
        const pages = paginateListTrainingJobsForHyperParameterTuningJob(
            { client: clients.sagemaker },
            { HyperParameterTuningJobName },
        );
        for await (const { TrainingJobSummaries = [] } of pages) trials.push(...TrainingJobSummaries);
        return trials;
    };
    const isDone = ({ TrainingJobStatus }: HyperParameterTrainingJobSummary) => TrainingJobStatus === "Completed";
    /** What came of a training job, by its name. */
    const outcomes = (trials: readonly HyperParameterTrainingJobSummary[]) =>
        trials.map((each) => [
            each.TrainingJobName,
            each.TunedHyperParameters,
            each.FinalHyperParameterTuningJobObjectiveMetric?.Value,
        ]);

    it("goes on with it: what was done stays, what was lost is tried again, and as many trials come to an end", async () => {
        running = await startSortline({ home, cwd });
        const data = path.join(folder, "two.csv");
        fs.writeFileSync(data, labelled({ a: 30, b: 30 }));
        const args = ["train", "--name", "search", "--data", data, "--jobs", "6", "--parallel", "2", "--no-follow"];
        const started = await sortline([...args, "--json"], { home, cwd });
        assert.equal(started.code, 0, started.stderr);
        const job = String(jsonLines(started.stdout)[0]?.job);
        const before = await withConnection(home, (connection) =>
            until("two trials", async () => {
                const trials = await trialsOf(connection, job);
                return trials.filter(isDone).length >= 2 ? trials : undefined;
            }),
        );
        await running.kill();

        running = await startSortline({ home, cwd });
        await withConnection(home, async (connection) => {
            const described = await until("the end of the search", async () => {
                const answer = await connection.clients.sagemaker.send(
                    new DescribeHyperParameterTuningJobCommand({ HyperParameterTuningJobName: job }),
                );
                return answer.HyperParameterTuningJobStatus === "InProgress" ? undefined : answer;
            });
            assert.equal(described.HyperParameterTuningJobStatus, "Completed", described.FailureReason);
            const trials = await trialsOf(connection, job);
            const done = before.filter(isDone);
            assert.deepEqual(outcomes(trials.slice(0, done.length)), outcomes(done));
            assert.equal(trials.filter(isDone).length, 6);
            const lost = trials.filter((trial) => !isDone(trial));
            for (const { FailureReason = "", TunedHyperParameters } of lost) {
                assert.match(FailureReason, /^InternalServerError/);
                assert.ok(
                    trials.some(
                        (each) => isDone(each) && each.TunedHyperParameters?.depth === TunedHyperParameters?.depth,
                    ),
                );
            }
            assert.equal(described.TrainingJobStatusCounters?.RetryableError, lost.length);
        });
    });
});
