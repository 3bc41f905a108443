import type { TwinContext } from "../context";
import { account, type Caller, region } from "../service";
import { authorizedArn, parameterArn } from "./names";

/** Which of Parameter Store's actions a caller may take. */
export interface Access {
    /** @throws AwsError AccessDeniedException unless the caller may do `action` (without `ssm:`) to the parameter. */
    parameter(caller: Caller, action: string, name: string): void;
    /** The key of a SecureString has permissions of its own. @throws AwsError AccessDeniedException */
    key(caller: Caller, action: KeyAction, use: { readonly name: string; readonly keyId?: string }): void;
}

type KeyAction = "kms:Encrypt" | "kms:GenerateDataKey" | "kms:Decrypt";

export const defaultKey = "alias/aws/ssm";

export function createAccess({ iam }: Pick<TwinContext, "iam">): Access {
    return {
        parameter: (caller, action, name) => iam.authorize(caller, `ssm:${action}`, authorizedArn(name)),
        key(caller, action, { name, keyId }) {
            // The key that AWS manages for Systems Manager is open to everyone in the account through it.
            if (keyId === undefined || keyId.endsWith(defaultKey)) return;
            iam.authorize(caller, action, keyArn(keyId), {
                context: {
                    "kms:ViaService": `ssm.${region}.amazonaws.com`,
                    "kms:EncryptionContext:PARAMETER_ARN": parameterArn(name),
                },
            });
        },
    };
}

function keyArn(keyId: string): string {
    if (keyId.startsWith("arn:")) return keyId;
    return `arn:aws:kms:${region}:${account}:${keyId.startsWith("alias/") ? "" : "key/"}${keyId}`;
}
