import { randomUUID } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GetObjectCommand, NoSuchKey, type S3Client } from "@aws-sdk/client-s3";
import { s3Address } from "../s3-address";

/** Where a run's model and its evaluation lie: S3 addresses. */
export interface RunArtefacts {
    readonly model: string;
    readonly evaluation: string;
}

/** Copies a run's model, its evaluation and, where there is one, the report into a folder. @returns the files. */
export async function download(s3: S3Client, { model, evaluation }: RunArtefacts, folder: string): Promise<string[]> {
    fs.mkdirSync(folder, { recursive: true });
    const files: string[] = [];
    const report = evaluation.replace(/\.json$/, ".html");
    for (const uri of new Set([model, evaluation, report])) {
        const file = path.join(folder, path.posix.basename(uri));
        try {
            await save(s3, uri, file);
        } catch (error) {
            // A team's own evaluation script need not write a report.
            if (uri === report && error instanceof NoSuchKey) continue;
            throw error;
        }
        files.push(file);
    }
    return files;
}

/** Under its name a file is whole: an earlier model stays until the new one is there. */
async function save(s3: S3Client, uri: string, file: string): Promise<void> {
    const { bucket, key } = s3Address(uri);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const unfinished = `${file}.${randomUUID()}`;
    try {
        await pipeline(Body as Readable, fs.createWriteStream(unfinished));
        fs.renameSync(unfinished, file);
    } finally {
        fs.rmSync(unfinished, { force: true });
    }
}
