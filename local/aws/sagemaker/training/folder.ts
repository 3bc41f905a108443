import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import * as tar from "tar";
import { AwsError } from "../../service";
import type { S3Files } from "../s3-files";
import type { TrainingJobDocument } from "./job";

/** What a job's folder is called in a container. */
const container = "/opt/ml/";

/** The folder of one of a job's hosts, laid out like `/opt/ml` in a container. */
export class JobFolder {
    readonly input: string;
    readonly data: string;
    readonly config: string;
    readonly code: string;
    readonly model: string;
    readonly output: string;
    readonly outputData: string;
    readonly failure: string;
    readonly checkpoints: string;
    readonly temporary: string;

    /** @param hosts all of the job, this one among them. */
    constructor(
        readonly path: string,
        readonly host: string,
        readonly hosts: readonly string[],
    ) {
        this.input = join(path, "input");
        this.data = join(this.input, "data");
        this.config = join(this.input, "config");
        this.code = join(path, "code");
        this.model = join(path, "model");
        this.output = join(path, "output");
        this.outputData = join(this.output, "data");
        this.failure = join(this.output, "failure");
        this.checkpoints = join(path, "checkpoints");
        this.temporary = join(path, "tmp");
    }

    /** Makes it afresh, with the job's configuration files. */
    async create(job: TrainingJobDocument): Promise<void> {
        await this.remove();
        for (const folder of [
            this.data,
            this.config,
            this.code,
            this.model,
            this.outputData,
            this.checkpoints,
            this.temporary,
        ]) {
            await mkdir(folder, { recursive: true, mode: 0o700 });
        }
        const instance = job.ResourceConfig?.InstanceType ?? "local";
        await this.#configure("hyperparameters", job.HyperParameters ?? {});
        await this.#configure("resourceconfig", {
            current_host: this.host,
            current_instance_type: instance,
            current_group_name: "homogeneousCluster",
            hosts: this.hosts,
            instance_groups: [
                { instance_group_name: "homogeneousCluster", instance_type: instance, hosts: this.hosts },
            ],
            network_interface_name: process.platform === "darwin" ? "lo0" : "lo",
        });
        await this.#configure(
            "inputdataconfig",
            Object.fromEntries(
                (job.InputDataConfig ?? []).map((channel) => [
                    channel.ChannelName ?? "",
                    {
                        TrainingInputMode: channel.InputMode ?? job.AlgorithmSpecification?.TrainingInputMode ?? "File",
                        S3DistributionType:
                            channel.DataSource?.S3DataSource?.S3DataDistributionType ?? "FullyReplicated",
                        RecordWrapperType: channel.RecordWrapperType ?? "None",
                        ...(channel.ContentType === undefined ? {} : { ContentType: channel.ContentType }),
                    },
                ]),
            ),
        );
    }

    async #configure(name: string, content: object): Promise<void> {
        await writeFile(join(this.config, `${name}.json`), JSON.stringify(content));
    }

    /** Fetches channels, code and checkpoints. */
    async download(job: TrainingJobDocument, files: S3Files): Promise<void> {
        for (const { ChannelName: name = "", DataSource } of job.InputDataConfig ?? []) {
            const { S3Uri: uri = "", S3DataDistributionType: distribution } = DataSource?.S3DataSource ?? {};
            const isSharded = distribution === "ShardedByS3Key";
            const part = isSharded ? { index: this.hosts.indexOf(this.host), of: this.hosts.length } : undefined;
            const count = await files.downloadPrefix(uri, join(this.data, name), part);
            if (count > 0) continue;
            throw new AwsError(
                "ValidationException",
                `No S3 objects found under S3 URL "${uri}" given in input data source. Please ensure that the bucket exists, ` +
                    `that objects exist under that S3 prefix, and that the role "${job.RoleArn}" has "s3:ListBucket" permissions on its bucket.`,
            );
        }
        const code = submitDirectory(job);
        if (code?.startsWith(container)) await this.#unpack(code);
        else if (code !== undefined) await files.extract(code, this.code);
        const checkpoints = job.CheckpointConfig?.S3Uri;
        if (checkpoints !== undefined)
            await files.downloadPrefix(`${checkpoints.replace(/\/$/, "")}/`, this.checkpoints);
    }

    /** Code that a channel has brought: a container without a network could not fetch it. */
    async #unpack(code: string): Promise<void> {
        const archive = join(this.path, code.slice(container.length));
        try {
            if (!archive.startsWith(this.data + sep)) throw new Error(`it is in no channel (${container}input/data/…)`);
            await tar.x({ file: archive, cwd: this.code, strict: true });
        } catch (error) {
            throw new AwsError(
                "ValidationException",
                `${code} is not a readable tar.gz archive: ${(error as Error).message}`,
            );
        }
    }

    async remove(): Promise<void> {
        await rm(this.path, { recursive: true, force: true });
    }
}

/** The archive with the training script, as hyperparameter (JSON, as the SDKs send it, or plain) or in the environment. */
function submitDirectory(job: TrainingJobDocument): string | undefined {
    const given = job.HyperParameters?.sagemaker_submit_directory ?? job.Environment?.SAGEMAKER_SUBMIT_DIRECTORY;
    if (given?.startsWith('"')) return JSON.parse(given) as string;
    return given;
}
