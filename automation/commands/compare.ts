import type { S3Client } from "@aws-sdk/client-s3";
import { DescribeTrainingJobCommand } from "@aws-sdk/client-sagemaker";
import type { AccuracyDifference } from "../../components/runtime/evaluation";
import { variables } from "../../components/runtime/job-variables";
import { isMissing } from "../../components/runtime/start-run";
import type { Connection } from "../connection";
import { dataSetAt } from "../dataset/stored";
import { CommandError } from "../exit";
import { type Place, withPipeline } from "../place";
import { type Comparison, compareModels, type Figure, type JudgedModel } from "../registry/comparison";
import { evaluationOf } from "../registry/evaluation";
import { findModel, listModels, type RegisteredModel } from "../registry/models";
import { s3Address } from "../s3-address";
import { plainTable } from "../table";
import { cutTo } from "../terminal";

/** Labels that are shown: those where the two differ most. */
const MOST_LABELS = 20;

/** Shows the figures of two models side by side. */
export async function compare(options: {
    readonly place: Place;
    readonly a: string;
    readonly b: string;
    readonly registry: string | undefined;
    readonly json: boolean;
}): Promise<void> {
    await withPipeline(options.place, async (connection) => {
        const models = await listModels(connection, { registry: options.registry });
        const [first, second] = [findModel(models, options.a), findModel(models, options.b)];
        const [a, b] = await Promise.all([judged(connection, first), judged(connection, second)]);
        const comparison = compareModels(a, b);
        process.stdout.write(
            options.json
                ? `${JSON.stringify({ a: first.version, b: second.version, ...comparison })}\n`
                : `${comparisonText(first, second, comparison)}\n`,
        );
    });
}

async function judged(connection: Connection, model: RegisteredModel): Promise<JudgedModel> {
    const { s3, sagemaker } = connection.clients;
    const evaluation = await evaluationOf(s3, model);
    try {
        const job = await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: model.job }));
        return { model, evaluation, testSet: await testSetOf(s3, job.Environment?.[variables.testSet]) };
    } catch (error) {
        if (isMissing(error) || model.job === "") return { model, evaluation, testSet: undefined };
        throw error;
    }
}

/** A name for the content of a test set: the same examples may lie in several data sets. */
async function testSetOf(s3: S3Client, uri: string | undefined): Promise<string | undefined> {
    if (uri === undefined) return undefined;
    try {
        const stored = await dataSetAt(s3, s3Address(uri.replace(/test\/?$/, "")));
        return stored?.manifest.testDigest ?? uri;
    } catch (error) {
        // Who may read the evaluations need not be allowed to read the data.
        if (error instanceof CommandError) return undefined;
        throw error;
    }
}

function comparisonText(a: RegisteredModel, b: RegisteredModel, comparison: Comparison): string {
    const { figures, labels } = comparison;
    const head = ["", `model ${a.version}`, `model ${b.version}`, "difference"];
    const table = plainTable(head);
    for (const figure of figures) table.push(row(figure));
    const byLabel = plainTable(["F1 by label", ...head.slice(1)]);
    for (const figure of labels.slice(0, MOST_LABELS)) byLabel.push(row(figure));
    const more = labels.length > MOST_LABELS ? [`and ${labels.length - MOST_LABELS} more labels that differ less`] : [];
    const notes = comparisonNotes(a, b, comparison);
    return [table.toString(), "", byLabel.toString(), ...more, "", ...notes].join("\n");
}

/** What has to be known to understand the figures, a sentence each. */
export function comparisonNotes(
    a: Pick<RegisteredModel, "version">,
    b: Pick<RegisteredModel, "version">,
    { paired, flattered, sameTestSet, sameLabels }: Comparison,
): readonly string[] {
    const labels = sameLabels ? [] : ["They tell different labels apart."];
    const apart = "They were judged by different test sets: the figures cannot be compared directly.";
    if (paired !== undefined) {
        return [
            ...(sameTestSet === false ? [apart] : []),
            `Side by side on one test set, example by example: accuracy ${differenceText(paired)}.`,
            ...(flattered === undefined
                ? []
                : [
                      `Model ${(flattered.model === "a" ? a : b).version} has learnt from ${flattered.examples} of these examples, which flatters it; ${flattered.without === undefined ? "there are no others" : `without them: accuracy ${differenceText(flattered.without)}`}.`,
                  ]),
            ...labels,
        ];
    }
    if (sameTestSet === true) {
        return [
            "Judged by the same test set, but not side by side: how sure the difference is, is not known.",
            ...labels,
        ];
    }
    return [sameTestSet === false ? apart : "Whether they were judged by the same test set is not known.", ...labels];
}

function row({ name, a, b }: Figure): string[] {
    const text = (value: number | undefined) =>
        value === undefined ? "–" : Number.isInteger(value) && value > 1 ? String(value) : value.toFixed(3);
    const difference = a === undefined || b === undefined || (Number.isInteger(a) && a > 1) ? "" : signed(b - a);
    return [cutTo(50, name), text(a), text(b), difference];
}

function differenceText({ accuracy, low, high }: AccuracyDifference): string {
    const sure = low > 0 || high < 0;
    return `${signed(accuracy)} (95 % of resamples between ${signed(low)} and ${signed(high)})${sure ? "" : ", which may be chance"}`;
}

function signed(value: number): string {
    return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
}
