import type { PolicyStatement } from "../../../../local/aws/iam";
import { account, allow, type Case, deny, type Outcome, roleArn, toCase } from "./case";

type Row = readonly [does: string, is: Outcome, condition: PolicyStatement["Condition"], context?: Case["context"]];

const prefix = (...values: string[]) => ({ "s3:prefix": values });
const keys = (value: string) => ({ "s3:max-keys": value });
const parse = { "aws:SourceArn": `arn:aws:lambda:eu-central-1:${account}:function:parse` };
const midnight = { "aws:CurrentTime": "2026-11-26T00:00:00Z" };

const rows: Row[] = [
    ["StringEquals one of the values", "allowed", { StringEquals: { "s3:prefix": ["in/", "out/"] } }, prefix("out/")],
    ["StringEquals in another case", "denied", { StringEquals: { "s3:prefix": "in/" } }, prefix("In/")],
    ["StringEquals without the key", "denied", { StringEquals: { "s3:prefix": "in/" } }],
    ["StringEquals with * as plain text", "denied", { StringEquals: { "s3:prefix": "in/*" } }, prefix("in/a")],
    ["StringEquals with the key in another case", "allowed", { StringEquals: { "S3:PREFIX": "in/" } }, prefix("in/")],
    ["StringEqualsIfExists without the key", "allowed", { StringEqualsIfExists: { "s3:prefix": "in/" } }],
    ["StringEqualsIfExists of another value", "denied", { StringEqualsIfExists: { "s3:prefix": "in/" } }, prefix("x")],
    ["StringNotEquals without the key", "allowed", { StringNotEquals: { "s3:prefix": "in/" } }],
    ["StringNotEquals one of the values", "denied", { StringNotEquals: { "s3:prefix": ["in/", "x"] } }, prefix("x")],
    ["StringEqualsIgnoreCase", "allowed", { StringEqualsIgnoreCase: { "s3:prefix": "IN/" } }, prefix("in/")],
    ["StringNotEqualsIgnoreCase", "denied", { StringNotEqualsIgnoreCase: { "s3:prefix": "IN/" } }, prefix("in/")],
    ["StringLike with a wildcard", "allowed", { StringLike: { "s3:prefix": "in/*" } }, prefix("in/a/b")],
    ["StringLike with another beginning", "denied", { StringLike: { "s3:prefix": "in/*" } }, prefix("out/in/a")],
    ["StringNotLike with a wildcard", "denied", { StringNotLike: { "s3:prefix": "in/*" } }, prefix("in/a")],
    ["a variable", "allowed", { StringEquals: { "s3:prefix": `\${aws:PrincipalAccount}/` } }, prefix(`${account}/`)],

    [
        "a value with a wildcard by a variable",
        "denied",
        { StringLike: { "s3:prefix": `\${aws:SourceArn}` } },
        { ...prefix("a"), "aws:SourceArn": "*" },
    ],

    ["ArnLike with wildcards", "allowed", { ArnLike: { "aws:SourceArn": "arn:aws:lambda:*:*:function:par?e" } }, parse],
    [
        "ArnLike with * for two parts",
        "denied",
        { ArnLike: { "aws:SourceArn": "arn:aws:lambda:*:function:parse" } },
        parse,
    ],
    ["ArnLike with * alone", "allowed", { ArnLike: { "aws:SourceArn": "*" } }, parse],
    ["ArnLike of the caller's role", "allowed", { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/read*" } }],
    ["ArnEquals with wildcards", "allowed", { ArnEquals: { "aws:SourceArn": "arn:aws:lambda:*:*:function:*" } }, parse],
    ["ArnEquals in another case", "denied", { ArnEquals: { "aws:PrincipalArn": roleArn.replace("reader", "Reader") } }],
    [
        "ArnNotLike of another ARN",
        "allowed",
        { ArnNotLike: { "aws:SourceArn": "arn:aws:lambda:*:*:function:a" } },
        parse,
    ],
    ["ArnNotEquals of the ARN", "denied", { ArnNotEquals: parse }, parse],
    ["ArnLikeIfExists without the key", "allowed", { ArnLikeIfExists: { "aws:SourceArn": "arn:aws:s3:::mail" } }],

    ["Bool true", "allowed", { Bool: { "aws:SecureTransport": true } }],
    ["Bool false", "denied", { Bool: { "aws:SecureTransport": "false" } }],
    ["BoolIfExists of a key that is there", "denied", { BoolIfExists: { "aws:PrincipalIsAWSService": "true" } }],
    ["Null true without the key", "allowed", { Null: { "s3:prefix": "true" } }],
    ["Null true with the key", "denied", { Null: { "s3:prefix": "true" } }, prefix("in/")],
    ["Null false without the key", "denied", { Null: { "s3:prefix": false } }],
    ["Null false with the key", "allowed", { Null: { "s3:prefix": "false" } }, prefix("in/")],

    ["NumericEquals in other digits", "allowed", { NumericEquals: { "s3:max-keys": "10.0" } }, keys("10")],
    ["NumericNotEquals the number", "denied", { NumericNotEquals: { "s3:max-keys": 10 } }, keys("10")],
    ["NumericLessThan as numbers, not texts", "allowed", { NumericLessThan: { "s3:max-keys": "10" } }, keys("9")],
    ["NumericLessThanEquals the number", "allowed", { NumericLessThanEquals: { "s3:max-keys": 10 } }, keys("10")],
    ["NumericGreaterThan the number", "denied", { NumericGreaterThan: { "s3:max-keys": "10" } }, keys("10")],
    ["NumericGreaterThanEquals no number", "denied", { NumericGreaterThanEquals: { "s3:max-keys": 0 } }, keys("many")],

    [
        "DateEquals in another zone",
        "allowed",
        { DateEquals: { "aws:CurrentTime": "2026-11-26T01:00:00+01:00" } },
        midnight,
    ],
    ["DateNotEquals another time", "allowed", { DateNotEquals: { "aws:CurrentTime": "2020-01-01T00:00:00Z" } }],
    ["DateGreaterThan the past", "allowed", { DateGreaterThan: { "aws:CurrentTime": "2020-01-01T00:00:00Z" } }],
    ["DateLessThan the past", "denied", { DateLessThan: { "aws:CurrentTime": "2020-01-01T00:00:00Z" } }],
    ["DateLessThanEquals in epoch seconds", "allowed", { DateLessThanEquals: { "aws:CurrentTime": "4102444800" } }],
    ["DateGreaterThanEquals the future", "denied", { DateGreaterThanEquals: { "aws:EpochTime": "4102444800" } }],

    [
        "ForAllValues of others",
        "denied",
        { "ForAllValues:StringEquals": { "s3:prefix": ["a", "b"] } },
        prefix("a", "c"),
    ],
    [
        "ForAllValues of these",
        "allowed",
        { "ForAllValues:StringEquals": { "s3:prefix": ["a", "b"] } },
        prefix("b", "a"),
    ],
    ["ForAllValues without the key", "allowed", { "ForAllValues:StringEquals": { "s3:prefix": "a" } }],
    ["ForAnyValue of these", "allowed", { "ForAnyValue:StringLike": { "s3:prefix": ["a*", "b"] } }, prefix("ax", "c")],
    ["ForAnyValue of others", "denied", { "ForAnyValue:StringLike": { "s3:prefix": ["a*", "b"] } }, prefix("c", "d")],
    ["ForAnyValue without the key", "denied", { "ForAnyValue:StringEquals": { "s3:prefix": "a" } }],

    [
        "two operators of which one does not hold",
        "denied",
        { StringEquals: { "aws:PrincipalAccount": account }, StringLike: { "s3:prefix": "1" } },
        prefix("2"),
    ],
    [
        "two keys of which one does not hold",
        "denied",
        { StringEquals: { "aws:PrincipalAccount": account, "aws:RequestedRegion": "us-east-1" } },
    ],
    ["a key of a service that is not asked", "denied", { StringLike: { "cloudwatch:namespace": "/aws/sagemaker/*" } }],
];

export const conditionCases: Case[] = [
    ...rows.map(([does, is, condition, context]) =>
        toCase([does, is, [allow("*", "*", condition)], { request: ["s3:ListBucket", "arn:aws:s3:::mail"], context }]),
    ),
    toCase([
        "of a deny that does not hold",
        "allowed",
        [allow("*"), deny("*", "*", { Bool: { "aws:SecureTransport": "false" } })],
    ]),
    toCase([
        "of a deny that holds",
        "denied by its policy",
        [allow("*"), deny("*", "*", { StringNotEquals: { "aws:RequestedRegion": "us-east-1" } })],
    ]),
];
