import { account, allow, type Case, deny, object, type Row, roleArn, stream, toCase } from "./case";

const putting = { request: ["kinesis:PutRecord", stream] } as const;
const get = (resource: string) => ({ request: ["s3:GetObject", resource] }) as const;
const own = get(`arn:aws:s3:::${account}/a`);
const passes = (service: string) =>
    ({ request: ["iam:PassRole", roleArn], context: { "iam:PassedToService": service } }) as const;
const toSageMaker = { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } };

const rows: Row[] = [
    ["without any statement", "denied", []],
    ["with the action and the resource", "allowed", [allow("s3:GetObject", object)]],
    ["with the action on another resource", "denied", [allow("s3:GetObject", `${object}2`)]],
    ["with another action on the resource", "denied", [allow("s3:PutObject", object)]],
    ["with lists", "allowed", [allow(["s3:PutObject", "s3:GetObject"], ["arn:aws:s3:::other/*", object])]],
    ["with everything", "allowed", [allow("*")]],
    ["with all actions of the service", "allowed", [allow("s3:*")]],
    ["with all actions of another service", "denied", [allow("sqs:*")]],

    ["with the beginning of the action and *", "allowed", [allow("s3:Get*")]],
    ["with * in the middle of the action", "allowed", [allow("s3:*Object")]],
    ["with ? for one letter of the action", "allowed", [allow("s3:?etObject")]],
    ["with ? for a letter that is not there", "denied", [allow("s3:GetObject?")]],
    ["with the action in another case", "allowed", [allow("S3:getobject", object)]],
    ["with the resource in another case", "denied", [allow("s3:GetObject", "arn:aws:s3:::mail/In/*")]],
    ["with the bucket, but not its objects", "denied", [allow("s3:GetObject", "arn:aws:s3:::mail")]],
    ["with * over the slashes of a key", "allowed", [allow("s3:GetObject", "arn:aws:s3:::mail/*")]],
    ["with * in the middle over slashes", "allowed", [allow("s3:GetObject", "arn:aws:s3:::mail/*/a")]],
    ["with * over the colons of an ARN", "allowed", [allow("kinesis:*", "arn:aws:kinesis:*/mail")], putting],
    ["with * as region and account", "allowed", [allow("kinesis:*", "arn:aws:kinesis:*:*:stream/mail")], putting],
    ["with ? for a character", "allowed", [allow("kinesis:*", stream.replace("mail", "mai?"))], putting],
    ["with ? for two characters", "denied", [allow("kinesis:*", stream.replace("mail", "ma?"))], putting],
    ["with what is special elsewhere", "allowed", [allow("s3:*", "arn:aws:s3:::a/(x)+*")], get("arn:aws:s3:::a/(x)+1")],
    ["with a dot for itself alone", "denied", [allow("s3:*", "arn:aws:s3:::a.b/*")], get("arn:aws:s3:::aXb/1")],
    ["with * over a line break", "allowed", [allow("s3:*", "arn:aws:s3:::mail/*")], get("arn:aws:s3:::mail/a\nb")],

    ["with NotAction of another service", "allowed", [{ Effect: "Allow", NotAction: "iam:*", Resource: "*" }]],
    ["with NotAction of this one", "denied", [{ Effect: "Allow", NotAction: ["iam:*", "s3:Get*"], Resource: "*" }]],
    ["with NotResource of another", "allowed", [{ Effect: "Allow", Action: "*", NotResource: "arn:aws:s3:::other/*" }]],
    ["with NotResource of this one", "denied", [{ Effect: "Allow", Action: "*", NotResource: "arn:aws:s3:::mail/*" }]],

    ["with a deny after the allow", "denied by its policy", [allow("*"), deny("s3:Get*")]],
    ["with a deny before the allow", "denied by its policy", [deny("s3:GetObject", object), allow("*")]],
    ["with a deny of something else", "allowed", [allow("*"), deny("s3:Delete*")]],
    [
        "with a deny of all but this action",
        "allowed",
        [allow("*"), { Effect: "Deny", NotAction: "s3:GetObject", Resource: "*" }],
    ],
    [
        "with a deny of all but another resource",
        "denied by its policy",
        [allow("*"), { Effect: "Deny", Action: "*", NotResource: "arn:aws:s3:::other/*" }],
    ],

    [
        "to hand a role to this service",
        "allowed",
        [allow("iam:PassRole", roleArn, toSageMaker)],
        passes("sagemaker.amazonaws.com"),
    ],
    [
        "to hand a role to another service",
        "denied",
        [allow("iam:PassRole", roleArn, toSageMaker)],
        passes("lambda.amazonaws.com"),
    ],

    ["with an escaped *", "allowed", [allow("s3:*", `arn:aws:s3:::mail/\${*}`)], get("arn:aws:s3:::mail/*")],
    ["with an escaped * for something else", "denied", [allow("s3:*", `arn:aws:s3:::mail/\${*}`)]],
    ["with its account by a variable", "allowed", [allow("s3:*", `arn:aws:s3:::\${aws:PrincipalAccount}/*`)], own],
    ["with the variable in another case", "allowed", [allow("s3:*", `arn:aws:s3:::\${AWS:principalaccount}/*`)], own],
    [
        "with a variable in a policy of the older version",
        "denied",
        [allow("s3:*", `arn:aws:s3:::\${aws:PrincipalAccount}/*`)],
        { ...own, version: "2008-10-17" },
    ],
    [
        "with a user's name, which a role has not",
        "denied",
        [allow("s3:*", `arn:aws:s3:::mail/\${aws:username}/*`)],
        get("arn:aws:s3:::mail/reader/a"),
    ],
    [
        "with a default for a user's name",
        "allowed",
        [allow("s3:*", `arn:aws:s3:::mail/\${aws:username, 'all'}/*`)],
        get("arn:aws:s3:::mail/all/a"),
    ],
];

const several: Case[] = [
    {
        ...toCase(["with the allow in the second of two policies", "allowed", []]),
        policies: [[allow("sqs:*")], [allow("*")]],
    },
    {
        ...toCase(["with the deny in the second of two policies", "denied by its policy", []]),
        policies: [[allow("*")], [deny("s3:*")]],
    },
    {
        ...toCase(["with the action in one policy and the resource in another", "denied", []]),
        policies: [[allow("s3:GetObject", "arn:aws:s3:::other/*")], [allow("s3:PutObject", object)]],
    },
];

export const identityCases: Case[] = [...rows.map(toCase), ...several];
