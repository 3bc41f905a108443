import type { Difference } from "./comparison";

/** Where SQS of the twin and of moto differ. "Seen" means in answers of SQS that its users report. */
export const sqsDifferences: readonly Difference[] = [
    // What moto takes and SQS refuses, as its API Reference says.
    ...[
        ["queues > create with a bad attribute", "InvalidAttributeName"],
        [
            "queues > create with a bad value",
            "VisibilityTimeout is 0 to 43,200 seconds (to moto the queue exists already)",
        ],
        ["queues > set a bad value", "MessageRetentionPeriod is 60 to 1,209,600 seconds"],
        ["queues > create the suffix without FIFO", "the name of a standard queue has no dot"],
        ["messages > send nothing", "a message has at least one character"],
        [
            "messages > send a bad character",
            "InvalidMessageContents: U+0000 is not among the characters that are allowed",
        ],
        ["messages > send a deduplication", "MessageDeduplicationId is for FIFO queues"],
        ["attributes of messages > send no value", "an attribute has a value"],
        ["attributes of messages > send an empty value", "the value of an attribute is not empty"],
        ["attributes of messages > send a number that is none", "a Number is a number"],
        ["attributes of messages > send AWS's own name", "names that begin with AWS. are reserved"],
        ["attributes of messages > send eleven", "a message has at most ten attributes"],
        ["FIFO > FIFO attribute of a standard queue", "ContentBasedDeduplication is for FIFO queues"],
    ].map(
        ([call = "", because = ""]): Difference => ({
            call,
            member: "*",
            right: "twin",
            because: `As documented: ${because}.`,
        }),
    ),

    // Words.
    {
        call: "queues > create *",
        member: "error.message",
        right: "twin",
        because: "Seen: the message names the attribute that differs, and the rule for FIFO queues.",
    },
    {
        call: "messages > hide for too long",
        member: "error.message",
        right: "neither",
        because: "What SQS says here is not known; the twin names the parameter and its range.",
    },
    {
        call: "messages > show what was deleted",
        member: "*",
        right: "twin",
        because: "Seen: InvalidParameterValue, not available for visibility timeout change.",
    },
    {
        call: "*",
        member: "*essage",
        moto: "The input receipt handle is invalid.",
        right: "twin",
        because: "Seen: the message quotes the handle.",
    },
    {
        call: "messages > receive eleven",
        member: "error.message",
        right: "twin",
        because: "Seen; moto puts boto's own prefix before it.",
    },
    {
        call: "messages > wait too long",
        member: "error.message",
        right: "twin",
        because: "Seen; moto puts boto's own prefix before it.",
    },
    {
        call: "attributes of messages > send an unknown type",
        member: "error.message",
        right: "twin",
        because: "Seen; moto has the words of earlier years.",
    },
    {
        call: "attributes of messages > send a bad name",
        member: "error.message",
        right: "twin",
        because: "Seen; moto has the words of earlier years.",
    },

    // What is answered.
    {
        call: "messages > receive",
        member: "output.Messages.0.Attributes.SenderId",
        twin: "<account>",
        right: "both",
        because: "The id of root is the account's; moto has a user.",
    },
    {
        call: "messages > send a group",
        member: "output.MessageId",
        right: "twin",
        because: "The second message of the queue; moto has taken two that were to be refused.",
    },
    {
        call: "FIFO > send a1 again",
        member: "output.*",
        right: "twin",
        because: "As documented: SQS takes a duplicate without a new message; the answer has the first one's ids.",
    },
    {
        call: "FIFO > *content",
        member: "output.*",
        right: "twin",
        because: "The same for a duplicate by content; and every message of a FIFO queue has a sequence number.",
    },

    // Dead letters.
    {
        call: "dead letters > policy",
        member: "output.Attributes.RedrivePolicy",
        right: "twin",
        because: "The attribute is what was set; moto writes the JSON anew.",
    },
    ...["set none as target", "set a bad policy", "set a policy without count", "set too many receives"].map(
        (call): Difference => ({
            call: `dead letters > ${call}`,
            member: "*",
            right: "twin",
            because:
                "Seen: InvalidParameterValue for RedrivePolicy, with the reason; moto takes it, fails or says less.",
        }),
    ),
    {
        call: "dead letters > receive the dead letter",
        member: "output.Messages.0.Attributes.DeadLetterQueueSourceArn",
        twin: "arn:aws:sqs:eu-central-1:<account>:source",
        moto: undefined,
        right: "twin",
        because: "As documented: a system attribute of messages that SQS has moved.",
    },
    {
        call: "dead letters > move back*",
        member: "*",
        right: "twin",
        because: "moto's server does not have StartMessageMoveTask.",
    },
];
