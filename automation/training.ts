import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import {
    CreateTrainingJobCommand,
    type CreateTrainingJobCommandInput,
    DescribeTrainingJobCommand,
    type DescribeTrainingJobCommandOutput,
} from "@aws-sdk/client-sagemaker";
import type { Connection } from "./connection";
import { datasetDigest, type Example, toCsv } from "./dataset";
import { onlyComponent, outputOf } from "./deployment";
import { CommandError, jobFailed } from "./exit";
import { jobLog } from "./job-log";
import { listModels, type RegisteredModel } from "./registry";
import { until } from "./until";

/** How long the judge may take to react to a job's end: its function is retried twice, after one and two minutes. */
const judgeSeconds = 300;
const judgeHint = "which the program's judge function sees to. Its log: npx sortline logs judge";

/** What a finished run gave: the fields of `train --json`. */
export interface TrainingResult {
    readonly job: string;
    readonly accuracy: number;
    readonly macro_f1: number;
    /** From the start of the job to the registered model. */
    readonly seconds: number;
    /** S3 address of `model.tar.gz`. */
    readonly model: string;
    /** S3 address of `evaluation.json`. */
    readonly evaluation: string;
}

export interface TrainingProgress {
    /** A line that the job logged, or something the run has to say. */
    onLine(line: string): void;
}

/** The request template that a `TrainingJob` of the program keeps in its artefact bucket. */
interface RequestTemplate {
    readonly training: Omit<CreateTrainingJobCommandInput, "TrainingJobName" | "InputDataConfig" | "OutputDataConfig">;
    readonly outputPath: string;
}

/**
 * Starts a training job from the program's template and follows it until its model is evaluated and registered.
 * @throws CommandError exit code 4 when the job or its evaluation fails, with the reason.
 */
export async function train(
    connection: Connection,
    data: { readonly train: readonly Example[]; readonly test: readonly Example[] },
    progress: TrainingProgress,
): Promise<TrainingResult & { readonly registered: RegisteredModel }> {
    const { s3, sagemaker } = connection.clients;
    const component = onlyComponent(await connection.exportStack(), "TrainingJob");
    const artifacts = outputOf(component, "artifactBucket");
    const template = JSON.parse(
        await readText(
            connection,
            `s3://${outputOf(component, "templateBucket")}/${outputOf(component, "templateKey")}`,
        ),
    ) as RequestTemplate;

    const train = toCsv(data.train);
    const test = toCsv(data.test);
    const dataset = `datasets/${datasetDigest(train, test)}`;
    for (const [channel, content] of [
        ["train", train],
        ["test", test],
    ] as const) {
        await s3.send(
            new PutObjectCommand({
                Bucket: artifacts,
                Key: `${dataset}/${channel}/${channel}.csv`,
                Body: content,
                ContentType: "text/csv; charset=utf-8",
            }),
        );
    }

    const started = Date.now();
    const job = jobName(outputOf(component, "jobPrefix"));
    await sagemaker.send(
        new CreateTrainingJobCommand({
            ...template.training,
            TrainingJobName: job,
            InputDataConfig: [channel("train", `s3://${artifacts}/${dataset}/train/`)],
            OutputDataConfig: { S3OutputPath: template.outputPath },
            Environment: {
                ...template.training.Environment,
                SORTLINE_TEST_S3_URI: `s3://${artifacts}/${dataset}/test/`,
            },
        } as CreateTrainingJobCommandInput),
    );
    progress.onLine(`${job}: ${data.train.length} examples to learn from, ${data.test.length} to be tested on`);
    const trained = await follow(connection, job, progress);
    // The judge, a function of the program, starts the evaluation and registers the model; both take it seconds.
    const judged = `${job}-eval`;
    await until(`the evaluation ${judged}, ${judgeHint}`, () => describe(connection, judged), {
        seconds: judgeSeconds,
        remind: (line) => progress.onLine(line),
    });
    await follow(connection, judged, progress);
    const registered = await until(
        `the model of ${job} in the registry, ${judgeHint}`,
        async () => (await listModels(connection)).find((model) => model.job === job),
        { seconds: judgeSeconds, remind: (line) => progress.onLine(line) },
    );
    if (registered.evaluation === undefined) {
        throw jobFailed(`${job} was registered without an evaluation: look at npx sortline logs`);
    }
    return {
        job,
        accuracy: registered.accuracy,
        macro_f1: registered.macroF1,
        seconds: Math.round((Date.now() - started) / 100) / 10,
        model: trained.ModelArtifacts?.S3ModelArtifacts ?? registered.artefact,
        evaluation: registered.evaluation,
        registered,
    };
}

