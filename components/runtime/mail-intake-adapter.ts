import { validate } from "sortline:output-schema";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { S3Client } from "@aws-sdk/client-s3";
import { hideTextOfCrashes } from "./crashes";
import { destinationOf } from "./destination";
import type { RecordKind } from "./envelope";
import { lazy } from "./lazy";
import { mailIntake } from "./mail-intake";
import { objectStore } from "./object-store";

/** Known when the artefact is made. */
export interface MailIntakeSettings {
    readonly stage: string;
    readonly source: string;
    readonly into: RecordKind;
}

/** The intake's function. It has no callback of the user's but the stream's `partitionBy`. */
export function adapt(
    _callback: unknown,
    { stage, source, into }: MailIntakeSettings,
    callbacks: { readonly partitionBy?: (datum: unknown) => string } = {},
) {
    if (validate === undefined) throw new Error("The intake was bundled without the schema of its stream.");
    hideTextOfCrashes();
    const kinesis = lazy(() => new KinesisClient({}));
    return mailIntake({
        stage,
        source,
        into: destinationOf(into, validate, callbacks.partitionBy),
        kinesis,
        s3: lazy(() => new S3Client({})),
        store: objectStore(() => kinesis().config),
    });
}
