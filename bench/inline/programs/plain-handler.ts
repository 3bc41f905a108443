// The handler as a file of its own, as one would write it by hand.
import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import PostalMime from "postal-mime";

const kinesis = new KinesisClient({});

export const forward = async ({ raw }: { raw: string }) => {
    const { subject = "", text = "" } = await PostalMime.parse(raw);
    const Data = Buffer.from(JSON.stringify({ subject, text }));
    await kinesis.send(
        new PutRecordsCommand({ StreamName: "copies", Records: [{ Data, PartitionKey: subject || "none" }] }),
    );
    return { subject };
};
