import type { TwinContext } from "../context";
import { jsonService } from "../protocol/json";
import type { AwsService } from "../service";
import { decodeListRequest } from "./listing";
import { createTags, type TagOperations } from "./tags";
import { createTraining, type TrainingOperations, type TrainingOptions } from "./training";

export type SageMakerOperations = TagOperations & TrainingOperations;

export interface SageMaker extends AwsService {
    readonly operations: SageMakerOperations;
    /** Settles what an earlier run of the twin left behind. To be called once all services are made and served. */
    start(): Promise<void>;
    close(): Promise<void>;
}

/** Durations that tests shorten. */
export type SageMakerOptions = TrainingOptions;

/** Amazon SageMaker as the twin has it: it trains and serves by the container contract, in child processes. */
export function createSageMaker(context: TwinContext, options: SageMakerOptions = {}): SageMaker {
    const tags = createTags(context);
    const training = createTraining(context, tags, options);
    const operations = { ...tags.operations, ...training.operations };
    const json = jsonService({
        signingNames: ["sagemaker"],
        targetPrefixes: ["SageMaker"],
        contentType: "application/x-amz-json-1.1",
        operations,
        decode: Object.fromEntries(
            Object.keys(operations)
                .filter((name) => name.startsWith("List"))
                .map((name) => [name, decodeListRequest]),
        ),
    });
    return {
        ...json,
        operations,
        async start() {
            training.start();
        },
        async close() {
            await training.close();
        },
    };
}
