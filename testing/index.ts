// What tests of programs import: `import { startLocal } from "sortline/testing"`.
export type { FaultPlan } from "../local/aws/faults";
export type { Duration } from "./clock";
export type { RecordOf, StreamName } from "./program";
export type { RedrivenRecord, StageFailure, StageOutcome } from "./stages";
export { type Local, type LocalOptions, startLocal } from "./start";
