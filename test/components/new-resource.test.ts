import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { newResource } from "../../components/new-resource";
import { mockDeployment } from "./deployment";

describe("making a resource", () => {
    before(() => mockDeployment());

    it("takes no stack traces of its properties, and leaves them on for everybody else", () => {
        let during = -1;
        class Watched extends aws.sqs.Queue {
            constructor(name: string, args: aws.sqs.QueueArgs, options?: pulumi.CustomResourceOptions) {
                during = Error.stackTraceLimit;
                super(name, args, options);
            }
        }
        const before = Error.stackTraceLimit;
        newResource(Watched, "watched", {}, {});
        assert.equal(during, 0);
        assert.equal(Error.stackTraceLimit, before);
        assert.ok(before > 0);
    });

    it("tells where an error comes from", () => {
        const wrong = { sourceArns: [] } as unknown as aws.lambda.EventSourceMappingArgs;
        assert.throws(
            () => newResource(aws.lambda.EventSourceMapping, "wrong", wrong, {}),
            (error: Error) => /functionName/.test(error.message) && (error.stack ?? "").includes(__filename),
        );
        assert.ok(Error.stackTraceLimit > 0);
    });
});
