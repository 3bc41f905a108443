import { setTimeout as wait } from "node:timers/promises";
import {
    GetFunctionConcurrencyCommand,
    InvokeCommand,
    type LambdaClient,
    RequestTooLargeException,
    TooManyRequestsException,
} from "@aws-sdk/client-lambda";
import type { Connection } from "./connection";
import { CommandError } from "./exit";
import { type KinesisEventRecord, objectOf, textOf } from "./failure-object";
import { sortlineCommand } from "./next-command";
import type { Stage } from "./stages";

export type CalledStage = Pick<Stage, "name" | "functionName">;

/** How often a busy stage is called, each time with the SDK's own repetitions; for about 15 seconds in all. */
const ATTEMPTS = 8;
/** Milliseconds. */
const SHORTEST_WAIT = 100;
const LONGEST_WAIT = 5000;

/** What a stage's function answered. */
export interface Answer {
    /** Why Lambda did not call it, and what to do. */
    readonly notCalled?: { readonly what: string; readonly remedy: string };
    /** Why the call failed as a whole. */
    readonly error?: string;
    /** Index of the first record that is not done. */
    readonly failedAt?: number;
    /** Keys of failures by the rejected record's sequence number. */
    readonly rejections: ReadonlyMap<string, string>;
    /** Sequence numbers of records that the stage's filter leaves out. */
    readonly filtered?: ReadonlySet<unknown>;
}

/** Calls a stage's function with records, again where it is busy. */
export async function callStage(
    connection: Connection,
    stage: CalledStage,
    records: readonly KinesisEventRecord[],
): Promise<Answer> {
    const { lambda } = connection.clients;
    const deploy = sortlineCommand(connection, "up");
    for (let attempt = 1; ; attempt++) {
        try {
            return await call(connection, stage.functionName, records);
        } catch (error) {
            if (error instanceof RequestTooLargeException) {
                return { error: "it is larger than a call may be", rejections: new Map() };
            }
            if (!(error instanceof TooManyRequestsException)) throw error;
            const concurrency = await concurrencyOf(lambda, stage);
            if (concurrency === 0) return { notCalled: switchedOff(stage, deploy), rejections: new Map() };
            if (attempt === ATTEMPTS) return { notCalled: busy(stage, concurrency, deploy), rejections: new Map() };
            await wait(Math.random() * Math.min(LONGEST_WAIT, SHORTEST_WAIT * 2 ** attempt));
        }
    }
}

async function concurrencyOf(lambda: LambdaClient, { functionName }: CalledStage): Promise<number | undefined> {
    const answer = await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName: functionName }));
    return answer.ReservedConcurrentExecutions;
}

function switchedOff({ name }: CalledStage, deploy: string): Answer["notCalled"] {
    return {
        what: `The stage "${name}" is switched off (concurrency 0).`,
        remedy: `Raise its \`concurrency\` in the program, or leave it out, and deploy: ${deploy}`,
    };
}

function busy({ name }: CalledStage, concurrency: number | undefined, deploy: string): Answer["notCalled"] {
    const limit = concurrency === undefined ? "the account's concurrency" : `its concurrency, ${concurrency},`;
    return {
        what: `The stage "${name}" is busy: in ${ATTEMPTS} attempts ${limit} was used up by other calls.`,
        remedy: `Try again later, or raise its \`concurrency\` in the program and deploy: ${deploy}`,
    };
}

async function call(
    connection: Connection,
    functionName: string,
    records: readonly KinesisEventRecord[],
): Promise<Answer> {
    const { FunctionError, Payload } = await connection.clients.lambda.send(
        new InvokeCommand({
            FunctionName: functionName,
            Payload: Buffer.from(JSON.stringify({ Records: records, reportRejections: true }), "utf8"),
        }),
    );
    const answer = objectOf(parsed(Payload));
    if (FunctionError !== undefined) {
        // Its message may quote a record; the type is a name.
        const type = textOf(answer?.errorType) ?? "an error";
        return { error: `the function failed (${type}); see its log`, rejections: new Map() };
    }
    const { batchItemFailures, rejections, filtered } = answer ?? {};
    if (!Array.isArray(batchItemFailures) || !Array.isArray(rejections)) {
        throw new CommandError(
            `The function ${functionName} does not answer as a stage of this version does. Deploy the program first: ${sortlineCommand(connection, "up")}`,
        );
    }
    const failed = new Set(batchItemFailures.map((each: unknown) => textOf(objectOf(each)?.itemIdentifier)));
    const failedAt = records.findIndex(({ kinesis }) => failed.has(kinesis.sequenceNumber));
    if (failed.size > 0 && failedAt < 0) {
        return { error: "the function reported a record that it was not given", rejections: new Map() };
    }
    const keys = rejections.flatMap((each: unknown) => {
        const { itemIdentifier, key } = objectOf(each) ?? {};
        return typeof itemIdentifier === "string" && typeof key === "string" ? [[itemIdentifier, key] as const] : [];
    });
    return {
        ...(failedAt < 0 ? {} : { failedAt }),
        rejections: new Map(keys),
        filtered: new Set(Array.isArray(filtered) ? filtered : []),
    };
}

function parsed(payload: Uint8Array | undefined): unknown {
    try {
        return JSON.parse(Buffer.from(payload ?? []).toString("utf8")) as unknown;
    } catch {
        return undefined;
    }
}