/** What a person wants to know of a finished run. */
export function figuresLine({ version }: RegisteredModel, { accuracy, macro_f1, seconds }: TrainingResult): string {
    return `Model ${version}: accuracy ${accuracy.toFixed(3)}, macro-F1 ${macro_f1.toFixed(3)}, in ${seconds} s`;
}

function channel(name: string, uri: string): NonNullable<CreateTrainingJobCommandInput["InputDataConfig"]>[number] {
    return {
        ChannelName: name,
        ContentType: "text/csv",
        InputMode: "File",
        DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: uri, S3DataDistributionType: "FullyReplicated" } },
    };
}

/** Sorts by time, and two runs in the same second still differ. `TrainingJob` keeps its prefix short enough for `-eval`. */
function jobName(prefix: string): string {
    const time = new Date()
        .toISOString()
        .replaceAll(/[-:]|\.\d+Z/g, "")
        .replace("T", "-");
    return `${prefix.replace(/-$/, "")}-${time}-${randomBytes(2).toString("hex")}`;
}

/** Follows a job's log until it ends. @throws CommandError exit code 4 unless it completed. */
async function follow(
    connection: Connection,
    job: string,
    progress: TrainingProgress,
): Promise<DescribeTrainingJobCommandOutput> {
    const log = jobLog(connection, job, progress.onLine);
    let told = "";
    const ended = await until(`the end of ${job}`, async () => {
        const described = await describe(connection, job);
        await log();
        const status = described?.SecondaryStatus ?? "";
        if (status !== told && status !== "") progress.onLine(`${job}: ${status}`);
        told = status;
        return ["Completed", "Failed", "Stopped"].includes(described?.TrainingJobStatus ?? "") ? described : undefined;
    });
    await log();
    if (ended.TrainingJobStatus !== "Completed") {
        throw jobFailed(
            `${job} ${ended.TrainingJobStatus === "Failed" ? "failed" : "was stopped"}: ${ended.FailureReason ?? ended.SecondaryStatus}`,
        );
    }
    return ended;
}

async function describe(connection: Connection, job: string): Promise<DescribeTrainingJobCommandOutput | undefined> {
    try {
        return await connection.clients.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: job }));
    } catch (error) {
        // The evaluation is started by an event and may not be there yet.
        if (/not f(ou|i)nd|does not exist/i.test((error as Error).message)) return undefined;
        throw error;
    }
}

/** Reads an S3 object as text. */
async function readText(connection: Connection, uri: string): Promise<string> {
    return (await readObject(connection, uri)).toString("utf8");
}

async function readObject(connection: Connection, uri: string): Promise<Buffer> {
    const match = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri);
    if (match === null) throw new CommandError(`${uri} is not an S3 address (s3://bucket/key).`);
    const object = await connection.clients.s3.send(new GetObjectCommand({ Bucket: match[1], Key: match[2] }));
    return Buffer.from((await object.Body?.transformToByteArray()) ?? []);
}

/** Copies a run's model and evaluation into a folder. @returns the files. */
export async function download(connection: Connection, result: TrainingResult, folder: string): Promise<string[]> {
    fs.mkdirSync(folder, { recursive: true });
    const files: string[] = [];
    for (const uri of [result.model, result.evaluation]) {
        const file = path.join(folder, path.posix.basename(uri));
        fs.writeFileSync(file, await readObject(connection, uri));
        files.push(file);
    }
    return files;
}
