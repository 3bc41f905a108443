import { GetObjectCommand, NoSuchKey, S3Client } from "@aws-sdk/client-s3";
import { RejectRecord } from "./reject-record";

/** The run-time side of MailIntake.read. */
export function read({ bucketName }: { bucketName: string }) {
    const client = new S3Client({});
    return async (key: string): Promise<Uint8Array> => {
        try {
            const object = await client.send(new GetObjectCommand({ Bucket: bucketName, Key: key }));
            return (await object.Body?.transformToByteArray()) ?? new Uint8Array();
        } catch (error) {
            if (error instanceof NoSuchKey) {
                throw new RejectRecord("The mail is no longer in the mail bucket: it was deleted or has expired.");
            }
            throw error;
        }
    };
}
