import { GetLogEventsCommand, paginateDescribeLogStreams } from "@aws-sdk/client-cloudwatch-logs";
import type { Connection } from "../connection";
import { printable } from "../terminal";

/** Hands on, at each call, what a training job has logged since the last call. */
export function jobLog(connection: Connection, job: string, onLine: (line: string) => void): () => Promise<void> {
    const logGroupName = "/aws/sagemaker/TrainingJobs";
    const tokens = new Map<string, string | undefined>();
    return async () => {
        try {
            const pages = paginateDescribeLogStreams(
                { client: connection.clients.logs },
                { logGroupName, logStreamNamePrefix: `${job}/` },
            );
            for await (const page of pages) {
                for (const { logStreamName } of page.logStreams ?? []) {
                    if (logStreamName === undefined) continue;
                    for (let isMore = true; isMore; ) {
                        const nextToken = tokens.get(logStreamName);
                        const answer = await connection.clients.logs.send(
                            new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true, nextToken }),
                        );
                        for (const { message } of answer.events ?? []) onLine(printable(message ?? ""));
                        tokens.set(logStreamName, answer.nextForwardToken);
                        // A page holds 1 MB at most and may be empty; only at the end the token stays the same.
                        isMore = answer.nextForwardToken !== undefined && answer.nextForwardToken !== nextToken;
                    }
                }
            }
        } catch (error) {
            if ((error as Error).name !== "ResourceNotFoundException") throw error;
        }
    };
}
