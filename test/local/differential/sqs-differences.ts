import type { Difference, Differences, RepeatedDifference } from "./comparison";

/** The twin refuses what moto takes. */
function refused(code: string, message: string, motoOutput: object) {
    return {
        status: [400, 200],
        "headers.x-amzn-query-error": [`${code};Sender`, undefined],
        error: [{ RequestId: "<id>", code, message }, undefined],
        output: [undefined, motoOutput],
    } as const;
}

const repeated: readonly RepeatedDifference[] = [
    {
        right: "twin",
        because: "Seen: the message quotes the handle.",
        members: [
            [
                "error.message",
                1,
                'The input receipt handle "bad" is not a valid receipt handle.',
                "The input receipt handle is invalid.",
            ],
            [
                "output.Failed.#.Message",
                1,
                'The input receipt handle "bad" is not a valid receipt handle.',
                "The input receipt handle is invalid.",
            ],
        ],
    },
];

const listed: readonly Difference[] = [
    {
        right: "twin",
        because: "As documented: InvalidAttributeName.",
        at: {
            "queues > create with a bad attribute": refused("InvalidAttributeName", "Unknown Attribute Colour.", {
                QueueUrl: "<address>/<account>/bad",
            }),
        },
    },
    {
        right: "twin",
        because: "As documented: VisibilityTimeout is 0 to 43,200 seconds (to moto the queue exists already).",
        at: {
            "queues > create with a bad value": {
                "headers.x-amzn-query-error": ["InvalidAttributeValue;Sender", "QueueAlreadyExists;Sender"],
                "error.code": ["InvalidAttributeValue", "QueueNameExists"],
                "error.message": [
                    "Invalid value for the parameter VisibilityTimeout. Reason: VisibilityTimeout is '43201'; valid is 0 to 43200.",
                    "The specified queue already exists.",
                ],
            },
        },
    },
    {
        right: "twin",
        because: "As documented: MessageRetentionPeriod is 60 to 1,209,600 seconds.",
        at: {
            "queues > set a bad value": refused(
                "InvalidAttributeValue",
                "Invalid value for the parameter MessageRetentionPeriod. Reason: MessageRetentionPeriod is '59'; valid is 60 to 1209600.",
                {},
            ),
        },
    },
    {
        right: "twin",
        because: "As documented: the name of a standard queue has no dot.",
        at: {
            "queues > create the suffix without FIFO": refused(
                "InvalidParameterValue",
                "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
                { QueueUrl: "<address>/<account>/plain.fifo" },
            ),
        },
    },
    {
        right: "twin",
        because: "As documented: a message has at least one character.",
        at: {
            "messages > send nothing": refused(
                "MissingParameter",
                "The request must contain the parameter MessageBody.",
                { MD5OfMessageBody: "d41d8cd98f00b204e9800998ecf8427e", MessageId: "<MessageId 2>" },
            ),
        },
    },
    {
        right: "twin",
        because: "As documented: InvalidMessageContents: U+0000 is not among the characters that are allowed.",
        at: {
            "messages > send a bad character": refused(
                "InvalidMessageContents",
                "The message contains characters that XML 1.0 does not allow.",
                { MD5OfMessageBody: "70350f6027bce3713f6b76473084309b", MessageId: "<MessageId 3>" },
            ),
        },
    },
    {
        right: "twin",
        because: "As documented: MessageDeduplicationId is for FIFO queues.",
        at: {
            "messages > send a deduplication": refused(
                "InvalidParameterValue",
                "Value 1 for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that is not valid for this queue type.",
                { MD5OfMessageBody: "1cb251ec0d568de6a929b520c4aed8d1", MessageId: "<MessageId 5>" },
            ),
        },
    },
    {
        right: "twin",
        because: "As documented: an attribute has a value.",
        at: {
            "attributes of messages > send no value": refused(
                "InvalidParameterValue",
                "Message (user) attribute 'a' must contain a non-empty value of type 'String'.",
                {
                    MD5OfMessageBody: "1cb251ec0d568de6a929b520c4aed8d1",
                    MD5OfMessageAttributes: "2b293cec6bf54ec74571a56f4fc818f8",
                    MessageId: "<MessageId 2>",
                },
            ),
        },
    },
    {
        right: "twin",
        because: "As documented: the value of an attribute is not empty.",
        at: {
            "attributes of messages > send an empty value": refused(
                "InvalidParameterValue",
                "Message (user) attribute 'a' must contain a non-empty value of type 'String'.",
                {
                    MD5OfMessageBody: "1cb251ec0d568de6a929b520c4aed8d1",
                    MD5OfMessageAttributes: "2b293cec6bf54ec74571a56f4fc818f8",
                    MessageId: "<MessageId 3>",
                },
            ),
        },
    },
    {
        right: "twin",
        because: "As documented: a Number is a number.",
        at: {
            "attributes of messages > send a number that is none": refused(
                "InvalidParameterValue",
                "Can't cast the value of message (user) attribute 'a' to a number.",
                {
                    MD5OfMessageBody: "1cb251ec0d568de6a929b520c4aed8d1",
                    MD5OfMessageAttributes: "3b779b97d7a7aa83915189224b832dff",
                    MessageId: "<MessageId 4>",
                },
            ),
        },
    },
    {
        right: "twin",
        because: "As documented: names that begin with AWS. are reserved.",
        at: {
            "attributes of messages > send AWS's own name": refused(
                "InvalidParameterValue",
                "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for internal use.",
                {
                    MD5OfMessageBody: "1cb251ec0d568de6a929b520c4aed8d1",
                    MD5OfMessageAttributes: "ff0be4c613e1514caaf6322695c9b9a6",
                    MessageId: "<MessageId 5>",
                },
            ),
        },
    },
    {
        right: "twin",
        because: "As documented: a message has at most ten attributes.",
        at: {
            "attributes of messages > send eleven": refused(
                "InvalidParameterValue",
                "Number of message attributes [11] exceeds the allowed maximum [10].",
                {
                    MD5OfMessageBody: "1cb251ec0d568de6a929b520c4aed8d1",
                    MD5OfMessageAttributes: "e5b1429c377edcf0986d704ac7ebf821",
                    MessageId: "<MessageId 6>",
                },
            ),
        },
    },
    {
        right: "twin",
        because: "As documented: ContentBasedDeduplication is for FIFO queues.",
        at: {
            "FIFO > FIFO attribute of a standard queue": refused(
                "InvalidAttributeName",
                "You can specify the ContentBasedDeduplication only when FifoQueue is set to true.",
                { QueueUrl: "<address>/<account>/standard" },
            ),
        },
    },
    {
        right: "twin",
        because: "Seen: the message names the attribute that differs, and the rule for FIFO queues.",
        at: {
            "queues > create with other attributes": {
                "error.message": [
                    "A queue already exists with the same name and a different value for attribute DelaySeconds",
                    "The specified queue already exists.",
                ],
            },
            "queues > create FIFO without the suffix": {
                "error.message": [
                    "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length",
                    "Queue name must end in .fifo for FIFO queues",
                ],
            },
        },
    },
    {
        right: "neither",
        because: "What SQS says here is not known; the twin names the parameter and its range.",
        at: {
            "messages > hide for too long": {
                "error.message": [
                    "Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200, if provided.",
                    "Invalid request, maximum visibility timeout is 43200",
                ],
            },
        },
    },
    {
        right: "twin",
        because: "Seen: InvalidParameterValue, not available for visibility timeout change.",
        at: {
            "messages > show what was deleted": {
                "headers.x-amzn-query-error": ["InvalidParameterValue;Sender", "ReceiptHandleIsInvalid;Sender"],
                "error.code": ["InvalidParameterValue", "ReceiptHandleIsInvalid"],
                "error.message": [
                    "Value <ReceiptHandle 2> for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.",
                    "The input receipt handle is invalid.",
                ],
            },
        },
    },
    {
        right: "twin",
        because: "Seen; moto puts boto's own prefix before it.",
        at: {
            "messages > receive eleven": {
                "error.message": [
                    "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.",
                    "An error occurred (InvalidParameterValue) when calling the ReceiveMessage operation: Value 11 for parameter MaxNumberOfMessages is invalid. Reason: must be between 1 and 10, if provided.",
                ],
            },
            "messages > wait too long": {
                "error.message": [
                    "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.",
                    "An error occurred (InvalidParameterValue) when calling the ReceiveMessage operation: Value 21 for parameter WaitTimeSeconds is invalid. Reason: must be &lt;= 0 and &gt;= 20 if provided.",
                ],
            },
        },
    },
    {
        right: "twin",
        because: "Seen; moto has the words of earlier years.",
        at: {
            "attributes of messages > send an unknown type": {
                "error.message": [
                    "The type of message (user) attribute 'a' is invalid. You must use only the following supported type prefixes: Binary, Number, String.",
                    "The message attribute 'a' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
                ],
            },
            "attributes of messages > send a bad name": {
                "error.message": [
                    "Message (user) attributes name can only contain upper and lower score characters, digits, periods, hyphens and underscores. ",
                    "The message attribute name 'a b' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters.",
                ],
            },
        },
    },
    {
        right: "both",
        because: "The id of root is the account's; moto has a user.",
        at: {
            "messages > receive": {
                "output.Messages.0.Attributes.SenderId": ["<account>", "AIDAIT2UOQQY3AUEKVGXU"],
            },
        },
    },
    {
        right: "twin",
        because: "The second message of the queue; moto has taken two that were to be refused.",
        at: {
            "messages > send a group": {
                "output.MessageId": ["<MessageId 2>", "<MessageId 4>"],
            },
        },
    },
    {
        right: "twin",
        because: "As documented: SQS takes a duplicate without a new message; the answer has the first one's ids.",
        at: {
            "FIFO > send a1 again": {
                "output.MessageId": ["<MessageId 1>", "<MessageId 4>"],
                "output.SequenceNumber": ["<SequenceNumber 1>", "<SequenceNumber 4>"],
            },
        },
    },
    {
        right: "twin",
        because:
            "As documented: a duplicate by content is no new message either, and every message of a FIFO queue has a sequence number.",
        at: {
            "FIFO > send by content": {
                "output.MessageId": ["<MessageId 4>", "<MessageId 5>"],
                "output.SequenceNumber": ["<SequenceNumber 4>", undefined],
            },
            "FIFO > send the same content": {
                "output.MessageId": ["<MessageId 4>", "<MessageId 6>"],
                "output.SequenceNumber": ["<SequenceNumber 4>", undefined],
            },
            "FIFO > receive by content": {
                "output.Messages.0.MessageId": ["<MessageId 4>", "<MessageId 5>"],
            },
        },
    },
    {
        right: "twin",
        because: "The attribute is what was set; moto writes the JSON anew.",
        at: {
            "dead letters > policy": {
                "output.Attributes.RedrivePolicy": [
                    '{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:<account>:dead","maxReceiveCount":1}',
                    '{"deadLetterTargetArn": "arn:aws:sqs:eu-central-1:<account>:dead", "maxReceiveCount": 1}',
                ],
            },
        },
    },
    {
        right: "twin",
        because: "Seen: InvalidParameterValue for RedrivePolicy, with the reason; moto takes it, fails or says less.",
        at: {
            "dead letters > set none as target": {
                "headers.x-amzn-query-error": [
                    "InvalidParameterValue;Sender",
                    "AWS.SimpleQueueService.NonExistentQueue;Sender",
                ],
                "error.code": ["InvalidParameterValue", "QueueDoesNotExist"],
                "error.message": [
                    'Value {"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:<account>:dead-none","maxReceiveCount":1} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.',
                    "Could not find DLQ for arn:aws:sqs:eu-central-1:<account>:dead-none",
                ],
            },
            "dead letters > set a bad policy": {
                status: [400, undefined],
                "headers.request id": ["<id>", undefined],
                "headers.content-type": ["application/x-amz-json-1.0", undefined],
                "headers.x-amzn-query-error": ["InvalidParameterValue;Sender", undefined],
                "error.RequestId": ["<id>", undefined],
                "error.code": ["InvalidParameterValue", "an answer that the SDK cannot read"],
                "error.message": [
                    "Value { for parameter RedrivePolicy is invalid. Reason: Redrive policy is not a valid JSON map.",
                    undefined,
                ],
            },
            "dead letters > set a policy without count": {
                "error.message": [
                    'Value {"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:<account>:dead"} for parameter RedrivePolicy is invalid. Reason: Redrive policy does not contain mandatory attribute: maxReceiveCount.',
                    "Redrive policy does not contain maxReceiveCount",
                ],
            },
            "dead letters > set too many receives": refused(
                "InvalidParameterValue",
                'Value {"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:<account>:dead","maxReceiveCount":1001} for parameter RedrivePolicy is invalid. Reason: Invalid value for maxReceiveCount: 1001, valid values are from 1 to 1000 both inclusive.',
                {},
            ),
        },
    },
    {
        right: "twin",
        because: "As documented: a system attribute of messages that SQS has moved.",
        at: {
            "dead letters > receive the dead letter": {
                "output.Messages.0.Attributes.DeadLetterQueueSourceArn": [
                    "arn:aws:sqs:eu-central-1:<account>:source",
                    undefined,
                ],
            },
        },
    },
    {
        right: "twin",
        because: "moto's server does not have StartMessageMoveTask.",
        at: {
            "dead letters > move back from no dead-letter queue": {
                status: [404, undefined],
                "headers.request id": ["<id>", undefined],
                "headers.content-type": ["application/x-amz-json-1.0", undefined],
                "headers.x-amzn-query-error": ["ResourceNotFoundException;Sender", undefined],
                "error.RequestId": ["<id>", undefined],
                "error.code": ["ResourceNotFoundException", "an answer that the SDK cannot read"],
                "error.message": [
                    "The resource that you specified for the SourceArn parameter doesn't exist.",
                    undefined,
                ],
            },
            "dead letters > move back": {
                status: [200, undefined],
                "headers.request id": ["<id>", undefined],
                "headers.content-type": ["application/x-amz-json-1.0", undefined],
                output: [{ TaskHandle: "<TaskHandle 1>" }, undefined],
                error: [undefined, { code: "an answer that the SDK cannot read" }],
            },
        },
    },
];

/** Where SQS of the twin and of moto differ. "Seen" means in answers of SQS that its users report. */
export const sqsDifferences: Differences = { listed, repeated };
