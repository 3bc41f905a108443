import type { PolicyStatement } from "../../../../local/aws/iam";
import { account, allow, type Case, deny, type Outcome, of, roleArn, sessionArn, toCase } from "./case";

type Row = readonly [
    does: string,
    is: Outcome,
    resourcePolicy: readonly PolicyStatement[],
    ownPolicy?: readonly PolicyStatement[],
];

const everything = [allow("*")];
const bucket = { "aws:SourceArn": "arn:aws:s3:::mail", "aws:SourceAccount": account };
const s3 = { Service: "s3.amazonaws.com" };
const ofSource = (arn: string) => of("Allow", s3, { Condition: { ArnLike: { "AWS:SourceArn": arn } } });
const ofAccount = (id: string) => of("Allow", s3, { Condition: { StringEquals: { "aws:SourceAccount": id } } });

const rows: Row[] = [
    ["for its role", "allowed", [of("Allow", { AWS: roleArn })]],
    ["for its session", "allowed", [of("Allow", { AWS: sessionArn })]],
    ["for everyone", "allowed", [of("Allow", "*")]],
    ["for every AWS principal", "allowed", [of("Allow", { AWS: ["*"] })]],
    ["for another role", "denied", [of("Allow", { AWS: `${roleArn}2` })]],
    ["for a service", "denied", [of("Allow", s3)]],
    ["for its account, which leaves it to its own", "denied", [of("Allow", { AWS: `arn:aws:iam::${account}:root` })]],
    ["for its account, and its own", "allowed", [of("Allow", { AWS: account })], everything],
    ["for other actions", "denied", [of("Allow", "*", { Action: "s3:PutObject" })]],
    ["for other objects", "denied", [of("Allow", "*", { Resource: "arn:aws:s3:::mail/out/*" })]],
    [
        "on a condition that holds",
        "allowed",
        [of("Allow", "*", { Condition: { StringEquals: { "aws:PrincipalArn": roleArn } } })],
    ],
    ["that denies its account", "denied by the resource", [of("Deny", { AWS: account })], everything],
    ["that denies it again", "denied by the resource", [of("Allow", "*"), of("Deny", "*", { Action: "s3:Get*" })]],
    ["that denies another role", "allowed", [of("Deny", { AWS: `${roleArn}2` })], everything],
    ["against its own deny", "denied by its policy", [of("Allow", "*")], [deny("s3:*")]],
];

/** What a role may by the resource's policy. */
export const resourceCases: Case[] = rows.map(([does, is, resourcePolicy, own = []]) =>
    toCase([does, is, own, { resourcePolicy }]),
);

/** What a service may by the resource's policy. */
export const serviceCases: readonly (readonly [
    does: string,
    allowed: boolean,
    statement: PolicyStatement,
    service?: string,
])[] = [
    ["named as principal", true, of("Allow", s3)],
    ["not named as principal", false, of("Allow", s3), "events.amazonaws.com"],
    ["named among others", true, of("Allow", { Service: ["ses.amazonaws.com", "s3.amazonaws.com"] })],
    ["where everyone may", true, of("Allow", "*")],
    ["where every account may", false, of("Allow", { AWS: "*" })],
    ["where its account may", false, of("Allow", { AWS: account })],
    ["for its source", true, ofSource("arn:aws:s3:::mail")],
    ["for a source like its own", true, ofSource("arn:aws:s3:::m*")],
    ["for another source", false, ofSource("arn:aws:s3:::other")],
    ["for its account", true, ofAccount(account)],
    ["for another account", false, ofAccount("111111111111")],
    ["as a service", true, of("Allow", "*", { Condition: { Bool: { "aws:PrincipalIsAWSService": "true" } } })],
    ["where it is denied", false, of("Deny", s3)],
];

/** What S3 says about itself when it acts for the bucket `mail`. */
export const sourceOfService = bucket;
