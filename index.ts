import * as pulumi from "@pulumi/pulumi";
import {
    EventStream,
    MailIntake,
    ModelEndpoint,
    type ModelPin,
    ModelRegistry,
    RecordIndex,
    StoredMail,
    serverless,
    TrainingJob,
    WorkQueue,
} from "sortline";
import { CLEANING_VERSION, decide, Message, outcomeOf, parseMail, SortedMessage } from "./functions";

const config = new pulumi.Config("sortline");
const thresholds = { confidence: config.getNumber("threshold") ?? 0.6 };
if (!(thresholds.confidence >= 0 && thresholds.confidence <= 1)) {
    throw new pulumi.RunError(`sortline:threshold is ${thresholds.confidence}; it must be a probability, 0 to 1`);
}

// Mail comes in, is read, and gets a decision: three streams of typed records.
const mail = new EventStream("mail", { schema: StoredMail });
const messages = new EventStream("messages", { schema: Message, partitionBy: (message) => message.threadId });
const sorted = new EventStream("sorted", { schema: SortedMessage, partitionBy: (message) => message.threadId });

const intake = new MailIntake("intake", {
    into: mail,
    recipients: config.getObject<string[]>("recipients"),
    ruleSet: config.get("ruleSet"),
});
// Raw mail (RFC 822) that is put here, under `inbox/`, is sorted.
export const mailBucket = intake.bucketName;

// What became of each mail, and the work that it makes.
const index = new RecordIndex("index");
const queues = {
    sales: new WorkQueue("sales"),
    support: new WorkQueue("support"),
    accounting: new WorkQueue("accounting"),
    feedback: new WorkQueue("feedback"),
    review: new WorkQueue("review"),
};

// Which model is in service, where others wait for approval, and how they are trained and compared with it.
const model = config.getObject<ModelPin>("model");
const registry = new ModelRegistry("models");
new TrainingJob("training", {
    registry,
    algorithm: "linear",
    instances: { type: "ml.m5.large" },
    cleaning: CLEANING_VERSION,
    champion: model,
});
const classifier = new ModelEndpoint("classifier", {
    model,
    capacity: serverless({ memory: 2048 }),
    cleaning: CLEANING_VERSION,
});

mail.stage("parse", { into: messages }, async (stored) => parseMail(stored, await intake.read(stored.key)));

messages.batchStage("classify", { into: sorted, batch: { size: 64, seconds: 1 } }, async (batch) =>
    decide(batch, await classifier.classify(batch.map((message) => message.text)), thresholds),
);

sorted.stage("route", {}, async (message) => {
    if ((await index.get(message.id)) !== undefined) return; // the same mail again, by whatever door
    if (message.route !== null) await queues[message.route].send(message);
    await index.put(outcomeOf(message));
});
