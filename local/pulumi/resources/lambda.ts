import type { ServiceResources } from "../provider/resource-type";
import { eventSourceMapping } from "./lambda-event-source-mapping";
import { lambdaFunction } from "./lambda-function";
import { eventInvokeConfig, permission } from "./lambda-invocation";

export const lambda: ServiceResources = {
    resources: [lambdaFunction, eventSourceMapping, permission, eventInvokeConfig],
};
