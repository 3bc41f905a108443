import type { TwinContext } from "../context";
import { account, type Caller, region } from "../service";
import { authorizedArn } from "./names";

/** Which of Parameter Store's actions a caller may take. */
export interface Access {
    /** @throws AwsError AccessDeniedException unless the caller may do `action` (without `ssm:`) to the parameter. */
    parameter(caller: Caller, action: string, name: string): void;
    /** The key of a SecureString has permissions of its own. @throws AwsError AccessDeniedException */
    key(caller: Caller, action: "kms:Encrypt" | "kms:GenerateDataKey" | "kms:Decrypt", keyId: string | undefined): void;
}

export const defaultKey = "alias/aws/ssm";

export function createAccess({ iam }: Pick<TwinContext, "iam">): Access {
    return {
        parameter: (caller, action, name) => iam.authorize(caller, `ssm:${action}`, authorizedArn(name)),
        key(caller, action, keyId) {
            // The key that AWS manages for Systems Manager is open to everyone in the account through it.
            if (keyId === undefined || keyId.endsWith(defaultKey)) return;
            iam.authorize(caller, action, keyArn(keyId));
        },
    };
}

function keyArn(keyId: string): string {
    if (keyId.startsWith("arn:")) return keyId;
    return `arn:aws:kms:${region}:${account}:${keyId.startsWith("alias/") ? "" : "key/"}${keyId}`;
}
