export { type Autoscaling, type EndpointCapacity, instances, serverless } from "./capacity";
export { type Emits, EventStream, type EventStreamArgs, type Filtered } from "./event-stream";
export {
    allow,
    allowOnAll,
    type BundleOptions,
    type EntryFile,
    type Grant,
    type HasRunTimeSide,
    hasRunTimeSide,
    type InlineCallback,
    InlineError,
    type InlineFunction,
    type InlineOptions,
    inline,
    type NodeRuntime,
    type PolicyStatement,
    type RunTimeMethod,
    type RunTimeSide,
    runTimeOnly,
    runTimeSide,
} from "./inline";
export type { Architecture, Tracing } from "./lambda-function";
export { LambdaStage, type LambdaStageArgs } from "./lambda-stage";
export type { LogRetentionDays } from "./log-retention";
export { MailIntake, type MailIntakeArgs } from "./mail-intake";
export { ModelEndpoint, type ModelEndpointArgs } from "./model-endpoint";
export type { ModelPin, PinnedModel } from "./model-pin";
export { ModelRegistry, type ModelRegistryArgs } from "./model-registry";
export type { Network } from "./network";
export type { RecordFilter } from "./record-filter";
export { RecordIndex, type RecordIndexArgs } from "./record-index";
export type { Prediction } from "./runtime/endpoint";
export type { ChampionEvaluation, Evaluation } from "./runtime/evaluation";
export { RejectRecord } from "./runtime/reject-record";
export type { StartedRun } from "./runtime/start-run";
export type { StreamWindow } from "./runtime/stream-window";
export type { Decision, ModelPolicy, Verdict } from "./runtime/verdict";
export type { InferenceProcessor } from "./sagemaker-image";
export type { RecordSchema } from "./schema";
export type { StageAlarms } from "./stage-alarms";
export type { StageBatch, StageOptions } from "./stage-options";
export type { StartAt } from "./start-position";
export { StoredMail } from "./stored-mail";
export type { StreamCapacity } from "./stream-capacity";
export { TrainingJob, type TrainingJobArgs } from "./training/training-job";
export type { TrainingInstances, TrainingOptions } from "./training/training-options";
export { TuningJob } from "./training/tuning-job";
export { maximize, minimize, type Objective, type TuningJobArgs, type TuningStrategy } from "./training/tuning-options";
export {
    type Choice,
    logUniform,
    type NumberRange,
    oneOf,
    range,
    type SearchRange,
    uniform,
} from "./training/tuning-range";
export type { Algorithm } from "./training-algorithm";
export type { Transform } from "./transform";
export type { WindowHandler, WindowStageOptions } from "./window-stage";
export { WorkQueue, type WorkQueueArgs } from "./work-queue";
