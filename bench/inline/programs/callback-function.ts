// The handler inline, in Pulumi's own function: what it captures is serialised, packages are copied.
import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import * as aws from "@pulumi/aws";
import PostalMime from "postal-mime";

new aws.lambda.CallbackFunction("forward", {
    // A client cannot be serialised: this is where Pulumi has it made once for all calls.
    callbackFactory: () => {
        const kinesis = new KinesisClient({});
        return async ({ raw }: { raw: string }) => {
            const { subject = "", text = "" } = await PostalMime.parse(raw);
            const Data = Buffer.from(JSON.stringify({ subject, text }));
            await kinesis.send(
                new PutRecordsCommand({ StreamName: "copies", Records: [{ Data, PartitionKey: subject || "none" }] }),
            );
            return { subject };
        };
    },
});
