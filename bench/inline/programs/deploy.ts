// Runs a program of this folder under Pulumi's mocks, in a project of its own, and prints one line of JSON:
// the Lambda functions that it made, and how long that took.
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import "sortline";
import type { ZipEntry } from "../zip-size";

/** A function as the program made it. */
export interface Deployed {
    readonly name: string;
    readonly entries: readonly ZipEntry[];
    readonly environment: Readonly<Record<string, string>>;
}

export interface Answer {
    readonly functions: readonly Deployed[];
    /** Undefined for a program without the mark "first constructor" or without `codes`. */
    readonly time?: {
        /** From that mark until all is there of what the program exports as `codes`. */
        readonly seconds: number;
        /** The part of it that the program itself waits for: until its last constructor has returned. */
        readonly synchronousSeconds: number;
    };
    /** What the program exports as `described`. */
    readonly described: unknown;
}

/** Pulumi's package reads the class of a resource when it is first asked for: before the clock starts. */
export const loaded = [
    aws.cloudwatch.LogGroup,
    aws.dynamodb.Table,
    aws.iam.Role,
    aws.iam.RolePolicy,
    aws.kinesis.Stream,
    aws.lambda.EventSourceMapping,
    aws.lambda.Function,
    aws.s3.Bucket,
    aws.s3.BucketLifecycleConfiguration,
    aws.s3.BucketPublicAccessBlock,
    aws.s3.BucketServerSideEncryptionConfiguration,
    aws.sqs.Queue,
];

// What Pulumi itself waits for at the end of a program. It is there, but its types keep it to themselves.
const { waitForRPCs } = pulumi.runtime as unknown as { waitForRPCs(): Promise<void> };

async function entriesOf(asset: unknown, name = ""): Promise<ZipEntry[]> {
    if (asset instanceof pulumi.asset.AssetArchive) {
        const parts = Object.entries(await asset.assets);
        return (await Promise.all(parts.map(([key, part]) => entriesOf(part, join(name, key))))).flat();
    }
    if (asset instanceof pulumi.asset.StringAsset) return [[name, { text: await asset.text }]];
    if (asset instanceof pulumi.asset.FileAsset) return [[name, { file: resolve(await asset.path) }]];
    if (asset instanceof pulumi.asset.FileArchive) {
        const folder = resolve(await asset.path);
        return readdirSync(folder, { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => join(entry.parentPath, entry.name))
            .map((file): ZipEntry => [join(name, file.slice(folder.length + 1)), { file }]);
    }
    throw new Error(`${name} is no asset that a function's code consists of.`);
}

async function deploy(program: string): Promise<Answer> {
    const made: { name: string; code: unknown; environment: Record<string, string> }[] = [];
    let last = 0;
    await pulumi.runtime.setMocks(
        {
            newResource: ({ type, name, inputs }) => {
                if (type === "aws:lambda/function:Function") {
                    made.push({ name, code: inputs.code, environment: inputs.environment?.variables ?? {} });
                }
                const state = { arn: `arn:aws:x:eu-central-1:123456789012:${name}`, name, bucket: name, url: name };
                return { id: `${name}-id`, state: { ...state, ...inputs } };
            },
            call: ({ token }) => {
                throw new Error(`The mocks know no answer to ${token}.`);
            },
        },
        "shop",
        "dev",
    );
    const { described, codes = [] } = (await import(program)) as {
        described?: unknown;
        codes?: readonly pulumi.Output<unknown>[];
    };
    const returned = performance.now();
    for (const code of codes) {
        code.apply(() => {
            last = performance.now();
        });
    }
    await waitForRPCs();
    const start = performance.getEntriesByName("first constructor")[0]?.startTime;
    const functions = made.map(async ({ code, ...rest }) => ({ ...rest, entries: await entriesOf(code) }));
    return {
        functions: await Promise.all(functions),
        time:
            start === undefined || codes.length === 0
                ? undefined
                : { seconds: (last - start) / 1000, synchronousSeconds: (returned - start) / 1000 },
        described,
    };
}

deploy(resolve(__dirname, `${process.argv[2]}.ts`)).then(
    (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`),
    (error: unknown) => {
        process.stderr.write(`${(error as Error).stack}\n`);
        process.exitCode = 1;
    },
);
