import assert from "node:assert/strict";
import { keepEarlier } from "../../../local/pulumi/provider/ignore-changes";
import { withName } from "../../../local/pulumi/provider/naming";
import {
    checkMembers,
    coerce,
    flag,
    listOf,
    mapOf,
    number,
    object,
    oneOf,
    recordedOnly,
    required,
    text,
    withoutEffect,
} from "../../../local/pulumi/provider/shape";
import { policyDocument } from "../../../local/pulumi/resources/policy-document";
import { secret } from "../../../local/pulumi/values";

describe("the arguments' shape", () => {
    const shape = {
        name: required(text),
        mode: oneOf("A", "B"),
        rules: listOf(object({ days: required(number), enabled: flag })),
        tags: mapOf(text),
    };

    it("finds all that is wrong, by path, without telling values of text", () => {
        const failures = checkMembers(
            { mode: "hidden", rules: [{ days: "x" }, { other: 1 }], tags: { a: 1 }, more: 1 },
            shape,
        );
        assert.deepEqual(
            failures.map(({ property }) => property),
            ["more", "name", "mode", "rules[0].days", "rules[1].other", "rules[1].days", "tags.a"],
        );
        assert.ok(!JSON.stringify(failures).includes("hidden"));
    });

    it("takes numbers and flags that come as text for what they are, and drops nulls", () => {
        const given = { name: "n", rules: [{ days: "3", enabled: "false" }], tags: null };
        assert.deepEqual(checkMembers(given, shape), []);
        assert.deepEqual(coerce(given, shape), { name: "n", rules: [{ days: 3, enabled: false }] });
    });
});

describe("an argument without effect", () => {
    const shape = {
        tracing: object({ mode: recordedOnly(oneOf("on", "off"), "there is nothing to trace with", "off") }),
    };

    it("is told of, by path, unless its value asks for nothing", () => {
        assert.deepEqual(withoutEffect({ tracing: { mode: "on" } }, shape), [
            { property: "tracing.mode", reason: "there is nothing to trace with" },
        ]);
        assert.deepEqual(withoutEffect({ tracing: { mode: "off" } }, shape), []);
    });
});

describe("automatic names", () => {
    const naming = { property: "name", prefixProperty: "namePrefix", maximum: 20 };

    it("begin with the resource's name or the prefix, and keep to the length and the ending", () => {
        assert.match(String(withName(naming, "queue", {}).name), /^queue-[0-9a-f]{7}$/);
        assert.match(String(withName(naming, "queue", { namePrefix: "my" }).name), /^my[0-9a-f]{7}$/);
        const fifo = { ...naming, ending: () => ".fifo" };
        assert.match(String(withName(fifo, "a-very-long-name-for-a-queue", {}).name), /^a-very-l[0-9a-f]{7}\.fifo$/);
        assert.match(String(withName({ ...naming, lowerCase: true }, "Bucket", {}).name), /^bucket-/);
    });

    it("are kept while the provider chooses them, and never taken over from a given name", () => {
        const first = withName(naming, "queue", {});
        assert.equal(withName(naming, "queue", {}, first).name, first.name);
        assert.equal(withName(naming, "renamed", {}, first).name, first.name);
        assert.notEqual(withName(naming, "queue", { namePrefix: "my" }, first).name, first.name);
        assert.match(String(withName(naming, "queue", {}, { name: "given" }).name), /^queue-/);
        assert.equal(withName(naming, "queue", { name: "given" }, first).name, "given");
    });
});

describe("changes that are ignored", () => {
    it("are put back by path, in maps, lists and secrets, and others are not", () => {
        const earlier = {
            tags: { a: "1", "b.c": "2" },
            rules: [{ days: 1 }, { days: 2 }],
            word: secret({ x: 1 }),
            gone: 1,
        };
        const now = {
            tags: { a: "9", "b.c": "9", d: "9" },
            rules: [{ days: 9 }, { days: 9 }],
            word: secret({ x: 9 }),
            new: 9,
        };
        const kept = keepEarlier(now, earlier, ['tags["b.c"]', "rules[1].days", "gone", "new"]);
        assert.deepEqual(kept, {
            tags: { a: "9", "b.c": "2", d: "9" },
            rules: [{ days: 9 }, { days: 2 }],
            word: secret({ x: 9 }),
            gone: 1,
        });
        assert.deepEqual(keepEarlier(now, earlier, ["rules[*].days"]).rules, earlier.rules);
        assert.deepEqual(keepEarlier(now, earlier, ["word"]).word, earlier.word);
    });
});

describe("aws.iam.getPolicyDocument", () => {
    it("groups principals and conditions, and adds its statements to those of other documents", () => {
        const document = policyDocument({
            sourcePolicyDocuments: ['{"Statement":{"Sid":"other","Effect":"Deny","Action":"*","Resource":"*"}}'],
            statements: [
                {
                    sid: "read",
                    actions: ["s3:GetObject", "s3:ListBucket"],
                    resources: ["*"],
                    principals: [
                        { type: "Service", identifiers: ["a.amazonaws.com"] },
                        { type: "Service", identifiers: ["b.amazonaws.com"] },
                    ],
                    conditions: [
                        { test: "StringEquals", variable: "aws:SourceAccount", values: ["1"] },
                        { test: "StringEquals", variable: "aws:SourceArn", values: ["x", "y"] },
                    ],
                },
            ],
        });
        assert.deepEqual(document, {
            Version: "2012-10-17",
            Statement: [
                { Sid: "other", Effect: "Deny", Action: "*", Resource: "*" },
                {
                    Sid: "read",
                    Effect: "Allow",
                    Action: ["s3:GetObject", "s3:ListBucket"],
                    Resource: "*",
                    Principal: { Service: ["a.amazonaws.com", "b.amazonaws.com"] },
                    Condition: { StringEquals: { "aws:SourceAccount": "1", "aws:SourceArn": ["x", "y"] } },
                },
            ],
        });
    });
});
