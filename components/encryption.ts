import type * as pulumi from "@pulumi/pulumi";
import { input, text } from "./argument-rules";
import type { PolicyStatement } from "./inline";

/** What `encryption` may be. */
export const encryptionRule = input(
    text("the ARN of a KMS key, or an Output of one", /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/),
);

/** What whoever reads what is encrypted with the key needs. */
export function decrypts(key: pulumi.Input<string>, because?: string): PolicyStatement {
    return { actions: ["kms:Decrypt"], resources: [key], because };
}

/** What whoever reads and writes with the key needs. */
export function encrypts(key: pulumi.Input<string>): PolicyStatement {
    return { actions: ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], resources: [key] };
}

/** What whoever starts instances whose volumes the key encrypts needs: EC2 uses it on their behalf, by a grant. */
export function encryptsVolumes(key: pulumi.Input<string>, because?: string): PolicyStatement[] {
    return [
        { actions: ["kms:DescribeKey"], resources: [key], because },
        {
            actions: ["kms:CreateGrant"],
            resources: [key],
            conditions: { Bool: { "kms:GrantIsForAWSResource": "true" } },
            because,
        },
    ];
}
