import { GetObjectCommand, NoSuchKey, type S3Client } from "@aws-sdk/client-s3";
import { type FailureObject, readFailureObject } from "./failure-object";

/** One object of a failure bucket; undefined where it is there no more. */
export async function readFailure(s3: S3Client, bucket: string, key: string): Promise<FailureObject | undefined> {
    try {
        const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return readFailureObject((await object.Body?.transformToString()) ?? "");
    } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
    }
}
