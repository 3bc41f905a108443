import assert from "node:assert/strict";
import { comparePermissions, listPermissions } from "../../automation/permissions";
import type { StackExport } from "../../local/pulumi";

const roleArn = "arn:aws:iam::000000000000:role/route-role-1a2b";
const queue = "arn:aws:sqs:eu-central-1:000000000000:sales";
const bucket = "arn:aws:s3:::mails";

function stackWith(outputs: Record<string, unknown>): StackExport {
    const resource = { urn: "u", type: "sortline:index:LambdaStage", name: "route", custom: false };
    const rest = { inputs: {}, dependencies: [], protect: false };
    return { resources: [{ ...resource, ...rest, outputs: outputs as never }], outputs: {} };
}

const stack = stackWith({
    roleArn,
    permissions: [
        { actions: ["sqs:SendMessage"], resources: [queue], because: "queues.sales.send", at: ["index.ts:67:39"] },
        { actions: ["s3:GetObject", "s3:PutObject"], resources: [`${bucket}/*`], because: "intake.read", at: [] },
    ],
});

describe("the permissions of a deployed program", () => {
    it("are one row an action and resource, with the code that needs it", () => {
        assert.deepEqual(listPermissions(stack), [
            {
                stage: "route",
                action: "sqs:SendMessage",
                resource: queue,
                because: "queues.sales.send",
                at: ["index.ts:67:39"],
            },
            { stage: "route", action: "s3:GetObject", resource: `${bucket}/*`, because: "intake.read", at: [] },
            { stage: "route", action: "s3:PutObject", resource: `${bucket}/*`, because: "intake.read", at: [] },
        ]);
        assert.deepEqual(listPermissions(stackWith({ queueUrl: "q" })), []);
    });

    it("are compared with what was used: how often, never, and what was denied", () => {
        const use = (action: string, resource: string, allowed: number, denied = 0, role = roleArn) => ({
            roleArn: role,
            action,
            resource,
            allowed,
            denied,
        });
        const compared = comparePermissions(stack, [
            use("sqs:SendMessage", queue, 3),
            use("s3:GetObject", `${bucket}/inbox/*`, 2),
            use("s3:GetObject", `${bucket}/other/*`, 1),
            use("sqs:DeleteMessage", queue, 0, 4),
            use("s3:PutObject", `${bucket}/inbox/*`, 9, 0, "arn:aws:iam::000000000000:role/another"),
        ]);
        assert.deepEqual(
            compared.map(({ action, granted, allowed, denied }) => [action, granted, allowed, denied]),
            [
                ["sqs:SendMessage", true, 3, 0],
                ["s3:GetObject", true, 3, 0],
                ["s3:PutObject", true, 0, 0],
                ["sqs:DeleteMessage", false, 0, 4],
            ],
        );
        assert.equal(compared.at(-1)?.because, "denied: nothing permits it");
    });
});
