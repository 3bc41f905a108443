import assert from "node:assert/strict";
import {
    DeleteHyperParameterTuningJobCommand,
    DescribeHyperParameterTuningJobCommand,
    type HyperParameterTrainingJobSummary,
    ListHyperParameterTuningJobsCommand,
    ListTrainingJobsForHyperParameterTuningJobCommand,
    type ListTrainingJobsForHyperParameterTuningJobCommandInput,
    paginateListTrainingJobsForHyperParameterTuningJob,
    StopHyperParameterTuningJobCommand,
    StopTrainingJobCommand,
} from "@aws-sdk/client-sagemaker";
import { startTuning, startTuningTwin, trialsOf, tuned, tuningWhere } from "./sagemaker-tuning-under-test";
import { ended, jobWhere, type SageMakerUnderTest } from "./sagemaker-under-test";

describe("tuning jobs of the twin, in each of their states", function () {
    // The first one on a machine makes the Python environments.
    this.timeout(300_000);
    let twin: SageMakerUnderTest;

    before(async () => {
        twin = await startTuningTwin();
    });
    after(() => twin?.stop());

    const named = (HyperParameterTuningJobName: string) => ({ HyperParameterTuningJobName });
    const stop = (name: string) => twin.sagemaker.send(new StopHyperParameterTuningJobCommand(named(name)));
    const remove = (name: string) => twin.sagemaker.send(new DeleteHyperParameterTuningJobCommand(named(name)));

    const isBad = ({ TunedHyperParameters: its }: HyperParameterTrainingJobSummary) => its?.quality === "0.1";

    describe("one with twelve training jobs, of which one fails", () => {
        const name = "twelve";
        const list = (more: Partial<ListTrainingJobsForHyperParameterTuningJobCommandInput> = {}) =>
            twin.sagemaker.send(new ListTrainingJobsForHyperParameterTuningJobCommand({ ...named(name), ...more }));

        before(async () => {
            const Values = Array.from({ length: 12 }, (_, at) => String((at + 1) / 20));
            await startTuning(twin, name, {
                strategy: "Grid",
                jobs: 12,
                parallel: 4,
                ranges: { CategoricalParameterRanges: [{ Name: "quality", Values }] },
                statics: { "fail-above": "0.58" },
            });
            await tuned(twin, name);
        });

        it("is listed ten at a time, unless asked otherwise", async () => {
            const first = await list();
            assert.equal(first.TrainingJobSummaries?.length, 10);
            assert.equal((await list({ NextToken: first.NextToken })).TrainingJobSummaries?.length, 2);
            const seen: (string | undefined)[] = [];
            const pages = paginateListTrainingJobsForHyperParameterTuningJob(
                { client: twin.sagemaker, pageSize: 5 },
                { ...named(name), SortOrder: "Descending" },
            );
            for await (const page of pages) {
                seen.push(...(page.TrainingJobSummaries ?? []).map(({ TrainingJobName }) => TrainingJobName));
            }
            const names = (await trialsOf(twin, name)).map(({ TrainingJobName }) => TrainingJobName);
            assert.deepEqual(seen, names.reverse());
        });

        it("is listed by status, time of creation and objective, and without those that have none", async () => {
            const failed = (await list({ StatusEquals: "Failed" })).TrainingJobSummaries ?? [];
            assert.deepEqual(
                failed.map((each) => [
                    each.TrainingJobStatus,
                    each.ObjectiveStatus,
                    each.TunedHyperParameters?.quality,
                ]),
                [["Failed", "Failed", "0.6"]],
            );
            assert.match(failed[0]?.FailureReason ?? "", /^AlgorithmError/);
            const best = await list({ SortBy: "FinalObjectiveMetricValue", SortOrder: "Descending", MaxResults: 100 });
            assert.deepEqual(
                best.TrainingJobSummaries?.map((each) => each.FinalHyperParameterTuningJobObjectiveMetric?.Value),
                Array.from({ length: 11 }, (_, at) => (11 - at) / 20),
            );
            const newest = await list({ SortBy: "CreationTime", SortOrder: "Descending", MaxResults: 1 });
            assert.match(newest.TrainingJobSummaries?.[0]?.TrainingJobName ?? "", /^twelve-012-/);
            const byStatus = await list({ SortBy: "Status", SortOrder: "Descending", MaxResults: 1 });
            assert.equal(byStatus.TrainingJobSummaries?.[0]?.TrainingJobStatus, "Failed");
        });

        it("has told of its use and its best", async () => {
            const job = await twin.sagemaker.send(new DescribeHyperParameterTuningJobCommand(named(name)));
            assert.equal(job.BestTrainingJob?.TunedHyperParameters?.quality, "0.55");
            assert.ok((job.ConsumedResources?.RuntimeInSeconds ?? -1) >= 0);
            assert.equal(job.TrainingJobStatusCounters?.NonRetryableError, 1);
            assert.deepEqual(job.ObjectiveStatusCounters, { Succeeded: 11, Pending: 0, Failed: 1 });
        });
    });

    it("one that goes on cannot be deleted; stopping is taken twice, and not any more once it has ended", async () => {
        await startTuning(twin, "going-on", { statics: { behaviour: '"wait"' } });
        await tuningWhere(twin, "going-on", ({ TrainingJobStatusCounters: its }) => its?.InProgress === 2);
        await assert.rejects(remove("going-on"), { name: "ValidationException", message: /in status InProgress/ });
        await stop("going-on");
        await stop("going-on");
        assert.equal((await tuned(twin, "going-on")).HyperParameterTuningJobStatus, "Stopped");
        await assert.rejects(stop("going-on"), { name: "ValidationException", message: /in status Stopped/ });
    });

    it("one that has not begun to train stops at once", async () => {
        await startTuning(twin, "at-once");
        await stop("at-once");
        const job = await tuned(twin, "at-once");
        assert.equal(job.HyperParameterTuningJobStatus, "Stopped");
        assert.deepEqual(await trialsOf(twin, "at-once"), []);
        assert.equal(job.BestTrainingJob, undefined);
    });

    it("one whose training jobs are stopped by hand counts them and goes on", async () => {
        await startTuning(twin, "by-hand", {
            strategy: "Grid",
            jobs: 2,
            parallel: 2,
            ranges: { CategoricalParameterRanges: [{ Name: "quality", Values: ["0.1", "0.9"] }] },
            statics: { behaviour: '"wait-if-bad"' },
        });
        await tuningWhere(twin, "by-hand", ({ TrainingJobStatusCounters: its }) => its?.Completed === 1);
        const { TrainingJobName = "" } = (await trialsOf(twin, "by-hand")).find(isBad) ?? {};
        await jobWhere(twin, TrainingJobName, ({ FinalMetricDataList: printed = [] }) => printed.length > 0);
        await twin.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName }));
        const job = await tuned(twin, "by-hand");
        assert.equal(job.HyperParameterTuningJobStatus, "Completed");
        assert.equal(job.TrainingJobStatusCounters?.Stopped, 1);
        const stopped = (await trialsOf(twin, "by-hand")).find(isBad);
        assert.equal(stopped?.ObjectiveStatus, "Succeeded");
        assert.equal(stopped?.FinalHyperParameterTuningJobObjectiveMetric?.Value, 0.1);
    });

    it("one that has ended is deleted by itself: its training jobs stay, and its name is free", async () => {
        await startTuning(twin, "deleted", { jobs: 1, parallel: 1 });
        await tuned(twin, "deleted");
        const [trial] = await trialsOf(twin, "deleted");
        await remove("deleted");
        await assert.rejects(twin.sagemaker.send(new DescribeHyperParameterTuningJobCommand(named("deleted"))), {
            name: "ResourceNotFound",
        });
        const { HyperParameterTuningJobSummaries } = await twin.sagemaker.send(
            new ListHyperParameterTuningJobsCommand({ NameContains: "deleted" }),
        );
        assert.deepEqual(HyperParameterTuningJobSummaries, []);
        assert.equal((await ended(twin, trial?.TrainingJobName ?? "")).TrainingJobStatus, "Completed");
        await assert.rejects(remove("deleted"), { name: "ResourceNotFound" });
        await startTuning(twin, "deleted", { jobs: 1, parallel: 1 });
        await tuned(twin, "deleted");
        assert.equal((await trialsOf(twin, "deleted")).length, 1);
    });
});
