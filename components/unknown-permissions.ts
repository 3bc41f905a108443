import * as pulumi from "@pulumi/pulumi";
import { shownLocation } from "./granted-permissions";
import type { OutputRead, PolicyStatement } from "./inline";

/** What is most often done with a resource whose output a handler reads, and on what below its ARN. */
const usual: Readonly<Record<string, { readonly action: string; readonly below?: string }>> = {
    "aws:s3/bucket:Bucket": { action: "s3:GetObject", below: "/*" },
    "aws:s3/bucketV2:BucketV2": { action: "s3:GetObject", below: "/*" },
    "aws:sqs/queue:Queue": { action: "sqs:SendMessage" },
    "aws:sns/topic:Topic": { action: "sns:Publish" },
    "aws:dynamodb/table:Table": { action: "dynamodb:GetItem" },
    "aws:kinesis/stream:Stream": { action: "kinesis:PutRecords" },
    "aws:lambda/function:Function": { action: "lambda:InvokeFunction" },
    "aws:secretsmanager/secret:Secret": { action: "secretsmanager:GetSecretValue" },
    "aws:ssm/parameter:Parameter": { action: "ssm:GetParameter" },
    "aws:sagemaker/endpoint:Endpoint": { action: "sagemaker:InvokeEndpoint" },
};

/** The line to add for a resource that the program knows as `owner`. */
function suggestion(type: string, owner: string): string {
    const { action, below } = usual[type] ?? { action: "service:Action" };
    const resource = below === undefined ? `${owner}.arn` : `pulumi.interpolate\`\${${owner}.arn}${below}\``;
    return `permissions: [allow([${JSON.stringify(action)}], ${resource})]`;
}

type WithResources = { allResources?(): Promise<ReadonlySet<pulumi.Resource>> };

/** The AWS resources that a value comes from. Pulumi tracks them, but leaves it out of its declarations. */
async function resourcesOf(value: unknown): Promise<readonly pulumi.Resource[]> {
    if (!pulumi.Output.isInstance(value)) return [];
    const all = await (value as unknown as WithResources).allResources?.();
    return [...(all ?? [])].filter((each) => typeOf(each).startsWith("aws:"));
}

function typeOf(resource: pulumi.Resource): string {
    return "__pulumiType" in resource && typeof resource.__pulumiType === "string" ? resource.__pulumiType : "";
}

/**
 * Warns of outputs that a handler reads of resources on which it is allowed nothing: most likely a permission is missing,
 * which would show at run time only.
 */
export async function warnOfUnknownPermissions(
    stage: string,
    reads: readonly OutputRead[],
    statements: readonly PolicyStatement[],
): Promise<void> {
    if (reads.length === 0) return;
    const granted = await Promise.all(statements.flatMap(({ resources }) => resources.map(resourcesOf)));
    const known = new Set(granted.flat());
    for (const { name, output, at } of reads) {
        const resources = await resourcesOf(output);
        const [first] = resources;
        if (first === undefined || resources.some((each) => known.has(each))) continue;
        const type = typeOf(first);
        const owner = name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : name;
        const [place] = at;
        await pulumi.log.warn(
            `stage "${stage}": it reads "${name}" of ${type}, on which it is allowed nothing` +
                (place === undefined ? "" : `\n    at ${shownLocation(place)}`) +
                `\n    Add what its code does to the stage's options, for example ${suggestion(type, owner)}` +
                `\n    or, where it needs no permission, permissions: [allow([], ${name})]`,
        );
    }
}
