import type { Iam } from "../iam";
import { AwsError, type Caller } from "../service";
import { groupArn, groupName, type LogGroup, type LogGroups, notFound } from "./groups";

/**
 * The group that a call names, once the caller may do this to it, or to a stream in it.
 * @param identifier name or ARN
 */
export type FindGroup = (caller: Caller, action: string, identifier: string | undefined, stream?: string) => LogGroup;

export function groupFinder(iam: Iam, groups: LogGroups): FindGroup {
    return (caller, action, identifier, stream = "") => {
        const name = groupName(required(identifier, "logGroupName"));
        iam.authorize(caller, `logs:${action}`, `${groupArn(name)}:log-stream:${stream}`);
        const group = groups.find(name);
        if (group === undefined) throw notFound("log group");
        return group;
    };
}

export function required<T>(value: T | undefined, name: string): T {
    if (value === undefined) throw invalid(`${name} must be given.`);
    return value;
}

export function invalid(message: string): AwsError {
    return new AwsError("InvalidParameterException", message);
}
