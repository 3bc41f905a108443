import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
    type CreateTrainingJobCommandInput,
    DescribeTrainingJobCommand,
    type DescribeTrainingJobCommandOutput,
    SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import * as tar from "tar";
import { createLogs } from "../../../local/aws/logs";
import { createS3 } from "../../../local/aws/s3";
import { createSageMaker, type SageMaker, type SageMakerOptions } from "../../../local/aws/sagemaker";
import { root } from "../../../local/aws/service";
import { type ServiceUnderTest, startService } from "./service-under-test";

export const fixtures = join(__dirname, "..", "..", "fixtures", "sagemaker");
export const image = "492215442770.dkr.ecr.eu-central-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3";
export const bucket = "artifacts";

/** An event as a service emits it. */
export interface EmittedEvent {
    readonly source: string;
    readonly detailType: string;
    readonly resources?: readonly string[];
    // The shape of a detail is its service's own.
    readonly detail: Record<string, unknown>;
}

/** SageMaker with S3 and CloudWatch Logs beside it, a bucket, and an execution role that may use that bucket. */
export interface SageMakerUnderTest {
    readonly twin: ServiceUnderTest<SageMaker>;
    readonly sagemaker: SageMakerClient;
    readonly runtime: SageMakerRuntimeClient;
    readonly s3: S3Client;
    readonly events: EmittedEvent[];
    readonly roleArn: string;
    put(key: string, body: string | Buffer): Promise<void>;
    get(key: string): Promise<Buffer>;
    /** The messages of a log group, in order. */
    logged(group: string): readonly string[];
    restart(): Promise<SageMakerUnderTest>;
    stop(): Promise<void>;
}

export async function startSageMaker(options: SageMakerOptions = {}): Promise<SageMakerUnderTest> {
    const started = await assemble(options);
    await started.s3.send(new CreateBucketCommand({ Bucket: bucket }));
    await role(started, "training", [
        { Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject"], Resource: `arn:aws:s3:::${bucket}/*` },
        { Effect: "Allow", Action: "s3:ListBucket", Resource: `arn:aws:s3:::${bucket}` },
    ]);
    return started;
}

/** Makes an execution role that SageMaker may assume. */
export async function role({ twin }: Pick<SageMakerUnderTest, "twin">, RoleName: string, Statement: object[]) {
    const trust = { Effect: "Allow", Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" };
    const { Role } = await twin.iam.operations.CreateRole(
        { RoleName, AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }) },
        root,
    );
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    await twin.iam.operations.PutRolePolicy({ RoleName, PolicyName: "inline", PolicyDocument }, root);
    return Role.Arn;
}

async function assemble(options: SageMakerOptions): Promise<SageMakerUnderTest> {
    const events: EmittedEvent[] = [];
    const logs = new Map<string, string[]>();
    const twin = await startService((context) => {
        const logging = createLogs(context);
        logging.onEvents((group, _stream, written) =>
            logs.set(group, [...(logs.get(group) ?? []), ...written.map(({ message }) => message)]),
        );
        Object.assign(context.services(), {
            s3: createS3(context),
            logs: logging,
            // The receiving end: what arrives there is what these tests look at.
            events: { emit: (event: EmittedEvent) => void events.push(event) },
        });
        return createSageMaker(context, options);
    });
    return connect(twin, events, logs);
}

async function connect(
    twin: ServiceUnderTest<SageMaker>,
    events: EmittedEvent[],
    logs: ReadonlyMap<string, string[]>,
): Promise<SageMakerUnderTest> {
    await twin.service.start();
    const s3 = new S3Client({ ...twin.client, forcePathStyle: true });
    const sagemaker = new SageMakerClient(twin.client);
    const runtime = new SageMakerRuntimeClient(twin.client);
    const disconnect = () => {
        for (const client of [s3, sagemaker, runtime]) client.destroy();
    };
    return {
        twin,
        sagemaker,
        runtime,
        s3,
        events,
        roleArn: "arn:aws:iam::000000000000:role/training",
        async put(Key, Body) {
            await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
        },
        async get(Key) {
            const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
            return Buffer.from((await Body?.transformToByteArray()) ?? []);
        },
        logged: (group) => logs.get(group) ?? [],
        async restart() {
            disconnect();
            return connect(await twin.restart(), events, logs);
        },
        async stop() {
            disconnect();
            await twin.stop();
        },
    };
}

/** A tar.gz of contents by path. */
export async function archive(files: Record<string, string>): Promise<Buffer> {
    const folder = mkdtempSync(join(tmpdir(), "sortline-archive-"));
    try {
        for (const [path, content] of Object.entries(files)) {
            mkdirSync(dirname(join(folder, path)), { recursive: true });
            writeFileSync(join(folder, path), content);
        }
        const file = `${folder}.tar.gz`;
        await tar.c({ cwd: folder, gzip: true, file }, Object.keys(files));
        const bytes = readFileSync(file);
        rmSync(file);
        return bytes;
    } finally {
        rmSync(folder, { recursive: true });
    }
}

export function fixture(name: string): string {
    return readFileSync(join(fixtures, name), "utf8");
}

/** A request for a job that runs the training fixture. */
export function trainingRequest(
    under: SageMakerUnderTest,
    name: string,
    behaviour: string,
    more: Partial<CreateTrainingJobCommandInput> = {},
): CreateTrainingJobCommandInput {
    return {
        TrainingJobName: name,
        RoleArn: under.roleArn,
        AlgorithmSpecification: {
            TrainingImage: image,
            TrainingInputMode: "File",
            MetricDefinitions: [{ Name: "accuracy", Regex: "accuracy: ([0-9.]+);" }],
        },
        HyperParameters: {
            sagemaker_program: '"train.py"',
            sagemaker_submit_directory: `"s3://${bucket}/source.tar.gz"`,
            behaviour: JSON.stringify(behaviour),
        },
        OutputDataConfig: { S3OutputPath: `s3://${bucket}/runs` },
        ResourceConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 5 },
        StoppingCondition: { MaxRuntimeInSeconds: 60 },
        ...more,
    };
}

/** Waits until a job satisfies a condition. */
export async function jobWhere(
    { sagemaker }: Pick<SageMakerUnderTest, "sagemaker">,
    TrainingJobName: string,
    condition: (job: DescribeTrainingJobCommandOutput) => boolean,
): Promise<DescribeTrainingJobCommandOutput> {
    for (;;) {
        const job = await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
        if (condition(job)) return job;
        await new Promise((resolve) => setTimeout(resolve, 30));
    }
}

/** Waits for the end of a job. */
export function ended(under: Pick<SageMakerUnderTest, "sagemaker">, name: string) {
    return jobWhere(under, name, ({ TrainingJobStatus = "" }) =>
        ["Completed", "Failed", "Stopped"].includes(TrainingJobStatus),
    );
}

/** Waits until there is no such process any more. */
export async function processEnd(pid: number): Promise<void> {
    for (;;) {
        try {
            process.kill(pid, 0);
        } catch {
            return;
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
}
