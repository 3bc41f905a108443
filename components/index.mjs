// For ES modules: the same module instance that CommonJS gets.
import sortline from "../dist/components/index.js";

export const {
    EventStream,
    InlineError,
    allow,
    allowOnAll,
    hasRunTimeSide,
    inline,
    instances,
    LambdaStage,
    MailIntake,
    ModelEndpoint,
    ModelRegistry,
    RecordIndex,
    RejectRecord,
    runTimeOnly,
    runTimeSide,
    serverless,
    StoredMail,
    TrainingJob,
    WorkQueue,
} = sortline;
