import { validate as validateInput } from "sortline:input-schema";
import { validate as validateOutput } from "sortline:output-schema";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { S3Client } from "@aws-sdk/client-s3";
import type { RecordKind } from "./envelope";
import { environmentVariable } from "./environment";
import { type Handle, streamHandler } from "./stream-handler";

/** Known when the artefact is made. */
export interface StageSettings {
    readonly stage: string;
    readonly source: string;
    readonly mode: "record" | "batch";
    /** What is on the stream that the stage writes to. */
    readonly into?: RecordKind;
}

/** Surrounds a stage's callback with what makes it a consumer of a stream. */
export function adapt(
    handler: Handle["handler"],
    settings: StageSettings,
    callbacks: { readonly partitionBy?: (datum: unknown) => string } = {},
) {
    const { stage, source, mode, into } = settings;
    return streamHandler({
        stage,
        source,
        handle: { mode, handler } as Handle,
        validate: validateInput,
        into:
            into === undefined || validateOutput === undefined
                ? undefined
                : {
                      streamName: environmentVariable("SORTLINE_INTO_STREAM"),
                      kind: into,
                      validate: validateOutput,
                      partitionBy: callbacks.partitionBy,
                  },
        failureBucket: environmentVariable("SORTLINE_FAILURE_BUCKET"),
        kinesis: new KinesisClient({}),
        s3: new S3Client({}),
    });
}
