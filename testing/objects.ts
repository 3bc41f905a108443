import type { S3Client } from "@aws-sdk/client-s3";
import type { ObjectStore } from "../components/runtime/object-store";

/** Objects as the runtime's own code reads and writes them, through a client that need not run in a function. */
export function objectsThrough(s3: S3Client): ObjectStore {
    return {
        async put({ bucket, key, body }) {
            const { PutObjectCommand } = await import("@aws-sdk/client-s3");
            const object = { Bucket: bucket, Key: key, Body: body, ContentType: "application/json" };
            await s3.send(new PutObjectCommand(object));
        },
        async get({ bucket, key }) {
            const { GetObjectCommand } = await import("@aws-sdk/client-s3");
            const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
            return Body && Buffer.from(await Body.transformToByteArray());
        },
    };
}
