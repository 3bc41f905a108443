import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { s3Address } from "./s3-address";

/** The content of an S3 object that is a text in UTF-8. */
export async function readText(s3: S3Client, uri: string): Promise<string> {
    const { bucket, key } = s3Address(uri);
    const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return (await object.Body?.transformToString("utf8")) ?? "";
}
