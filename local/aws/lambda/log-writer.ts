import type { TwinContext } from "../context";
import { AwsError, account, type Caller, partition, region, root } from "../service";
import type { StoredFunction } from "./function-store";
import type { LogEvent } from "./log-lines";

/**
 * Writes an environment's output to CloudWatch Logs as the function's role. As on AWS, a role that may not is no error:
 * the lines are lost, and so they are on a full disk. The twin says so once.
 */
export function createLogWriter(
    { iam, services, report }: TwinContext,
    of: StoredFunction,
    stream: string,
): (events: readonly LogEvent[]) => Promise<void> {
    const group = of.settings.LogGroup;
    const groupArn = `arn:${partition}:logs:${region}:${account}:log-group:${group}`;
    const caller: Caller = { kind: "role", roleArn: of.settings.Role, sessionName: of.name };
    let refused = false;

    async function prepare(): Promise<void> {
        const { logGroups } = await services().logs.operations.DescribeLogGroups({ logGroupNamePrefix: group }, root);
        if (logGroups?.some(({ logGroupName }) => logGroupName === group) !== true) {
            iam.authorize(caller, "logs:CreateLogGroup", `${groupArn}:*`);
            // Environments of one function start side by side: another one may have been faster.
            await services()
                .logs.operations.CreateLogGroup({ logGroupName: group }, root)
                .catch((error: unknown) => {
                    if (!(error instanceof AwsError && error.code === "ResourceAlreadyExistsException")) throw error;
                });
        }
        iam.authorize(caller, "logs:CreateLogStream", `${groupArn}:log-stream:${stream}`);
    }

    let prepared: Promise<void> | undefined;
    return async (events) => {
        try {
            prepared ??= prepare();
            await prepared;
            iam.authorize(caller, "logs:PutLogEvents", `${groupArn}:log-stream:${stream}`);
            await services().logs.append(group, stream, events);
            refused = false;
        } catch (error) {
            // What the disk is to blame for may be over with the next lines.
            if (!(error instanceof AwsError)) prepared = undefined;
            if (refused) return;
            refused = true;
            const reason = error instanceof AwsError ? error.message : String(error);
            report({ level: "warning", source: "lambda", message: `${of.name} writes no log: ${reason}` });
        }
    };
}
