import type { Iam } from "../iam";
import { AwsError, account, type Caller, region } from "../service";
import type { Members } from "./engine";

/** @throws AwsError AccessDeniedException unless the caller may do this to all tables that the call names. */
export function authorizeCall(iam: Iam, caller: Caller, operation: string, input: Members): void {
    for (const resource of resources(input)) iam.authorize(caller, `dynamodb:${operation}`, resource);
}

/** The call with tables named by name only, which may be given by ARN. */
export function withTableNames(input: Members): Members {
    const named = { ...input };
    if (typeof input.TableName === "string") named.TableName = tableName(input.TableName);
    const { RequestItems: requests } = input;
    if (typeof requests === "object" && requests !== null) {
        named.RequestItems = Object.fromEntries(
            Object.entries(requests).map(([table, request]) => [tableName(table), request]),
        );
    }
    return named;
}

export function tableArn(name: string): string {
    return `arn:aws:dynamodb:${region}:${account}:table/${name}`;
}

export function tableName(nameOrArn: string): string {
    if (!nameOrArn.startsWith("arn:")) return nameOrArn;
    if (nameOrArn.startsWith(tableArn(""))) return nameOrArn.slice(tableArn("").length);
    throw new AwsError(
        "ResourceNotFoundException",
        `Requested resource not found: ${nameOrArn}. The local twin's tables are ${tableArn("NAME")}.`,
    );
}

function resources(input: Members): string[] {
    if (typeof input.ResourceArn === "string") return [input.ResourceArn];
    if (typeof input.TableName === "string") {
        const arn = tableArn(input.TableName);
        return [typeof input.IndexName === "string" ? `${arn}/index/${input.IndexName}` : arn];
    }
    const { RequestItems: requests } = input;
    if (typeof requests === "object" && requests !== null) return Object.keys(requests).map(tableArn);
    return [tableArn("*")];
}
