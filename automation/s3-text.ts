import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { s3Address } from "./s3-address";

/** The content of an S3 object. */
export async function readObject(s3: S3Client, uri: string): Promise<Buffer> {
    const { bucket, key } = s3Address(uri);
    const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return Buffer.from((await object.Body?.transformToByteArray()) ?? []);
}

/** The same, of a text in UTF-8. */
export async function readText(s3: S3Client, uri: string): Promise<string> {
    return (await readObject(s3, uri)).toString("utf8");
}
