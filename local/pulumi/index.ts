export { type DeployOptions, type DeployResult, deploy, destroy } from "./deploy";
export { DeployError, type EngineEvent, type OperationKind, type ResourceEvent } from "./events";
export { type ExportedResource, exportStack, type StackExport } from "./export";
export type { KeepReady } from "./program";
