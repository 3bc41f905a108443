// The handler inline, in a stage.
import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import PostalMime from "postal-mime";
import { EventStream } from "sortline";
import { z } from "zod";

const mails = new EventStream("mails", { schema: z.object({ raw: z.string() }) });
const subjects = new EventStream("subjects", { schema: z.object({ subject: z.string() }) });
const kinesis = new KinesisClient({});

mails.stage("forward", { into: subjects }, async ({ raw }) => {
    const { subject = "", text = "" } = await PostalMime.parse(raw);
    const Data = Buffer.from(JSON.stringify({ subject, text }));
    await kinesis.send(
        new PutRecordsCommand({ StreamName: "copies", Records: [{ Data, PartitionKey: subject || "none" }] }),
    );
    return { subject };
});

export const described = { from: mails.definition, into: subjects.definition };
