// What tests of programs import: `import { startLocal } from "sortline/testing"`.
export type { FaultPlan } from "../local/aws/faults";
export type { Duration } from "./clock";
export { InvalidOptions, type LocalOptions } from "./options";
export type { RecordOf, StreamName } from "./program";
export type { RedrivenRecord, StageFailure, StageOutcome } from "./stages";
export { type Local, startLocal } from "./start";
