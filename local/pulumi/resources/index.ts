import type { ServiceResources } from "../provider/resource-type";
import { identity } from "./identity";
import { kinesis } from "./kinesis";
import { sqs } from "./sqs";

/** All resource types and functions that the twin has. */
export const serviceResources: readonly ServiceResources[] = [identity, kinesis, sqs];
