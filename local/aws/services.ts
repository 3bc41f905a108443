import type { CloudWatch } from "./cloudwatch";
import type { DynamoDb } from "./dynamodb";
import type { Events } from "./events";
import type { Iam } from "./iam";
import type { Kinesis } from "./kinesis";
import type { Lambda } from "./lambda";
import type { Logs } from "./logs";
import type { S3 } from "./s3";
import type { SageMaker } from "./sagemaker";
import { isAwsService } from "./service";
import type { Sns } from "./sns";
import type { Sqs } from "./sqs";
import type { Ssm } from "./ssm";
import type { Sts } from "./sts";

/** The services of the twin. IAM is called in-process only; the others answer requests too. */
export interface Services {
    readonly cloudwatch: CloudWatch;
    readonly kinesis: Kinesis;
    readonly s3: S3;
    readonly sqs: Sqs;
    readonly sns: Sns;
    readonly dynamodb: DynamoDb;
    readonly logs: Logs;
    readonly events: Events;
    readonly lambda: Lambda;
    readonly sagemaker: SageMaker;
    readonly ssm: Ssm;
    readonly sts: Sts;
    readonly iam: Iam;
}

/** By the name in a signature: the operations that a service answers requests for. */
export function servedOperations(services: Services): Map<string, readonly string[]> {
    const served = new Map<string, readonly string[]>();
    for (const service of Object.values(services) as readonly object[]) {
        if (!isAwsService(service) || !("operations" in service)) continue;
        for (const name of service.signingNames) served.set(name, Object.keys(Object(service.operations)));
    }
    return served;
}
