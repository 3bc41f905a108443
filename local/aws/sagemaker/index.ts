import type { TwinContext } from "../context";
import { jsonService } from "../protocol/json";
import { decodeMembers } from "../protocol/shape";
import type { AwsService } from "../service";
import { createServing, type ServingOperations, type ServingOptions } from "./endpoints";
import { handleRuntimeRequest, isRuntimeRequest } from "./endpoints/runtime-protocol";
import { decodeListRequest } from "./listing";
import { createRegistry, type RegistryOperations } from "./registry";
import { createTags, type TagOperations } from "./tags";
import { createTraining, type TrainingOperations, type TrainingOptions } from "./training";
import { createTuning, type TuningOperations, tuningShapes } from "./tuning";

export type SageMakerOperations = TagOperations &
    TrainingOperations &
    TuningOperations &
    RegistryOperations &
    ServingOperations;

export interface SageMaker extends AwsService {
    readonly operations: SageMakerOperations;
    /**
     * Settles and brings back what an earlier run of the twin left: training jobs that ran have failed, tuning jobs go on
     * and try those again, endpoints come back into service in the background. To be called once all services are made
     * and the port is open.
     */
    start(): Promise<void>;
    /** Ends all jobs and model servers. Their state stays as it is. */
    close(): Promise<void>;
}

/** Durations that tests shorten. */
export type SageMakerOptions = TrainingOptions & ServingOptions;

/** Amazon SageMaker as the twin has it: it trains and serves by the container contract, in child processes. */
export function createSageMaker(context: TwinContext, options: SageMakerOptions = {}): SageMaker {
    const tags = createTags(context);
    const training = createTraining(context, tags, options);
    const tuning = createTuning(context, tags, training);
    const registry = createRegistry(context, tags);
    const serving = createServing(context, tags, registry, options);
    const { InvokeEndpoint, ...control } = {
        ...tags.operations,
        ...training.operations,
        ...tuning.operations,
        ...registry.operations,
        ...serving.operations,
    };
    const json = jsonService({
        signingNames: ["sagemaker"],
        targetPrefixes: ["SageMaker"],
        contentType: "application/x-amz-json-1.1",
        operations: control,
        decode: {
            ...Object.fromEntries(
                Object.keys(control)
                    .filter((name) => name.startsWith("List"))
                    .map((name) => [name, decodeListRequest]),
            ),
            ...Object.fromEntries(
                Object.entries(tuningShapes).map(([name, shape]) => [name, (input) => decodeMembers(shape, input)]),
            ),
        },
    });
    return {
        signingNames: json.signingNames,
        handle: (request) =>
            isRuntimeRequest(request) ? handleRuntimeRequest({ InvokeEndpoint }, request) : json.handle(request),
        operations: { ...control, InvokeEndpoint },
        async start() {
            training.start();
            tuning.start();
            serving.start();
        },
        async close() {
            await tuning.close();
            await Promise.all([training.close(), serving.close()]);
        },
    };
}
