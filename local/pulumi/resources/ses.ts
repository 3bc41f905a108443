import { recordOnlyType } from "../provider/record-only";
import type { ServiceResources } from "../provider/resource-type";
import { flag, listOf, number, object, oneOf, required, text } from "../provider/shape";
import { arn } from "./arn";

const because = "no mail comes in by SMTP on this machine; put mails into the bucket instead";

const receiptRule = recordOnlyType({
    type: "aws:ses/receiptRule:ReceiptRule",
    arguments: {
        name: text,
        ruleSetName: required(text),
        after: text,
        enabled: flag,
        scanEnabled: flag,
        tlsPolicy: oneOf("Require", "Optional"),
        recipients: listOf(text),
        s3Actions: listOf(
            object({
                bucketName: required(text),
                position: required(number),
                objectKeyPrefix: text,
                kmsKeyArn: text,
                iamRoleArn: text,
                topicArn: text,
            }),
        ),
        addHeaderActions: listOf(
            object({ headerName: required(text), headerValue: required(text), position: required(number) }),
        ),
        lambdaActions: listOf(
            object({ functionArn: required(text), position: required(number), invocationType: text, topicArn: text }),
        ),
        stopActions: listOf(object({ scope: required(text), position: required(number), topicArn: text })),
    },
    replacedBy: ["ruleSetName"],
    naming: { property: "name", maximum: 64 },
    because,
    id: ({ name }) => String(name),
    outputs: ({ name, ruleSetName }) => ({
        arn: arn("ses", `receipt-rule-set/${ruleSetName}:receipt-rule/${name}`),
    }),
});

const receiptRuleSet = recordOnlyType({
    type: "aws:ses/receiptRuleSet:ReceiptRuleSet",
    arguments: { ruleSetName: required(text) },
    replacedBy: ["ruleSetName"],
    identity: ["ruleSetName"],
    because,
    id: ({ ruleSetName }) => ruleSetName,
    outputs: ({ ruleSetName }) => ({ arn: arn("ses", `receipt-rule-set/${ruleSetName}`) }),
});

const activeReceiptRuleSet = recordOnlyType({
    type: "aws:ses/activeReceiptRuleSet:ActiveReceiptRuleSet",
    arguments: { ruleSetName: required(text) },
    replacedBy: ["ruleSetName"],
    because,
    id: ({ ruleSetName }) => ruleSetName,
    outputs: ({ ruleSetName }) => ({ arn: arn("ses", `receipt-rule-set/${ruleSetName}`) }),
});

export const ses: ServiceResources = { resources: [receiptRule, receiptRuleSet, activeReceiptRuleSet] };
